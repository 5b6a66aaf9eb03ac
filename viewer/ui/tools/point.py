"""Mark one place."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.shape import shape_kind
from viewer.ui.gestures.dragging import inside, may_draw_shape, new_shape
from viewer.ui.gestures.tool import IdleTool, ToolPoint


class PointTool(IdleTool):
    """A click sets a point where it is pressed."""

    title, shortcut, icon = "Point", "P", "point.svg"
    hand = "Click: point"
    workspaces = ("annotate",)
    help = "A click marks one place with the label."
    words = "landmark keypoint dot place mark"
    kind = "point"
    draws = True
    takes_double_click = True  # two quick clicks are two points
    cursor = Qt.CursorShape.CrossCursor

    def press(self, point: ToolPoint) -> Edit | None:
        if not may_draw_shape(self.host):
            return None
        context = self.host.context
        return new_shape(context, shape_kind(self.kind).of_points((inside(point, context),)))

    def double_click(self, point: ToolPoint) -> Edit | None:
        return self.press(point)
