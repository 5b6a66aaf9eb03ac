"""The table itself: rows of one height, keys, the menu, and which columns are seen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from viewer.jobs.run_columns import BY_NAME, COLUMNS
from viewer.ui.look.plain_text import set_name
from viewer.ui.panels.panel import TAKES_DELETE
from viewer.ui.run_table.cells import ROW_PX, CellDelegate
from viewer.ui.run_table.model import RunTableModel

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

COLUMNS_WORD, SORT_WORD, WIDTHS_WORD = "run_table/columns", "run_table/sort", "run_table/widths"
WIDTHS_PX = {
    "name": 190, "tags": 110, "state": 110, "task": 130, "model": 140, "start": 80, "snapshot": 84, "validation": 130,
    "test": 200, "controls": 200, "started": 128, "note": 220, "epochs": 66, "learning_rate": 72, "batch_size": 62,
    "input_px": 78,
}  # fmt: skip
OTHER_PX, LEAST_PX, MOST_PX = 96, 40, 2000


class RunTableView(QTableView):
    """Shows a `RunTableModel`; a click on a column's title sorts by it."""

    menu_asked = Signal(QPoint)  # in global coordinates
    delete_asked = Signal()
    note_asked = Signal()

    def __init__(self, session: "Desk", model: RunTableModel) -> None:
        super().__init__()
        self._session = session
        self.setModel(model)
        self.setItemDelegate(CellDelegate(session, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.DoubleClicked)
        self.setTabKeyNavigation(False)  # Tab goes on from the table
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setProperty(TAKES_DELETE, True)
        set_name(self, "All runs")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(LEAST_PX)
        head.setHighlightSections(False)
        head.setSectionsMovable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(True)
        set_name(head, "Columns of the table of runs")
        self._widths = self._remembered_widths()
        self._dress()
        session.theme_changed.connect(self._dress)
        head.sectionResized.connect(self._on_resized)
        self.show_columns(self._remembered())
        self._sort_as_remembered()
        self.setSortingEnabled(True)
        head.sortIndicatorChanged.connect(self._on_sorted)

    def _dress(self, *_: object) -> None:
        """Heights and widths at the size of the text."""
        theme = self._session.theme
        self.verticalHeader().setDefaultSectionSize(theme.room(ROW_PX))
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, theme.room(self._widths.get(column.name, _usual(column.name))))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.StyleChange):  # else each step of scrolling paints every row
            self.viewport().setAutoFillBackground(True)
        return done

    # Columns

    @property
    def shown_columns(self) -> list[str]:
        """The names of those that are seen, in the order of the table."""
        return [column.name for place, column in enumerate(COLUMNS) if not self.isColumnHidden(place)]

    def show_columns(self, names: Sequence[str]) -> None:
        """Show these and hide the others; the run itself is always seen."""
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column.name != "name" and column.name not in names)

    def keep_columns(self, names: Sequence[str]) -> None:
        """The same, remembered for the next time."""
        self.show_columns(names)
        self._session.settings.set_word(COLUMNS_WORD, ",".join(self.shown_columns))

    def _remembered(self) -> list[str]:
        usual = [column.name for column in COLUMNS if column.shown]
        names = self._session.settings.word(COLUMNS_WORD).split(",")
        return [name for name in names if name in BY_NAME] or usual

    def _remembered_widths(self) -> dict[str, int]:
        """By column, in px of a text of 100 %, what a hand made them."""
        pairs = (one.partition(":") for one in self._session.settings.word(WIDTHS_WORD).split(","))
        found = {name: int(px) for name, _, px in pairs if name in BY_NAME and px.isascii() and px.isdigit()}
        return {name: px for name, px in found.items() if LEAST_PX <= px <= MOST_PX}

    def _on_resized(self, place: int, before: int, now: int) -> None:
        """A column that is hidden has no width, and one that the text's size made wider is as wide as before."""
        name, px = COLUMNS[place].name, round(100 * now / self._session.theme.room(100))
        if not before or not now or now == self._session.theme.room(self._widths.get(name, _usual(name))):
            return
        self._widths[name] = px
        words = ",".join(f"{each}:{width}" for each, width in sorted(self._widths.items()))
        self._session.settings.set_word(WIDTHS_WORD, words)

    def _sort_as_remembered(self) -> None:
        name, _, order = self._session.settings.word(SORT_WORD).partition(":")
        place = next((place for place, column in enumerate(COLUMNS) if column.name == name), -1)
        down = order == "descending"
        way = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(place, way)

    def _on_sorted(self, place: int, order: Qt.SortOrder) -> None:
        way = "descending" if order == Qt.SortOrder.DescendingOrder else "ascending"
        self._session.settings.set_word(SORT_WORD, f"{COLUMNS[place].name}:{way}" if place >= 0 else "")

    # Keys and the menu

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if _is_long_note(index):
            self.note_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not event.modifiers():
            if not event.isAutoRepeat():
                self.delete_asked.emit()
            return
        if event.key() == Qt.Key.Key_F2 and self.currentIndex().isValid():
            self._edit_named()
            return
        super().keyPressEvent(event)

    def _edit_named(self) -> None:
        """F2 writes in the cell that has the cursor, where that can be written in; else the name."""
        index = self.currentIndex()
        if _is_long_note(index):
            self.note_asked.emit()
            return
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            index = index.siblingAtColumn(0)
            self.setCurrentIndex(index)
        self.edit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is event.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        below = self.visualRect(index).bottomLeft() + QPoint(26, 0)
        self.menu_asked.emit(self.viewport().mapToGlobal(below) if by_key else event.globalPos())


def _usual(column: str) -> int:
    return WIDTHS_PX.get(column, OTHER_PX)


def _is_long_note(index: QModelIndex) -> bool:
    """One of several lines, which the dialog has room for and a cell has not."""
    named = index.isValid() and COLUMNS[index.column()].name == "note"
    return named and not index.flags() & Qt.ItemFlag.ItemIsEditable
