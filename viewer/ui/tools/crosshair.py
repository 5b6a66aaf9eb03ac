"""Show one place of the patient in every view."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.ui.gestures.tool import IdleTool, ToolHost, ToolPoint

NO_PLACE = "This image does not say where it lies in the patient, so other views cannot follow."


class CrosshairTool(IdleTool):
    """Click or drag: views of the same frame of reference go to the slice through that point, and mark it."""

    title, shortcut, icon = "Crosshair", "X", "crosshair.svg"
    hand = "Click or drag: crosshair"
    workspaces = ("read",)
    help = "Views of the same frame of reference go to the slice through the point, and mark it."
    words = "cross reference locate"
    cursor = Qt.CursorShape.CrossCursor
    outlives_frame = True  # the other views change their slice at each step

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._pressed = False

    def press(self, point: ToolPoint) -> Edit | None:
        facts = self.host.context.facts
        if facts.plane is None or facts.spacing is None:
            self.host.say(NO_PLACE)
            return None
        self._pressed = True
        self.host.point(point.x_px, point.y_px)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._pressed:
            self.host.point(point.x_px, point.y_px)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._pressed = False
        return None

    def cancel(self) -> bool:
        begun, self._pressed = self._pressed, False
        return begun

    @property
    def is_busy(self) -> bool:
        return self._pressed
