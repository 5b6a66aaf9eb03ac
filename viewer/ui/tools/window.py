"""Window and level by a drag."""

from PySide6.QtCore import Qt

from viewer.ui.gestures.dragging import LookingTool


class WindowTool(LookingTool):
    """Right is wider, up is a higher level."""

    title, shortcut, icon = "Window", "W", "window-level.svg"
    hand = "Drag: window"
    workspaces = ("read", "annotate", "review")
    help = "Drag right for a wider window, up for a higher level. Hold the key to borrow it."
    words = "brightness contrast level width"
    lent_by = Qt.Key.Key_W
    cursor = Qt.CursorShape.ArrowCursor

    def step(self, right: float, down: float) -> None:
        ratio = self.host.context.device_ratio
        self.host.drag_window(right / ratio, -down / ratio)
