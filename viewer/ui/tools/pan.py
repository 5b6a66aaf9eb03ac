"""Move the image."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.tool import IdleTool, ToolHost, ToolPoint


class PanTool(IdleTool):
    """The image point that was pressed stays under the cursor."""

    title, shortcut, icon = "Pan", "Space", "pan.svg"
    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last: tuple[float, float] | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        self._last = (point.view_x, point.view_y)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._last is not None:
            self.host.pan_by(point.view_x - self._last[0], point.view_y - self._last[1])
            self._last = (point.view_x, point.view_y)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._last = None
        return None

    def cancel(self) -> bool:
        begun, self._last = self._last is not None, None
        return begun
