"""Erase from a mask."""

from viewer.ui.gestures.stroke import StrokeTool


class EraserTool(StrokeTool):
    """Erases from the selected mask, else from the armed label's, else from the one under the cursor."""

    title, shortcut, icon = "Eraser", "E", "eraser.svg"
    hand = "Drag: erase"
    workspaces = ("annotate",)
    words = "delete rubber"
    erases = True
