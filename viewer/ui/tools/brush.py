"""Paint a mask."""

from viewer.ui.gestures.stroke import StrokeTool


class BrushTool(StrokeTool):
    """Paints the armed label's mask; erases while Ctrl is held. Shift and the wheel, [ and ] change its size."""

    title, shortcut, icon = "Brush", "R", "brush.svg"
    hand = "Drag: paint"
    workspaces = ("annotate",)
    help = "Drag to paint, with Ctrl to erase. N begins a new object of the same label."
    words = "paint mask segment"
