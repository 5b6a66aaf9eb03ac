"""Draw a polygon corner by corner."""

import math

from viewer.core.shapes.outlined import Point
from viewer.ui.gestures.corner_by_corner import CornerByCorner
from viewer.ui.gestures.tool import ToolPoint

# A click this near to the first corner (logical pixels) closes the polygon.
CLOSE_PX = 8.0


class PolygonTool(CornerByCorner):
    """Click corners; double click, Enter or a click on the first corner closes; Backspace takes the last one back."""

    title, shortcut, icon = "Polygon", "G", "polygon.svg"
    hand, hand_after = "Click: polygon", "Enter: close it"
    workspaces = ("annotate",)
    help = (
        "Click corner by corner; Enter, a double click or a click on the first corner closes it; Backspace takes the "
        "last corner back."
    )
    words = "contour outline segment"
    kind = "polygon"

    def ends_here(self, corners: list[Point], point: ToolPoint) -> bool:
        if len(corners) < 3:
            return False
        x, y = point.view.to_view(*corners[0])
        return math.hypot(x - point.view_x, y - point.view_y) <= CLOSE_PX * self.host.context.device_ratio
