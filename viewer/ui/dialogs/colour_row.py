"""Twelve colours for a label, one of them its own."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.core.labels import LABEL_COLORS, Label
from viewer.ui.look.plain_text import set_name, set_tip
from viewer.ui.look.row_painting import draw_swatch

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

CELL_PX, SWATCH_PX = 26, 16


class ColourRow(QWidget):
    """Chosen by a click, or with the arrow keys. chosen: emits the colour's place in LABEL_COLORS."""

    chosen = Signal(int)

    def __init__(self, session: "Desk", label: Label) -> None:
        super().__init__()
        self._session = session
        self.setFixedSize(CELL_PX * len(LABEL_COLORS), CELL_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        set_tip(self, "The label's colour. Left and right choose another")
        self.show_label(label)

    def show_label(self, label: Label) -> None:
        """Mark the colour of a label."""
        self.place = LABEL_COLORS.index(label.color)
        set_name(self, f"Colour {self.place + 1} of {len(LABEL_COLORS)}")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(int(event.position().x()) // CELL_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._choose(self.place + step)
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(LABEL_COLORS) and place != self.place:
            self.chosen.emit(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, inset = self._session.theme, (CELL_PX - SWATCH_PX) // 2
        for place, colour in enumerate(LABEL_COLORS):
            cell = QRect(place * CELL_PX, 0, CELL_PX, CELL_PX)
            draw_swatch(self._session.icons, painter, cell.adjusted(inset, inset, -inset, -inset), colour)
            if place == self.place:
                painter.setPen(QPen(theme.color("acc" if self.hasFocus() else "hi"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.adjusted(2, 2, -2, -2), 4, 4)
        painter.end()
