"""How a cell of the table of runs is painted and typed into."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from viewer.jobs.run_columns import COLUMNS
from viewer.jobs.run_marks import MOST_NOTE, MOST_TITLE
from viewer.ui.flows.run_words import STATE_LOOKS
from viewer.ui.look.plain_text import set_hint, set_name
from viewer.ui.look.row_painting import draw_pill, draw_row, draw_text, low, pill_px
from viewer.ui.run_table.model import RUN, Index

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

ROW_PX, EDGE_PX = 30, 8
_LEAVES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_OVER = QStyle.StateFlag.State_MouseOver  # Qt tells it of one cell, which would look as if it could be pressed
_MOST = {"name": MOST_TITLE, "note": MOST_NOTE}


class CellField(QLineEdit):
    """What is typed into a cell. Return and Esc end it, and are no keys of the window meanwhile."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _LEAVES:
            event.accept()
            return True
        return super().event(event)


class CellDelegate(QStyledItemDelegate):
    """Rows of one height; the state as a pill, the name in bold where a person gave it."""

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        icons, rect, state = self._session.icons, option.rect, option.state
        column, run = COLUMNS[index.column()], index.data(RUN)
        draw_row(icons, painter, rect, state & ~_OVER)
        if column is not COLUMNS[0] and state & QStyle.StateFlag.State_Selected:  # one mark for the whole row
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height() - 1), icons.theme.color("accbg"))
        room = QRect(rect.left() + EDGE_PX, rect.top(), rect.width() - 2 * EDGE_PX, rect.height())
        if isinstance(option.widget, QAbstractScrollArea):  # the last column in sight is cut by words, not by its edge
            room.setRight(min(room.right(), option.widget.viewport().rect().right() - EDGE_PX))
        words = column.words(run)
        if column.name == "state":
            word, kind = STATE_LOOKS[run.state]
            words = f"{word} {words.partition(', ')[2]}".strip()
            wide = pill_px(icons, words)
            if wide <= room.width():
                draw_pill(icons, painter, room.left() + wide, rect.center().y(), words, kind)
                return
        token = "hi" if column.name in ("name", "test", "validation") else "mid"
        named = column.name == "name" and bool(run.title)
        cut = Qt.TextElideMode.ElideMiddle if column.name == "name" else Qt.TextElideMode.ElideRight
        if not words:
            words, token = "" if column.edited else "–", low(state)
        draw_text(
            icons, painter, room, words, token=token, weight=600 if named else 400,
            right=column.number, cut=cut,
        )  # fmt: skip

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        column = COLUMNS[index.column()]
        field = CellField(parent)
        field.setMaxLength(_MOST.get(column.name, 1000))
        set_name(field, f"{column.title} of the run")
        if column.name == "name":
            set_hint(field, "A name of your own")
        return field

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Over the cell, as wide as the words of a person need at least."""
        editor.setGeometry(option.rect.adjusted(0, 0, max(0, 160 - option.rect.width()), 0))
