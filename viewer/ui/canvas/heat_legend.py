"""At the foot of a view with a heatmap: its colour scale with numbers and unit, and what is known of its worth.

On the picture, so that no copy of it loses it, and no size of window or text hides it. One line each: the panel beside
the views has the whole sentences.
"""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from viewer.core.compose import HeatLayer
from viewer.ui.canvas.words import FAULT_COLOR, SEPARATOR, TEXT_COLOR, draw_haloed, elided, text_size
from viewer.ui.look.colour_scale import scale_image

BAR_PX = 120  # of the bar between its numbers, at 100 %, where the view is wide enough
LEAST_BAR_LETTERS = 2  # of the height of its letters; a shorter bar shows nothing
MARK_PX = 3  # above and below the bar, at the map's maximum


def draw_heat_legend(painter: QPainter, area: QRect, layer: HeatLayer, height_px: int) -> None:
    """Lines from the foot of `area` up, device pixels. height_px: of the letters."""
    pitch = round(height_px * 4 / 3)
    top = area.bottom() + 1
    if layer.has_evidence:
        top -= pitch
        _draw_scale(painter, QRect(area.left(), top, area.width(), pitch), layer, height_px)
    lines = _lines(layer.heat.picture_lines, height_px, area.width())
    top -= pitch * len(lines)
    for number, line in enumerate(lines):
        shown = elided(line, height_px, area.width())
        y = top + number * pitch + (pitch - text_size(shown, height_px)[1]) // 2
        draw_haloed(painter, area.left(), y, shown, height_px, FAULT_COLOR)


def _lines(facts: tuple[str, ...], height_px: int, width_px: int) -> tuple[str, ...]:
    """All in one line where it has room, else one below the other."""
    one = SEPARATOR.join(facts)
    return (one,) if text_size(one, height_px)[0] <= width_px else facts


def _draw_scale(painter: QPainter, row: QRect, layer: HeatLayer, height_px: int) -> None:
    """0, the bar with a mark at the map's maximum, and what full colour stands for."""
    words, gap = layer.heat.top_words, height_px // 2
    zero, (end, high) = text_size("0", height_px)[0], text_size(words, height_px)
    bar_px = min(row.width() - zero - end - 2 * gap, round(BAR_PX * height_px / 12))
    y, left = row.top() + (row.height() - high) // 2, row.left()
    if bar_px >= LEAST_BAR_LETTERS * height_px:
        draw_haloed(painter, left, y, "0", height_px, TEXT_COLOR)
        thick = max(4, height_px * 2 // 3)
        bar = QRect(left + zero + gap, row.top() + (row.height() - thick) // 2, bar_px, thick)
        painter.drawImage(bar, scale_image(bar_px))
        hidden = QRect(bar.left(), bar.top(), round(bar_px * layer.hide_below), thick)
        painter.fillRect(hidden, QColor(Qt.GlobalColor.black))
        painter.setPen(QColor(TEXT_COLOR))
        painter.drawRect(bar.adjusted(-1, -1, 0, 0))
        at = bar.left() + round((bar_px - 1) * min(1.0, layer.heat.maximum / layer.heat.top))
        for y_mark in (bar.top() - MARK_PX, bar.bottom() + 1):  # beside the bar: at its end it would cover full colour
            painter.fillRect(QRect(at - 1, y_mark, 2, MARK_PX), QColor(TEXT_COLOR))
        left = bar.right() + 1 + gap
    draw_haloed(painter, left, y, words, height_px, TEXT_COLOR)  # a number is never cut: the bar gives way
