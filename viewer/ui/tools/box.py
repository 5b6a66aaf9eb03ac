"""Draw a box."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlines import SELECTED_WIDTH_PX, Outline
from viewer.ui.gestures.dragging import CornerTool, may_draw_shape, new_shape
from viewer.ui.gestures.tool import NO_PREVIEW, Preview


class BoxTool(CornerTool):
    """From corner to corner; a drag shorter than 2 screen pixels draws nothing."""

    title, shortcut, icon = "Box", "B", "box.svg"
    hand = "Drag: box"
    workspaces = ("annotate",)
    words = "rectangle bounding"
    draws = True
    kind = "box"
    cursor = Qt.CursorShape.CrossCursor

    def may_begin(self) -> bool:
        return may_draw_shape(self.host)

    def finish(self, box: Box) -> Edit | None:
        context = self.host.context
        return new_shape(context, box) if context.label is not None else None

    def preview(self) -> Preview:
        box, label = self.box(), self.host.context.label if self.is_busy else None
        if box is None or label is None:
            return NO_PREVIEW
        (ring,) = box.rings()
        return Preview(
            outlines=(Outline(points_px=ring, color=label.color, width_px=SELECTED_WIDTH_PX),),
            texts=(box.side_note(),),
        )
