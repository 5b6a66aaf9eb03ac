"""Scroll through the series by a drag."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.tool import IdleTool, ToolHost, ToolPoint

# One frame for this many logical pixels.
FRAME_PX = 8.0


class ScrollTool(IdleTool):
    """Down does what the wheel does downwards."""

    title, shortcut, icon = "Scroll", "S", "scroll.svg"
    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last_y: float | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        self._last_y = point.view_y
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._last_y is not None:
            frame_px = FRAME_PX * self.host.context.device_ratio
            frames = int((point.view_y - self._last_y) / frame_px)
            if frames:
                self._last_y += frames * frame_px
                self.host.scroll_down(frames)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._last_y = None
        return None

    def cancel(self) -> bool:
        begun, self._last_y = self._last_y is not None, None
        return begun
