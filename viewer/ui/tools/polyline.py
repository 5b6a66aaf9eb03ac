"""Draw an open line from point to point."""

from viewer.ui.gestures.corner_by_corner import CornerByCorner


class PolylineTool(CornerByCorner):
    """Click points; a double click or Enter ends the line; Backspace takes the last point back."""

    title, shortcut, icon = "Polyline", "L", "polyline.svg"
    hand, hand_after = "Click: polyline", "Enter: end it"
    workspaces = ("annotate",)
    help = "Click point by point; Enter or a double click ends the line; Backspace takes the last point back."
    words = "line path open vessel catheter curve"
    kind = "polyline"
