"""Draw a polygon corner by corner."""

import math

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.outlines import SELECTED_WIDTH_PX, Outline
from viewer.ui.gestures.dragging import inside, may_draw_shape, new_shape
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Modifier, Preview, ToolHost, ToolPoint

Point = tuple[float, float]
# A click this near to the first corner (logical pixels) closes the polygon.
CLOSE_PX = 8.0
_CLOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PolygonTool(IdleTool):
    """Click corners; double click, Enter or a click on the first corner closes; Backspace takes the last one back."""

    title, shortcut, icon = "Polygon", "G", "polygon.svg"
    workspaces = ("annotate",)
    help = (
        "Click corner by corner; Enter, a double click or a click on the first corner closes it; Backspace takes the "
        "last corner back."
    )
    words = "contour outline segment"
    draws = True
    cursor = Qt.CursorShape.CrossCursor
    takes_double_click = True

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._points: list[Point] = []
        self._here: Point | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        if not may_draw_shape(self.host):
            return None
        here = inside(point, self.host.context)
        if len(self._points) >= 3 and self._is_near(self._points[0], point):
            return self._closed()
        if not self._points or here != self._points[-1]:
            self._points.append(here)
        self._here = here
        return None

    def hover(self, point: ToolPoint) -> None:
        if self._points:
            self._here = inside(point, self.host.context)
            self.host.preview_changed()

    def drag(self, point: ToolPoint) -> Edit | None:
        self.hover(point)
        return None

    def double_click(self, point: ToolPoint) -> Edit | None:
        # The first press of the double click has set its corner already.
        return self._closed()

    def wants_key(self, key: Qt.Key) -> bool:
        return bool(self._points) and key in (*_CLOSING, Qt.Key.Key_Backspace)

    def key(self, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
        if key in _CLOSING:
            return self._closed()
        self._points.pop()
        return None

    def preview(self) -> Preview:
        label = self.host.context.label if self._points else None
        if label is None or self._here is None:
            return NO_PREVIEW
        points = tuple(self._points) if self._points[-1] == self._here else (*self._points, self._here)
        line = Outline(
            points_px=points,
            color=label.color,
            closed=False,
            width_px=SELECTED_WIDTH_PX,
            handles_px=tuple(self._points),
        )
        return Preview(outlines=(line,))

    def cancel(self) -> bool:
        begun = bool(self._points)
        self._points, self._here = [], None
        return begun

    @property
    def is_busy(self) -> bool:
        return bool(self._points)

    def _closed(self) -> Edit | None:
        points = tuple(self._points)
        context = self.host.context
        if len(points) < 3 or context.label is None:
            return None
        self.cancel()
        return new_shape(context, Polygon(points_px=points))

    def _is_near(self, corner: Point, point: ToolPoint) -> bool:
        x, y = point.view.to_view(*corner)
        return math.hypot(x - point.view_x, y - point.view_y) <= CLOSE_PX * self.host.context.device_ratio
