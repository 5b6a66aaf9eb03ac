"""Window and level by a drag."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.tool import IdleTool, ToolHost, ToolPoint


class WindowTool(IdleTool):
    """Right is wider, up is a higher level."""

    title, shortcut, icon = "Window", "W", "window-level.svg"
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last: tuple[float, float] | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        self._last = (point.view_x, point.view_y)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._last is not None:
            ratio = self.host.context.device_ratio
            right, down = point.view_x - self._last[0], point.view_y - self._last[1]
            self.host.drag_window(right / ratio, -down / ratio)
            self._last = (point.view_x, point.view_y)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._last = None
        return None

    def cancel(self) -> bool:
        begun, self._last = self._last is not None, None
        return begun
