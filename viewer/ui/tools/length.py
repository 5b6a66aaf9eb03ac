"""Measure a length."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.gestures.dragging import LEAST_PX, draft_measurement, inside, may_draw, new_measurement
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

Point = tuple[float, float]


class LengthTool(IdleTool):
    """From end to end: mm where the file is calibrated, else px."""

    title, shortcut, icon = "Length", "L", "ruler.svg"
    hand = "Drag: length"
    workspaces = ("read",)
    words = "ruler measure distance caliper line mm"
    kind = "length"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._start: ToolPoint | None = None
        self._points: tuple[Point, Point] | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        if may_draw(self.host):
            self._start, self._points = point, None
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._start is not None:
            context = self.host.context
            far = max(abs(point.view_x - self._start.view_x), abs(point.view_y - self._start.view_y))
            long_enough = far >= LEAST_PX * context.device_ratio
            self._points = (inside(self._start, context), inside(point, context)) if long_enough else None
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self.drag(point)
        points = self._points
        self._start = self._points = None
        return new_measurement(self.host.context, self.kind, points) if points is not None else None

    def preview(self) -> Preview:
        if self._points is None:
            return NO_PREVIEW
        return Preview(measurement=draft_measurement(self.host.context, self.kind, self._points))

    def cancel(self) -> bool:
        begun = self._start is not None
        self._start = self._points = None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._start is not None
