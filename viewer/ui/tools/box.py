"""Draw a box."""

from uuid import uuid4

from PySide6.QtCore import Qt

from viewer.core.annotations import Annotation
from viewer.core.edits import AnnotationChange, Edit
from viewer.core.outlines import SELECTED_WIDTH_PX, Outline, shape_rings
from viewer.core.shapes import Box
from viewer.ui.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

LEAST_PX = 2.0


class BoxTool(IdleTool):
    """From corner to corner; a drag shorter than 2 screen pixels draws nothing."""

    title, shortcut, icon = "Box", "B", "box.svg"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._start: ToolPoint | None = None
        self._box: Box | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        context = self.host.context
        if not context.may_draw:
            return None
        if context.label is None:
            self.host.say("Choose a label first: press a digit.")
            return None
        self._start, self._box = point, None
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._start is not None:
            self._box = self._between(self._start, point)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        start, self._start, self._box = self._start, None, None
        box = self._between(start, point) if start is not None else None
        context = self.host.context
        if box is None or context.label is None:
            return None
        annotation = Annotation(
            annotation_id=uuid4().hex,
            image_id=context.image_id,
            label=context.label.name,
            shape=box,
            author=context.author,
            proposal_seen=context.proposal_seen,
        )
        return Edit(
            text=f"draw {context.label.name}",
            image_id=context.image_id,
            changes=(AnnotationChange(before=None, after=annotation),),
        )

    def preview(self) -> Preview:
        label = self.host.context.label if self._box is not None else None
        if self._box is None or label is None:
            return NO_PREVIEW
        (ring,) = shape_rings(self._box)
        size = f"{self._box.width_px:.0f} × {self._box.height_px:.0f} px"
        return Preview(
            outlines=(Outline(points_px=ring, color=label.color, width_px=SELECTED_WIDTH_PX),),
            texts=((self._box.x1_px, self._box.y1_px, size),),
        )

    def cancel(self) -> bool:
        begun, self._start, self._box = self._start is not None, None, None
        return begun

    def _between(self, start: ToolPoint, end: ToolPoint) -> Box | None:
        """The box inside the image, or None where it is too small to be meant."""
        if abs(end.view_x - start.view_x) < LEAST_PX or abs(end.view_y - start.view_y) < LEAST_PX:
            return None
        context = self.host.context
        xs = sorted(min(max(x, 0.0), float(context.cols)) for x in (start.x_px, end.x_px))
        ys = sorted(min(max(y, 0.0), float(context.rows)) for y in (start.y_px, end.y_px))
        if xs[1] <= xs[0] or ys[1] <= ys[0]:
            return None
        return Box(x0_px=xs[0], y0_px=ys[0], x1_px=xs[1], y1_px=ys[1])
