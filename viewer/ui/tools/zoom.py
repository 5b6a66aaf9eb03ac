"""Zoom by a drag."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.tool import IdleTool, ToolHost, ToolPoint

# A drag of this many logical pixels doubles the zoom.
DOUBLE_PX = 150.0


class ZoomTool(IdleTool):
    """Up is larger, down is smaller, about the point that was pressed."""

    title, shortcut, icon = "Zoom", "Z", "zoom.svg"
    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._at: tuple[float, float] | None = None
        self._last_y = 0.0

    def press(self, point: ToolPoint) -> Edit | None:
        self._at, self._last_y = (point.view_x, point.view_y), point.view_y
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._at is not None:
            up = (self._last_y - point.view_y) / self.host.context.device_ratio
            self.host.zoom_by(2 ** (up / DOUBLE_PX), self._at)
            self._last_y = point.view_y
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._at = None
        return None

    def cancel(self) -> bool:
        begun, self._at = self._at is not None, None
        return begun
