"""A label of two lines, and of one where there is no room for two: what needs more is cut in its middle, and is whole
in its tip."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent

from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.plain_text import draw_words, elide, words_width

SLACK_PX = 2  # a line that just fits would be cut all the same


class TwoLines(ElidedLabel):
    """Its room is that of two lines whatever it says, so that nothing below it moves. Whoever gives it words gives it
    the same as tip (`set_tip`)."""

    def shown_words(self, width_px: int) -> str:
        """What is laid in lines."""
        return self.text()

    def lines(self, width_px: int) -> tuple[str, ...]:
        """One or two, as they are drawn at a width."""
        words, metrics = self.shown_words(width_px), self.fontMetrics()
        if self.height() < 2 * metrics.lineSpacing():
            return (elide(metrics, words, Qt.TextElideMode.ElideMiddle, width_px),)
        return two_lines(metrics, words, width_px)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 2 * self.fontMetrics().lineSpacing() + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        lines = self.lines(self.width())
        high = self.height() if len(lines) == 1 else self.fontMetrics().lineSpacing()
        for place, line in enumerate(lines):
            room = QRect(0, place * high, self.width(), high)
            draw_words(painter, room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
        painter.end()


def two_lines(metrics: QFontMetrics, words: str, width_px: int) -> tuple[str, ...]:
    """As many words as have room in the first line, and the rest in the second, cut in its middle."""
    if words_width(metrics, words) <= width_px:
        return (words,)
    every = words.split(" ")
    count = 1
    while count < len(every) and words_width(metrics, " ".join(every[: count + 1])) <= width_px - SLACK_PX:
        count += 1
    first, rest = " ".join(every[:count]), " ".join(every[count:])
    middle = Qt.TextElideMode.ElideMiddle
    return tuple(elide(metrics, line, middle, width_px) for line in (first, rest) if line)
