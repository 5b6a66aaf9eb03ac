"""A panel that is one list, with a sentence in its place while there is nothing in it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QListView, QStackedWidget, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from viewer.ui.look.chips import EmptyState
from viewer.ui.look.plain_text import set_name

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Paints rows of one height, which grows with the text; a panel writes `paint`."""

    row_px = 42

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, self._session.theme.room(self.row_px))


class RowList(QListView):
    """Rows that have a context menu: of the row under the mouse, which its press made the current one; by the key, of
    that."""

    menu_asked = Signal(QPoint)  # in global coordinates, about the current row

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is event.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        below = self.visualRect(index).bottomLeft() + QPoint(26, 0)
        self.menu_asked.emit(self.viewport().mapToGlobal(below) if by_key else event.globalPos())


class ListPanel(QWidget):
    """The list, or the empty state; `count_changed` puts the number of rows into the panel's title."""

    title = ""
    count_changed = Signal(str)

    def __init__(self, model: QAbstractItemModel, delegate: RowDelegate, empty: EmptyState) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.list = RowList()
        self.list.setModel(model)
        self.list.setItemDelegate(delegate)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        # By rows, a press on a row that is half in sight would bring another one under the mouse.
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        set_name(self.list, self.title)
        self.empty = empty
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack)

    def show_count(self, rows: int) -> None:
        """Show the list or the empty state, and tell the number."""
        self.stack.setCurrentWidget(self.list if rows else self.empty)
        self.count_changed.emit(str(rows) if rows else "")
