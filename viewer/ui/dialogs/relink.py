"""Find pictures that were moved: a folder, what of them lies in it, and only then what is written down."""

from pathlib import Path
from threading import Event as Stop
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QLineEdit, QTreeWidget, QVBoxLayout, QWidget

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_field, set_name, set_text, tree_row
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.typed_path import typed_path
from viewer.ui.state.worker import while_there

if TYPE_CHECKING:
    from viewer.project.relinking import RelinkPlan
    from viewer.ui.flows.desk import Desk

MOST_ROWS = 500
WHAT = (
    "Pictures are known again by what they hold, never by their name: by the SOP Instance UID and the pixels of DICOM, "
    "by the pixels of others. Name a folder in which they may lie. Labels and cases stay as they are."
)


class RelinkDialog(BoundedDialog):
    """Searches in the background; what was found is shown before anything is written."""

    progressed = Signal(int, int)

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stop: Stop | None = None
        self.plan: RelinkPlan | None = None
        self.setWindowTitle("Find moved pictures")
        self.setMinimumSize(560, 420)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        what = Paragraph("second")
        set_text(what, f"{session.relinking.sentence} {WHAT}".strip())
        column.addWidget(what)
        column.addLayout(self._folder_row())
        self.list = QTreeWidget()
        self.list.setHeaderLabels(("Picture", "Where it is"))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("What was found")
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        column.addWidget(self.list, 1)
        self.words = Paragraph("second")
        column.addWidget(self.words)
        column.addLayout(self._buttons())
        self.progressed.connect(self._on_progress)
        self.folder.setFocus()

    def _folder_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.folder = QLineEdit()
        set_name(self.folder, "Folder to search")
        self.browse = KeyButton(self._session.icons, "Browse", icon="folder", height_px=26)
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        self.search = KeyButton(self._session.icons, "Search", icon="search", height_px=26)
        self.search.setAutoDefault(False)
        self.search.clicked.connect(self.look)
        self.folder.textChanged.connect(self._on_changed)
        self.folder.returnPressed.connect(self._on_return)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        row.addWidget(self.search)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel_button(self, self._session.icons))
        self.take = KeyButton(self._session.icons, "Use what was found", key="Return", icon="accept", kind="primary")
        self.take.setDefault(True)
        self.take.setEnabled(False)
        self.take.clicked.connect(self._on_take)
        row.addWidget(self.take)
        return row

    def _on_browse(self) -> None:
        start = self.folder.text() or self._session.settings.word("last_folder", str(Path.home()))
        chosen = QFileDialog.getExistingDirectory(self, "Folder in which the pictures may lie", start)
        if chosen:
            set_field(self.folder, chosen)
            self.look()

    def _on_changed(self) -> None:
        """What was found in another folder is not what this one holds."""
        self._end_search()
        self.plan = None
        self.list.clear()
        self.take.setEnabled(False)
        set_text(self.words, "")

    def _on_return(self) -> None:
        if self.plan is None:
            self.look()

    def look(self) -> None:
        """Search the named folder."""
        if not self.folder.text().strip():
            set_text(self.words, "Name a folder first.")
            return
        self._on_changed()
        stop = self._stop = Stop()
        set_text(self.words, "Searching…")

        def done(plan: "RelinkPlan") -> None:
            if stop is self._stop:
                self._stop = None
                self._show(plan)

        def failed(error: Exception) -> None:
            if stop is self._stop:
                self._stop = None
                words = str(error) if isinstance(error, AppError) else "The folder could not be searched."
                set_text(self.words, words)

        folder = typed_path(self.folder.text())
        told, refused = while_there(self, done), while_there(self, failed)
        progress = while_there(self, self.progressed.emit)
        self._session.relinking.search([folder], told, refused, progress=progress, stop=stop)

    def _on_progress(self, done: int, total: int) -> None:
        if self._stop is not None:
            set_text(self.words, f"Searching: {done} of {counted(total, 'file')} read.")

    def _show(self, plan: "RelinkPlan") -> None:
        self.plan = plan
        rows: list[tuple[str, str]] = [(one.record.path.name, str(one.file.path)) for one in plan.found]
        rows += [(one.record.path.name, f"in {len(one.paths)} files alike, so not taken") for one in plan.several]
        rows += [(one.path.name, "not found") for one in plan.not_found]
        rows += [(one.path.name, f"not taken: {one.reason}") for one in plan.problems]
        for number, row in enumerate(rows[:MOST_ROWS], start=1):
            found = "found" if number <= len(plan.found) else "not found"
            tree_row(self.list, (f"Picture {number}", found) if self._session.names_hidden else row)
        if len(rows) > MOST_ROWS:
            tree_row(self.list, (f"and {counted(len(rows) - MOST_ROWS, 'row')} more", ""))
        set_text(self.words, plan.sentence)
        self.take.setEnabled(bool(plan.found))
        if plan.found:
            self.take.setFocus()

    def _on_take(self) -> None:
        if self.plan is not None:
            self._session.relinking.take(self.plan)
            self.accept()

    def _end_search(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def done(self, result: int) -> None:
        """Closing it ends the search; nothing was written."""
        self._end_search()
        super().done(result)
