"""Measure an angle."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.outlines import MEASUREMENT_COLOR, Outline
from viewer.ui.gestures.clicked_points import ClickedPoints
from viewer.ui.gestures.dragging import draft_measurement, inside, may_draw, new_measurement
from viewer.ui.gestures.tool import NO_PREVIEW, Preview, ToolPoint


class AngleTool(ClickedPoints):
    """Three clicks: an end, the corner, the other end. A drag of the first click sets two at once."""

    title, shortcut, icon = "Angle", "G", "angle.svg"
    hand = "Click: angle"
    workspaces = ("read",)
    words = "cobb measure goniometer"
    kind = "angle"
    cursor = Qt.CursorShape.CrossCursor

    def press(self, point: ToolPoint) -> Edit | None:
        if may_draw(self.host):
            self.here = inside(point, self.host.context)
            if not self.points:
                self.points.append(self.here)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        if not self.points:
            return None
        here = inside(point, self.host.context)
        if here != self.points[-1]:
            self.points.append(here)
        if len(self.points) < 3:
            return None
        points = tuple(self.points)
        self.cancel()
        return new_measurement(self.host.context, self.kind, points)

    def preview(self) -> Preview:
        if not self.points or self.here is None:
            return NO_PREVIEW
        points = (*self.points, self.here)
        if len(points) == 3:
            return Preview(measurement=draft_measurement(self.host.context, self.kind, points))
        return Preview(outlines=(Outline(points_px=points, color=MEASUREMENT_COLOR, closed=False),))
