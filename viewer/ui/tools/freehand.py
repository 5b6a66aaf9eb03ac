"""Draw a closed outline by hand."""

import math

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.outlines import SELECTED_WIDTH_PX, Outline
from viewer.ui.gestures.dragging import inside, may_draw_shape, new_shape
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

Point = tuple[float, float]
# Device pixels between two kept points: finer ones only make the outline longer.
STEP_PX = 2.0


class FreehandTool(IdleTool):
    """One drag round the region; letting go closes it."""

    title, shortcut, icon = "Freehand", "F", "lasso.svg"
    hand = "Drag: freehand"
    workspaces = ("annotate",)
    words = "contour outline draw lasso segment"
    draws = True
    kind = "polygon"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._points: list[Point] = []
        self._last = (0.0, 0.0)

    def press(self, point: ToolPoint) -> Edit | None:
        if may_draw_shape(self.host):
            self._points = [inside(point, self.host.context)]
            self._last = (point.view_x, point.view_y)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._points and math.dist(self._last, (point.view_x, point.view_y)) >= STEP_PX:
            here = inside(point, self.host.context)
            if here != self._points[-1]:
                self._points.append(here)
            self._last = (point.view_x, point.view_y)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        points = tuple(self._points)
        self._points = []
        context = self.host.context
        if len(set(points)) < 3 or context.label is None:
            return None
        return new_shape(context, Polygon(points_px=points))

    def preview(self) -> Preview:
        label = self.host.context.label if len(self._points) > 1 else None
        if label is None:
            return NO_PREVIEW
        line = Outline(points_px=tuple(self._points), color=label.color, closed=False, width_px=SELECTED_WIDTH_PX)
        return Preview(outlines=(line,))

    def cancel(self) -> bool:
        begun, self._points = bool(self._points), []
        return begun

    @property
    def is_busy(self) -> bool:
        return bool(self._points)
