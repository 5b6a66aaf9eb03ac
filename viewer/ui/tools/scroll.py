"""Scroll through the series by a drag."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.gestures.dragging import LookingTool
from viewer.ui.gestures.tool import ToolHost, ToolPoint

# One frame for this many logical pixels.
FRAME_PX = 8.0


class ScrollTool(LookingTool):
    """Down does what the wheel does downwards."""

    title, shortcut, icon = "Scroll", "S", "scroll.svg"
    hand = "Drag: scroll"
    workspaces = ("read",)
    help = "Drag up and down through the series; the wheel does the same."
    words = "slice stack"
    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._rest = 0.0

    def press(self, point: ToolPoint) -> Edit | None:
        self._rest = 0.0
        return super().press(point)

    def step(self, right: float, down: float) -> None:
        self._rest += down / (FRAME_PX * self.host.context.device_ratio)
        frames = int(self._rest)
        self._rest -= frames
        if frames:
            self.host.scroll_down(frames)
