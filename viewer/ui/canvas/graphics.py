"""The words of a presentation state on an image, in device pixels."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.geometry import ViewTransform
from viewer.core.placing import place_words
from viewer.core.presentation import GraphicText
from viewer.ui.canvas.words import draw_haloed, text_size

LETTERS_PX, PITCH_PX = 13, 17


def draw_graphic_texts(painter: QPainter, texts: Sequence[GraphicText], transform: ViewTransform, ratio: float) -> None:
    """Each block where its box or anchor says, in letters of one size. ratio: device pixels per logical pixel."""
    size, pitch = round(LETTERS_PX * ratio), round(PITCH_PX * ratio)
    for text in texts:
        widths = [text_size(line, size)[0] for line in text.lines]
        place = place_words(text, (max(widths), pitch * len(text.lines)), transform)
        if place.leader is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            start, end = (QPointF(*point) for point in place.leader)
            for color, width in ((QColor(0, 0, 0, 140), 3.0), (QColor(text.color), 1.25)):
                painter.setPen(QPen(color, width * ratio, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(start, end)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for number, (line, x) in enumerate(zip(text.lines, place.starts(widths))):
            draw_haloed(painter, round(x), round(place.top) + number * pitch, line, size, text.color)
