"""The run on its test part: to be asked for, with the seal told; then the figures, the controls and what they say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ml.evaluation.page import MODEL, headline
from ml.evaluation.shared_reasons import SharedReasons
from ml.metric_words import grouped, metric_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_text
from viewer.ui.panels.run_report import ReportStrip
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.rows import Rows, first_up

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

NOT_FINISHED = "A run is judged once it has finished."
MOST_ROWS = 14  # figures; all of them stand in the whole report


class ReportCard(Card):
    """The strip that asks, the figure that decides, the sentence about the controls, and both in rows."""

    title = "On the test part"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._told: Told | None = None
        self.report = ReportStrip(session)
        self.report.evaluate_asked.connect(self._on_evaluate)
        self.report.cancel_asked.connect(self._on_cancel)
        self.report.open_asked.connect(self._on_open)
        self.sentence = Paragraph("strong")
        self.figures, self.controls = Rows(2), Rows(3)
        self.beside_it = text_label("The same cases without the network", "section")
        self.reasons = Paragraph("caption")
        for widget in (self.report, self.sentence, self.figures, self.beside_it, self.controls, self.reasons):
            self.body.addWidget(widget)

    def tell(self, told: Told) -> None:
        """How it is with the report, and what it says."""
        self._told = told
        run, facts = told.run, told.facts
        self.report.show_run(run)
        why = "" if run.state == "finished" else NOT_FINISHED
        self.lack(why or ("" if facts is None else facts.no_report))
        document = None if facts is None or why else facts.report
        for widget in (self.sentence, self.figures, self.beside_it, self.controls, self.reasons):
            widget.setVisible(document is not None)
        if document is not None:
            self._show(document)

    def _show(self, document: Mapping[str, Any]) -> None:
        answers = document["answers"]
        decides = str(document["decides"])
        set_text(self.sentence, str(document["sentence"]) or headline(document))
        own = [name for _, each in grouped(answers[MODEL]) for name in each if ":" not in name]
        first = sorted(own, key=lambda name: name != decides)[:MOST_ROWS]
        others = {who: figures for who, figures in answers.items() if who != MODEL}
        told = [answers[MODEL][name] for name in first] + [figures.get(decides) for figures in others.values()]
        reasons = SharedReasons(figure or {} for figure in told)
        self.figures.show_rows(
            [(first_up(metric_title(name)), reasons.cell(answers[MODEL][name] or {})) for name in first]
        )
        tells = {row["name"]: row["tells"] or row["why"] for row in document.get("controls") or ()}
        title = metric_title(decides)
        self.controls.show_rows(
            [
                (first_up(who), f"{title} {reasons.cell(of.get(decides) or {})}", tells.get(who, ""))
                for who, of in others.items()
            ]
        )
        self.beside_it.setVisible(bool(others))
        set_text(self.reasons, " ".join((*reasons.lines, f"Intervals: {document['interval']}.")))

    def _on_evaluate(self, seen_anyway: bool) -> None:  # noqa: FBT001  # as the signal tells it
        if self._told is not None:
            self._session.jobs.evaluate(self._told.run, seen_anyway=seen_anyway)

    def _on_cancel(self) -> None:
        if self._told is not None:
            self._session.jobs.cancel_report(self._told.run)

    def _on_open(self) -> None:
        from viewer.ui.dialogs.run_report import open_report

        if self._told is not None:
            open_report(self._session, self.window(), self._told.run)
