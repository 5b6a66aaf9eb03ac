"""A field to choose in that has dots where its choice is longer than it: Qt's own stops inside a letter."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from viewer.ui.look.plain_text import elide

SLACK_PX = 4  # between the words and the room that the style gives them


class ChoiceBox(QComboBox):
    """For choices, not for typing. What is chosen stands whole in its tool tip (`plain_text.tell_choice`)."""

    def __init__(self, *, ends_differ: bool = False) -> None:
        """ends_differ: what is offered is alike but for its ends, so the dots stand in the middle."""
        super().__init__()
        self._cut = Qt.TextElideMode.ElideMiddle if ends_differ else Qt.TextElideMode.ElideRight

    def shown_words(self) -> str:
        """The chosen row as it has room."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        metrics, words = self.fontMetrics(), self.currentText()
        if metrics.horizontalAdvance(words) <= room.width():
            return words
        return elide(metrics, words, self._cut, room.width() - SLACK_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_words()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
