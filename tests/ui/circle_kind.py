"""A kind of shape that the program does not have, with its tool, for `test_shape_kind_is_one_file.py`: a circle by its
centre and a point of its rim."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.outlined import Extent, OfPoints, Point, Points
from viewer.core.shapes.outlines import Outline
from viewer.ui.gestures.dragging import inside, may_draw_shape, new_shape
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

CORNERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(OfPoints):
    kind: ClassVar[str] = "circle"
    plural: ClassVar[str] = "circles"
    icon: ClassVar[str] = "roi"
    tells_pixels: ClassVar[bool] = True
    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = 2

    @property
    def radius_px(self) -> float:
        return math.dist(*self.points_px)

    def rings(self) -> tuple[Points, ...]:
        (x, y), r = self.points_px[0], self.radius_px
        turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
        return (tuple((x + r * math.cos(turn), y + r * math.sin(turn)) for turn in turns),)

    def extent(self) -> Extent:
        (x, y), r = self.points_px[0], self.radius_px
        return x - r, y - r, x + r, y + r

    def holds(self, at: Point) -> bool:
        return math.dist(at, self.points_px[0]) < self.radius_px

    def as_box(self) -> Box:
        return Box.of_points((self.extent()[:2], self.extent()[2:]))

    def as_mask(self, rows: int, cols: int) -> MaskRuns:
        return MaskRuns.from_array(self.inside(rows, cols))

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[:rows, :cols] + 0.5
        return np.hypot(x - self.points_px[0][0], y - self.points_px[0][1]) < self.radius_px

    def visible_area_px(self, rows: int, cols: int) -> float:
        return float(self.inside(rows, cols).sum())

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        return self.as_box().visible_extent(rows, cols)

    def words(self) -> str:
        return f"circle · radius {self.radius_px:.0f} px"


class CircleTool(IdleTool):
    title, shortcut, icon = "Circle", "K", "roi.svg"
    workspaces = ("annotate",)
    help = "Drag from the centre to the rim."
    kind = "circle"
    draws = True
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._points: list[Point] = []

    def press(self, point: ToolPoint) -> Edit | None:
        if may_draw_shape(self.host):
            self._points = [inside(point, self.host.context)] * 2
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._points:
            self._points[1] = inside(point, self.host.context)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self.drag(point)
        points, self._points = tuple(self._points), []
        return new_shape(self.host.context, Circle(points_px=points)) if len(set(points)) == 2 else None

    def preview(self) -> Preview:
        label = self.host.context.label
        if len(set(self._points)) < 2 or label is None:
            return NO_PREVIEW
        (ring,) = Circle(points_px=tuple(self._points)).rings()
        return Preview(outlines=(Outline(points_px=ring, color=label.color),))

    def cancel(self) -> bool:
        begun, self._points = bool(self._points), []
        return begun

    @property
    def is_busy(self) -> bool:
        return bool(self._points)
