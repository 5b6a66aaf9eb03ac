"""All folds of the training that the run is one of: how far they are, what each reached, all their scores together."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ml.evaluation.page import MODEL
from ml.evaluation.shared_reasons import SharedReasons
from ml.metric_words import metric_title, number_text
from ml.report_job import AS_ONE, FOLDS
from viewer.core.text.counting import counted
from viewer.ui.flows.run_words import STATE_LOOKS
from viewer.ui.flows.to_review import review_with_folds
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import copy_text, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.rows import Rows, first_up
from viewer.ui.run_page.side_strip import SideStrips

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

NOT_YET = "Once all folds have finished they can be judged together: each on what it held out, so every case once."
CAN_BE = "They can be judged together now: each on what it held out, so every case once."
MEAN = "_fold_mean"
COLUMNS = 5  # of the table of folds: more figures stand in the whole report
SHORT = {"standard deviation": "Spread (SD)"}
HEADINGS = {FOLDS: "All folds, each on what it held out", AS_ONE: "The folds as one model"}


class FoldsCard(Card):
    """Seen of a run that is one of several folds."""

    title = "All folds of this training"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._told: Told | None = None
        self._table = Path()
        self.words, self.rows, self.together = Paragraph("second"), Rows(COLUMNS), Rows(2)
        self.reasons, self.kept = Paragraph("caption"), Paragraph("second")
        self.strips = SideStrips(session)
        icons = session.icons
        self.judge = KeyButton(icons, "Judge all folds", icon="play")
        self.judge.setToolTip("Each on what it held out, and all their scores together")
        self.as_one = KeyButton(icons, "Judge them as one model", icon="play")
        self.as_one.setToolTip("The mean of their answers, on the test part that none of them learnt from")
        self.review = KeyButton(icons, "Review with them as one model", icon="predict")
        self.review.setToolTip("They are kept as one model of the project, which says the mean of their answers")
        self.cancel = KeyButton(icons, "Cancel all folds", icon="stop")
        self.cancel.setToolTip("The one at work stops after this step; all can be resumed")
        self.resume = KeyButton(icons, "Resume all folds", icon="play")
        self.resume.setToolTip("From the fold that was at work, at its last finished epoch")
        self.judge.clicked.connect(lambda: self._session.side_tests.ask_folds(self._folds))
        self.as_one.clicked.connect(lambda: self._session.side_tests.ask_folds(self._folds, as_one=True))
        self.review.clicked.connect(lambda: review_with_folds(self._session, self._folds))
        self.cancel.clicked.connect(lambda: self._session.side_tests.cancel_folds(self._folds))
        self.resume.clicked.connect(lambda: self._session.side_tests.resume_folds(self._folds))
        for widget in (self.words, self.rows, self.together, self.reasons):
            self.body.addWidget(widget)
        self.body.addWidget(self._build_kept())
        self.body.addWidget(self.strips)
        for buttons in (
            (self.judge, self.cancel, self.resume),
            (self.as_one,),
            (self.review,),
        ):  # short rows: text may be large
            self.body.addLayout(_row(*buttons))

    def _build_kept(self) -> QWidget:
        """The scores that are kept, and what can be done with them."""
        self.scores = QWidget()
        column = QVBoxLayout(self.scores)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.save = KeyButton(self._session.icons, "Save a copy…", icon="export", height_px=26)
        self.copy = KeyButton(self._session.icons, "Copy the command", icon="folder", height_px=26)
        self.save.clicked.connect(self._on_save)
        self.copy.clicked.connect(self._on_copy)
        column.addWidget(self.kept)
        column.addLayout(_row(self.save, self.copy))
        return self.scores

    @property
    def _folds(self) -> "tuple[RunState, ...]":
        return () if self._told is None else self._told.folds

    def tell(self, told: Told) -> None:
        """The folds in their order, then what their reports say."""
        self._told = told
        folds = told.folds
        self.setVisible(bool(folds))
        if not folds:
            return
        states = {run.state for run in folds}
        done = sum(run.state == "finished" for run in folds)
        self.say_beside(f"{done} of {counted(len(folds), 'fold')} finished")
        jobs = {job.run_id: job for job in folds[0].side_reports}
        whole, one = jobs.get(FOLDS), jobs.get(AS_ONE)
        side = {} if told.facts is None else told.facts.side
        facts = side.get(whole.folder) if whole is not None else None
        document = None if facts is None else facts.report
        set_text(self.words, CAN_BE if states == {"finished"} else NOT_YET)
        self.words.setVisible(document is None)
        table = None if document is None else each_alone(document)
        self.rows.show_rows(table or [state_row(run) for run in folds])
        self._show_together(document, _report(side, one))
        self._show_kept(document, whole)
        self.strips.show_jobs([(folds[0], job, side.get(job.folder)) for job in (whole, one) if job], names=HEADINGS)
        finished = states == {"finished"}
        self.judge.setVisible(finished and whole is None)
        self.as_one.setVisible(finished and one is None)
        self.review.setVisible(finished)
        self.cancel.setVisible(bool(states & {"queued", "running", "paused", "elsewhere"}))
        self.resume.setVisible(bool(states & {"cancelled", "failed", "elsewhere"}))

    def _show_together(self, document: Mapping[str, Any] | None, one: Mapping[str, Any] | None) -> None:
        rows = [] if document is None else pooled(document)
        rows += [] if one is None else [("The folds as one model, test part", str(one["decides"]), one)]
        reasons = SharedReasons(of["answers"][MODEL].get(name) or {} for _, name, of in rows)
        self.together.show_rows(
            [
                (
                    what,
                    f"{metric_title(name.removesuffix(MEAN))} {reasons.cell(of['answers'][MODEL].get(name) or {})}, "
                    f"{counted(of['cases'], 'case')} of {counted(of['patients'], 'patient')}",
                )
                for what, name, of in rows
            ]
        )
        self.together.setVisible(bool(rows))
        said = [*reasons.lines, *([f"Intervals: {rows[0][2]['interval']}."] if rows else [])]
        set_text(self.reasons, " ".join(said))
        self.reasons.setVisible(bool(said))

    def _show_kept(self, document: Mapping[str, Any] | None, whole: "RunState | None") -> None:
        from ml.evaluation.several.out_of_fold import OUT_OF_FOLD

        self.scores.setVisible(document is not None and whole is not None and document["out_of_fold"])
        if whole is None:
            return
        self._table = whole.folder / OUT_OF_FOLD
        set_text(self.kept, f"The score of each case by the fold that held it out is kept in {OUT_OF_FOLD}; "
                 "`negatoscope figures` reads it.")  # fmt: skip
        set_tip(self.kept, str(self._table))

    def _on_copy(self) -> None:
        from ml.evaluation.several.out_of_fold import score_column, truth_column

        labels = [str(label) for label in self._folds[0].recipe.get("labels", ())]
        words = ["negatoscope", "figures", str(self._table), "--truth", truth_column(labels[-1])]
        copy_text(shlex.join([*words, "--score", score_column(labels[-1]), "--patient", "patient"]))
        self._session.announced.emit("info", "The command is on the clipboard.")

    def _on_save(self) -> None:
        where, _ = QFileDialog.getSaveFileName(self, "Save the scores", str(Path.home() / self._table.name), "*.csv")
        table = self._table
        if not where:
            return

        def save() -> None:
            from viewer.jobs.folds import save_scores

            save_scores(table, Path(where))

        self._session.run_in_background(
            save,
            lambda _: self._session.announced.emit("done", f"The scores are saved in {where}."),
            self._session.announce_failure,
            owner=self,
        )


def _row(*buttons: KeyButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def state_row(run: "RunState") -> tuple[str, ...]:
    """A fold that is not judged yet: its state and its figure on validation."""
    point = run.best_point
    value = None if point is None else point.metrics.get(run.metric_name)
    figure = "" if value is None else f"{metric_title(run.metric_name)} {number_text(value)} on validation"
    return (f"Fold {run.fold}", STATE_LOOKS[run.state][0], figure)


def each_alone(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The table of a report that tells each fold, with its heads; [] where it has none."""
    from ml.evaluation.several.each_fold import EACH_FOLD

    table = next((one for one in document["tables"] if one["title"] == EACH_FOLD), None)
    if table is None:
        return []
    rows = [first_words(row) for row in table["rows"]]
    return [tuple(row[:COLUMNS]) for row in (table["columns"], *rows)]


def first_words(row: list[str]) -> list[str]:
    """A row whose first cell says what it is of."""
    return [f"Fold {row[0]}" if row[0].isdigit() else SHORT.get(row[0], first_up(row[0])), *row[1:]]


def pooled(document: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(what it is, the figure's name, the report) of all folds together: their mean where there is one, and all scores
    in one."""
    decides = str(document["decides"])
    plain = decides.removesuffix(MEAN)
    means = [("Mean of the folds", decides, document)] if plain != decides else []
    return [*means, ("All scores out of fold together", plain, document)]


def _report(side: Mapping[Path, Any], job: "RunState | None") -> Mapping[str, Any] | None:
    facts = None if job is None else side.get(job.folder)
    found: Mapping[str, Any] | None = None if facts is None else facts.report
    return found
