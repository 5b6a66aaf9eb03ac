"""Zoom by a drag."""

from PySide6.QtCore import Qt

from viewer.ui.gestures.dragging import LookingTool

# A drag of this many logical pixels doubles the zoom.
DOUBLE_PX = 150.0


class ZoomTool(LookingTool):
    """Up is larger, down is smaller, about the point that was pressed."""

    title, shortcut, icon = "Zoom", "Z", "zoom.svg"
    hand = "Drag: zoom"
    workspaces = ("read", "review")
    help = "Drag up and down. Hold the key to borrow it; the right button does the same."
    words = "magnify enlarge"
    lent_by = Qt.Key.Key_Z
    cursor = Qt.CursorShape.SizeVerCursor

    def step(self, right: float, down: float) -> None:
        up = -down / self.host.context.device_ratio
        self.host.zoom_by(2 ** (up / DOUBLE_PX), self.start)
