"""The report: files that could not be shown, each with its reason."""

from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.text.table_text import tab_text
from viewer.ui.look.plain_text import copy_text, set_tip, tree_row
from viewer.ui.views.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.ui.flows.desk import Desk


def common_folder(folders: "Sequence[str]") -> str:
    """The folder in which all of several folders lie; "" where there is none to leave out."""
    if len(set(folders)) < 2:
        return ""
    try:
        found = commonpath(folders)
    except ValueError:  # on several drives
        return ""
    return "" if Path(found).parent == Path(found) else found


class ReportPanel(QWidget):
    """One row per file."""

    title = "Report"
    area = "bottom"
    workspaces: tuple[str, ...] = ()
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.list = QTreeWidget()
        self.list.setHeaderLabels(("File", "Why it is not shown", "Folder"))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("Files that are not shown")
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._copy = QPushButton("Copy as text")
        self._copy.clicked.connect(self._on_copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setContentsMargins(10, 6, 10, 8)
        row.addStretch(1)
        row.addWidget(self._copy)
        column.addLayout(row)
        session.scan_finished.connect(lambda _: self._fill())
        session.names_hidden_changed.connect(lambda _: self._fill())
        session.closing.closed.connect(lambda _: self._fill())
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        hidden = self._session.names_hidden
        folders = [str(problem.path.parent) for problem in self._session.problems]
        shared = common_folder(folders)
        for number, problem in enumerate(self._session.problems, start=1):
            # The other columns say where it lies; a long path would hide the reason.
            reason = problem.reason.replace(str(problem.path), problem.path.name)
            name, folder = (f"File {number}", "") if hidden else (problem.path.name, str(problem.path.parent))
            # Of folders below one the part that differs is told; the whole stands in the tool tip.
            below = f"…{folder[len(shared) :]}" if shared and folder else folder
            item = tree_row(self.list, (name, spoken(self._session, reason), below))
            set_tip(item, spoken(self._session, problem.reason), 1)
            set_tip(item, folder, 2)
        count = len(self._session.problems)
        self.count_changed.emit(f"{count} file{'s' if count != 1 else ''}" if count else "")
        self._copy.setEnabled(bool(count))

    def _on_copy(self) -> None:
        rows = [(str(problem.path), problem.reason) for problem in self._session.problems]
        copy_text(tab_text(rows))
        self._session.said.emit(f"{len(rows)} lines are on the clipboard.")
