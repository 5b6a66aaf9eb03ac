"""The rows of the table of runs: filtered and sorted here, so that Qt asks Python for what is in sight alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from viewer.jobs.run_columns import COLUMNS, RunColumn, sorted_runs
from viewer.jobs.run_query import RunQuery
from viewer.ui.flows.run_words import made_of, row_detail, run_title
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, tip_text

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState

Index = QModelIndex | QPersistentModelIndex
EDIT, RUN = Qt.ItemDataRole.EditRole, Qt.ItemDataRole.UserRole


class RunTableModel(QAbstractTableModel):
    """A row a run, a column of `COLUMNS` each. What is typed into a cell is told, and shown once it is kept."""

    typed = Signal(object, str, str)  # RunState, the column's name, the text
    arranged = Signal()  # other rows, or the same ones in another order

    def __init__(self) -> None:
        super().__init__()
        self.every: tuple[RunState, ...] = ()
        self.shown: list[RunState] = []
        self._query = RunQuery()
        self._sorted_by: RunColumn | None = None
        self._descending = False
        self.editable = True

    # What is shown

    def set_runs(self, runs: "Sequence[RunState]") -> None:
        """The runs of the project, newest first."""
        self.every = tuple(runs)
        self._arrange()

    def set_query(self, query: RunQuery) -> None:
        """Show those that are asked for."""
        self._query = query
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; -1 is newest first."""
        self._sorted_by = COLUMNS[column] if 0 <= column < len(COLUMNS) else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        rows = [run for run in self.every if self._query.fits(run)]
        if self._sorted_by is not None:
            rows = sorted_runs(rows, self._sorted_by, descending=self._descending)
        before, after = [run.run_id for run in self.shown], [run.run_id for run in rows]
        if before == after:
            changed = [place for place, run in enumerate(rows) if run is not self.shown[place]]
            self.shown = rows
            for place in changed:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))
            return
        if set(before) == set(after):
            self._move(rows, after)
        else:
            self.beginResetModel()
            self.shown = rows
            self.endResetModel()
        self.arranged.emit()

    def _move(self, rows: "list[RunState]", after: list[str]) -> None:
        """The same runs in another order: what is chosen stays so."""
        self.layoutAboutToBeChanged.emit()
        places = {run_id: place for place, run_id in enumerate(after)}
        old = self.persistentIndexList()
        new = [self.index(places[self.shown[one.row()].run_id], one.column()) for one in old]
        self.shown = rows
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def place_of(self, run_id: str) -> int:
        """The row of a run, -1 where it is not shown."""
        return next((place for place, run in enumerate(self.shown) if run.run_id == run_id), -1)

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role in (DISPLAY, TIP):
            return role_text(role, column.title, f"{column.meaning}. A click sorts by it.")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        run, column = self.shown[index.row()], COLUMNS[index.column()]
        if role == RUN:
            return run
        if role == DISPLAY:
            return role_text(role, column.words(run))
        if role == TIP:
            return tip_text(_tip(run, column))
        return _typed(run, column) if role == EDIT else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        may = self.editable and COLUMNS[index.column()].edited and not _has_lines(self.shown[index.row()], index)
        return flags | Qt.ItemFlag.ItemIsEditable if may else flags

    def setData(self, index: Index, value: Any, role: int = EDIT) -> bool:
        """Tells what was typed; the cell says so when it is on the disk."""
        if role != EDIT or not index.isValid():
            return False
        run, column = self.shown[index.row()], COLUMNS[index.column()]
        if str(value) != _typed(run, column):
            self.typed.emit(run, column.name, str(value))
        return False


def _typed(run: "RunState", column: RunColumn) -> str:
    """What a person edits: the name alone, without the digits behind it."""
    return {"name": run.title, "tags": " ".join(run.tags), "note": run.note}.get(column.name, "")


def _has_lines(run: "RunState", index: Index) -> bool:
    """A note of several lines is written in the dialog, where they stand."""
    return COLUMNS[index.column()].name == "note" and "\n" in run.note


def _tip(run: "RunState", column: RunColumn) -> str:
    """What the whole row is about where a cell names it; else the cell, whole, below its title."""
    if column.name == "name":
        return "\n".join(filter(None, (run_title(run), made_of(run), row_detail(run), run.note)))
    if column.name == "state" and run.error:
        return run.error
    words = run.note if column.name == "note" else column.words(run)
    return f"{column.title}: {words}" if words else ""
