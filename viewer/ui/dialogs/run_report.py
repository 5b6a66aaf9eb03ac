"""The report of a run: its figures on the test part, with intervals and how they were made."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from ml.evaluation.case_tables import without_names
from ml.evaluation.curves import Curve, as_json, loss_curve
from ml.evaluation.page import PAGE_FILE, report_body
from ml.evaluation.subgroups.forest_picture import forest_rows
from ml.report_job import REPORT_FOLDER
from viewer.ui.dialogs.page_dialog import PageDialog
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.curve_image import curve_image, curve_size, forest_image, forest_size
from viewer.ui.look.plain_text import copy_text, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.announcing import OVER

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


class RunReportDialog(PageDialog):
    """Reads the figures beside the window's thread and shows them as a page of our own, which loads nothing. name: of
    the report's folder in the run's."""

    def __init__(
        self, session: "Desk", run: "RunState", parent: QWidget | None = None, *, name: str = REPORT_FOLDER
    ) -> None:  # fmt: skip
        self._folder, self._name = run.folder, name
        folder = run.folder
        self._pictures: dict[str, QImage] = {}
        losses = [(point.epoch, point.train_loss, point.val_loss) for point in run.curves]
        self._loss = loss_curve(run_title(run), losses)
        super().__init__(
            session, title=f"Report of {run_title(run)}", name="Figures of the report",
            size_px=(760, 600), copied="The report is on the clipboard.", parent=parent,
        )  # fmt: skip

        def read() -> dict[str, Any]:
            from viewer.jobs.reports import read_report

            return read_report(folder, name)

        self.read(read)

    def beside_buttons(self) -> QWidget:
        """Where the same page lies."""
        place = ElidedLabel("rowmid")
        words = f"For a browser: {self._name}/{PAGE_FILE} in the run's folder"
        set_text(place, words)
        set_tip(place, f"{words}\n{self.page_file}")
        return place

    def more_buttons(self) -> tuple[KeyButton, ...]:
        """The path for a browser."""
        self.copy_place = KeyButton(self._session.icons, "Copy its path", icon="folder")
        self.copy_place.clicked.connect(self._on_copy_place)
        return (self.copy_place,)

    def html(self, facts: dict[str, Any]) -> str:
        """The figures and their curves; of a report from before it had any, the run's loss."""
        self._pictures = {}
        if not facts["curves"] and self._loss is not None:
            facts = {**facts, "curves": as_json([self._loss])}
        if self._session.names_hidden:
            facts = {**facts, "tables": without_names(facts["tables"])}
        return report_body(facts, self._picture, self._forest)

    @property
    def pictures(self) -> Mapping[str, QImage]:
        return self._pictures

    def _picture(self, curve: Curve) -> str:
        """A curve drawn in the theme's colours and size; its words are below it on the page."""
        name, (wide, high) = f"curve:{len(self._pictures)}", curve_size(curve, self._session.theme)
        self._pictures[name] = curve_image(curve, self._session.theme)
        return f'<img src="{name}" width="{wide}" height="{high}">'

    def _forest(self, groups: Mapping[str, Any], of_all: float | None) -> str:
        """The intervals of groups, drawn likewise."""
        wide, high = forest_size(groups, self._session.theme)
        if not forest_rows(groups):
            return ""
        self._pictures["groups"] = forest_image(groups, of_all, self._session.theme)
        return f'<img src="groups" width="{wide}" height="{high}">'

    @property
    def page_file(self) -> Path:
        """Where the same page lies, for a browser."""
        return self._folder / self._name / PAGE_FILE

    def _on_copy_place(self) -> None:
        copy_text(str(self.page_file))
        self._session.announced.emit("info", "The path of the page is on the clipboard.")


def open_report(session: "Desk", window: "QWidget", run: "RunState") -> None:
    """Show a run's figures; what says that they are there is past once they were read."""
    dialog = RunReportDialog(session, run, window)

    def read(_result: int) -> None:
        sentence, told = session.jobs.told_report
        if told is not None and told.folder == run.folder:
            session.announced.emit(OVER, sentence)

    dialog.finished.connect(read)
    dialog.open()
