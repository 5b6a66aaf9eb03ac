"""Measure the values inside a rectangle."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.ui.gestures.dragging import CornerTool, draft_measurement, new_measurement
from viewer.ui.gestures.tool import NO_PREVIEW, Preview


class RectangleTool(CornerTool):
    """From corner to corner of the rectangle's box; mean, SD, min, max and area stand beside it."""

    title, shortcut, icon = "Rectangle", "Q", "box.svg"
    hand = "Drag: rectangle"
    workspaces = ("read",)
    words = "roi region mean measure hu suv"
    kind = "rectangle"
    cursor = Qt.CursorShape.CrossCursor

    def finish(self, box: Box) -> Edit | None:
        return new_measurement(self.host.context, self.kind, _corners(box))

    def preview(self) -> Preview:
        box = self.box()
        if box is None:
            return NO_PREVIEW
        return Preview(measurement=draft_measurement(self.host.context, self.kind, _corners(box)))


def _corners(box: Box) -> tuple[tuple[float, float], ...]:
    return ((box.x0_px, box.y0_px), (box.x1_px, box.y1_px))
