"""The report of a run: its figures on the test part, with intervals and how they were made."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ml.evaluation.page import PAGE_FILE, report_body
from ml.report_job import REPORT_FOLDER
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.heading import heading
from viewer.ui.dialogs.page_style import style_page
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import ElidedLabel, Paragraph, separator
from viewer.ui.look.plain_text import OurPage, copy_text, set_name, set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


class RunReportDialog(BoundedDialog):
    """Reads the figures beside the window's thread and shows them as a page of our own, which loads nothing."""

    def __init__(self, session: "Desk", run: "RunState", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder = session, run.folder
        self.document: dict[str, Any] | None = None
        set_title(self, f"Report of {run_title(run)}")
        theme = session.theme
        self.resize(theme.px(760), theme.px(600))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(heading(session.icons, "report", self.windowTitle()))
        self.problem = Paragraph("err")
        self.problem.setContentsMargins(16, 12, 16, 12)
        self.problem.hide()
        layout.addWidget(self.problem)
        self.page = OurPage()
        set_name(self.page, "Figures of the report")
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        layout.addWidget(self.page, 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_footer())
        session.theme_changed.connect(self._show)
        self._read()

    def _build_footer(self) -> QFrame:
        foot = QFrame()
        foot.setProperty("surface", "panel")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        self.place = ElidedLabel("rowmid")
        words = f"For a browser: {REPORT_FOLDER}/{PAGE_FILE} in the run's folder"
        set_text(self.place, words)
        set_tip(self.place, f"{words}\n{self.page_file}")
        row.addWidget(self.place, 1)
        icons = self._session.icons
        self.copy = KeyButton(icons, "Copy as text", icon="export")
        self.copy_place = KeyButton(icons, "Copy its path", icon="folder")
        self.shut = KeyButton(icons, "Close", key="Esc", kind="primary")
        self.shut.setDefault(True)
        for button in (self.copy, self.copy_place, self.shut):
            row.addWidget(button)
        self.copy.clicked.connect(self._on_copy)
        self.copy_place.clicked.connect(self._on_copy_place)
        self.shut.clicked.connect(self.accept)
        return foot

    @property
    def page_file(self) -> Path:
        """Where the same page lies, for a browser."""
        return self._folder / REPORT_FOLDER / PAGE_FILE

    def _read(self) -> None:
        folder = self._folder

        def read() -> dict[str, Any]:
            from viewer.jobs.reports import read_report

            return read_report(folder)

        def done(document: dict[str, Any]) -> None:
            self.document = document
            self._show()

        def failed(error: Exception) -> None:
            set_text(self.problem, str(error))
            self.problem.show()
            self.copy.setEnabled(False)

        self._session.run_in_background(read, done, failed)

    def _show(self, *_: object) -> None:
        style_page(self.page, self._session.theme)
        if self.document is not None:
            self.page.show_page(report_body(self.document))

    def _on_copy(self) -> None:
        copy_text(self.page.toPlainText())
        self._session.announced.emit("info", "The report is on the clipboard.")

    def _on_copy_place(self) -> None:
        copy_text(str(self.page_file))
        self._session.announced.emit("info", "The path of the page is on the clipboard.")


def open_report(session: "Desk", window: "QWidget", run: "RunState") -> None:
    """Show a run's figures."""
    RunReportDialog(session, run, window).open()
