"""Points that are clicked one after another, and where the mouse is beside them."""

from viewer.core.edits import Edit
from viewer.core.shapes.outlined import Point
from viewer.ui.gestures.dragging import inside
from viewer.ui.gestures.tool import IdleTool, ToolHost, ToolPoint


class ClickedPoints(IdleTool):
    """What was clicked so far; tools say what a click sets and where it ends."""

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self.points: list[Point] = []
        self.here: Point | None = None

    def hover(self, point: ToolPoint) -> None:
        if self.points:
            self.here = inside(point, self.host.context)
            self.host.preview_changed()

    def drag(self, point: ToolPoint) -> Edit | None:
        self.hover(point)
        return None

    def cancel(self) -> bool:
        begun = bool(self.points)
        self.points, self.here = [], None
        return begun

    @property
    def is_busy(self) -> bool:
        return bool(self.points)
