"""Measure an angle."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.outlines import MEASUREMENT_COLOR, Outline
from viewer.ui.gestures.dragging import draft_measurement, inside, may_draw, new_measurement
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

Point = tuple[float, float]


class AngleTool(IdleTool):
    """Three clicks: an end, the corner, the other end. A drag of the first click sets two at once."""

    title, shortcut, icon = "Angle", "G", "angle.svg"
    hand = "Click: angle"
    workspaces = ("read",)
    words = "cobb measure goniometer"
    kind = "angle"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._points: list[Point] = []
        self._here: Point | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        if may_draw(self.host):
            self._here = inside(point, self.host.context)
            if not self._points:
                self._points.append(self._here)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        self.hover(point)
        return None

    def hover(self, point: ToolPoint) -> None:
        if self._points:
            self._here = inside(point, self.host.context)
            self.host.preview_changed()

    def release(self, point: ToolPoint) -> Edit | None:
        if not self._points:
            return None
        here = inside(point, self.host.context)
        if here != self._points[-1]:
            self._points.append(here)
        if len(self._points) < 3:
            return None
        points = tuple(self._points)
        self.cancel()
        return new_measurement(self.host.context, self.kind, points)

    def preview(self) -> Preview:
        if not self._points or self._here is None:
            return NO_PREVIEW
        points = (*self._points, self._here)
        if len(points) == 3:
            return Preview(measurement=draft_measurement(self.host.context, self.kind, points))
        return Preview(outlines=(Outline(points_px=points, color=MEASUREMENT_COLOR, closed=False),))

    def cancel(self) -> bool:
        begun = bool(self._points)
        self._points, self._here = [], None
        return begun

    @property
    def is_busy(self) -> bool:
        return bool(self._points)
