"""Move the image."""

from PySide6.QtCore import Qt

from viewer.ui.gestures.dragging import LookingTool


class PanTool(LookingTool):
    """The image point that was pressed stays under the cursor."""

    title, shortcut, icon = "Pan", "Space", "pan.svg"
    hand = "Drag: pan"
    workspaces = ("read", "review")
    help = "Drag. Hold Space to borrow it; the middle button does the same."
    words = "move hand"
    lent_by = Qt.Key.Key_Space
    cursor = Qt.CursorShape.OpenHandCursor

    def step(self, right: float, down: float) -> None:
        self.host.pan_by(right, down)
