"""Upright boxes among the outlines of a view, in a few pictures each instead of the strokes of a painter.

A painter goes through every row of a tall box with its stroke for each of two pens: the half of a paint of twenty boxes
(measured: 7 ms of 15). What is drawn is the same line, each pixel covered as far as the line covers it.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.core.geometry import ViewTransform
from viewer.core.shapes.box_lines import Stroke, box_lines
from viewer.core.shapes.outlines import Outline

UNDER = QColor(0, 0, 0, 140)
UNDER_WIDER_PX = 1.5  # than the line on it, view pixels at 96 per inch

Corners = tuple[float, float, float, float]


def upright(outline: Outline, transform: ViewTransform) -> Corners | None:
    """(left, top, right, bottom) in device pixels of an outline that is a plain upright box, else None."""
    points = outline.points_px
    if len(points) != 4 or not outline.closed or outline.dashed or outline.ends:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    if not ((ay == by and bx == cx and cy == dy and dx == ax) or (ax == bx and by == cy and cx == dx and dy == ay)):
        return None
    (x0, y0), (x1, y1) = transform.to_view(ax, ay), transform.to_view(cx, cy)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


class UprightBoxes:
    """Those of some outlines that are upright boxes, ready to be drawn one by one. ratio: device per logical pixel."""

    def __init__(self, outlines: Sequence[Outline], transform: ViewTransform, ratio: float) -> None:
        found = [(number, box) for number, one in enumerate(outlines) if (box := upright(one, transform)) is not None]
        self._rows: dict[int, int] = {}
        if not found:
            return
        lines = [outlines[number] for number, _ in found]
        width = np.array([line.width_px * ratio for line in lines])
        under = [UNDER.getRgb() if line.under else (0, 0, 0, 0) for line in lines]
        made = box_lines(
            np.array([box for _, box in found]),
            (
                Stroke(width_px=width + UNDER_WIDER_PX * ratio, rgba=np.array(under, np.float64)),
                Stroke(width_px=width, rgba=np.array([QColor(line.color).getRgb() for line in lines], np.float64)),
            ),
        )
        self._rows = {number: row for row, (number, _) in enumerate(found) if made.fits[row]}
        self._near, self._side = made.near, 2 * made.near + 1
        self._starts: list[list[int]] = made.starts.tolist()
        self._argb = made.argb  # the picture shares its memory
        self._picture = QImage(
            self._argb.data, self._side, self._side * len(found), 4 * self._side,
            QImage.Format.Format_ARGB32_Premultiplied,
        )  # fmt: skip

    def __contains__(self, number: int) -> bool:
        return number in self._rows

    def draw(self, painter: QPainter, number: int, clip: QRect) -> None:
        """Draw one of them, by its number among the outlines, as far as `clip` (device pixels) goes."""
        row, near, picture = self._rows[number], self._near, self._picture
        left, top, right, bottom = self._starts[row]
        columns = _visible(left, right, near, clip.left(), clip.right() + 1)
        rows = _visible(top, bottom, near, clip.top(), clip.bottom() + 1)
        above = row * self._side
        for y, high, source_y, source_high in rows:
            for x, wide, source_x, source_wide in columns:
                if source_high > 1 or source_wide > 1:  # in the middle of a box there is nothing
                    painter.drawImage(
                        QRect(x, y, wide, high), picture, QRect(source_x, above + source_y, source_wide, source_high)
                    )


Part = tuple[int, int, int, int]  # where it begins, how long it is, and the same in the square of pixels


def _visible(first: int, second: int, near: int, start: int, end: int) -> list[Part]:
    """The three parts of one axis that meet start..end (half-open); the repeated one is cut there, since Qt
    stretches a picture over millions of pixels in another, slower way."""
    between, stop = max(first + near, start), min(second, end)
    parts = ((first, near, 0, near), (between, stop - between, near, 1), (second, near, near + 1, near))
    return [part for part in parts if part[1] > 0 and part[0] < end and part[0] + part[1] > start]
