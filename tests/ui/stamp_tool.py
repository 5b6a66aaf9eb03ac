"""A tool that the program does not have, for `test_tool_is_one_file.py`: a click stamps a box of 6 x 6."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.ui.gestures.dragging import may_draw_shape, new_shape
from viewer.ui.gestures.tool import IdleTool, ToolPoint


class StampTool(IdleTool):
    title, shortcut, icon = "Stamp", "K", "box.svg"
    hand = "Click: stamp"
    workspaces = ("annotate",)
    help = "A click stamps a box of six pixels."
    words = "rubber ink"
    lent_by = Qt.Key.Key_J
    draws = True

    def press(self, point: ToolPoint) -> Edit | None:
        if not may_draw_shape(self.host):
            return None
        x, y = point.x_px, point.y_px
        return new_shape(self.host.context, Box(x0_px=x - 3, y0_px=y - 3, x1_px=x + 3, y1_px=y + 3))
