"""The run on other projects: the figure that decides on each site, beside that on its own test part."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ml.evaluation.page import MODEL
from ml.evaluation.shared_reasons import SharedReasons
from ml.metric_words import metric_title
from ml.report_job import EXTERNAL, OF_FOLDS
from viewer.core.text.counting import counted
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.rows import Rows
from viewer.ui.run_page.side_strip import SideStrips

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

ASK = "Test on another project…"
NONE_YET = "Nothing is known of it on films of others: choose a project whose snapshot has the same labels."
OWN = "its own test part"


class ExternalCard(Card):
    """Seen of a run that has finished."""

    title = "On other projects"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._told: Told | None = None
        self.words, self.rows, self.reasons = Paragraph("second"), Rows(2), Paragraph("caption")
        self.strips = SideStrips(session)
        self.ask = KeyButton(session.icons, ASK, icon="play")
        self.ask.setToolTip("All cases of another project's snapshot, labels matched by their names")
        self.ask.clicked.connect(self._on_ask)
        self.head.addWidget(self.ask)
        for widget in (self.words, self.rows, self.reasons, self.strips):
            self.body.addWidget(widget)

    def tell(self, told: Told) -> None:
        """The sites, in the order of their snapshots' ids."""
        self._told = told
        self.setVisible(told.run.state == "finished")
        jobs = sites_of(told)
        side = {} if told.facts is None else told.facts.side
        judged = [(of.where, of.report) for of in (side.get(job.folder) for _, job in jobs) if of and of.report]
        set_text(self.words, NONE_YET)
        self.words.setVisible(not jobs)
        own = None if told.facts is None else told.facts.report
        self._show(([(OWN, own)] if own is not None else []) + judged if judged else [])
        self.strips.show_jobs([(run, job, side.get(job.folder)) for run, job in jobs])

    def _show(self, judged: "list[tuple[str, Mapping[str, Any]]]") -> None:
        for widget in (self.rows, self.reasons):
            widget.setVisible(bool(judged))
        figures = [of["answers"][MODEL].get(str(of["decides"])) or {} for _, of in judged]
        reasons = SharedReasons(figures)
        self.rows.show_rows(
            [
                (
                    f"On {where}",
                    f"{metric_title(str(of['decides']))} {reasons.cell(figure)}, "
                    f"{counted(of['cases'], 'case')} of {counted(of['patients'], 'patient')}"
                    + (f" · {of['seen']['mark']}" if of["seen"]["mark"] else ""),
                )
                for (where, of), figure in zip(judged, figures, strict=True)
            ]
        )
        set_text(self.reasons, " ".join(reasons.lines))
        self.reasons.setVisible(bool(judged) and bool(reasons.lines))

    def _on_ask(self) -> None:
        from viewer.ui.dialogs.external_test import ExternalTestDialog

        if self._told is not None:
            ExternalTestDialog(self._session, self._told.run, finished(self._told.folds), self.window()).open()


def sites_of(told: Told) -> "list[tuple[RunState, RunState]]":
    """The external tests of a run, then those of all its folds as one model, which lie with the first: each with the
    run that it lies with."""
    own = [(told.run, job) for job in told.run.side_reports if not job.run_id.endswith(OF_FOLDS)]
    whole = [(run, job) for run in told.folds[:1] for job in run.side_reports if job.run_id.endswith(OF_FOLDS)]
    return [(run, job) for run, job in (*own, *whole) if job.run_id.startswith(EXTERNAL)]


def finished(folds: "tuple[RunState, ...]") -> "tuple[RunState, ...]":
    """All folds where each has finished; else () : what is not whole is no model."""
    return folds if all(one.state == "finished" for one in folds) else ()
