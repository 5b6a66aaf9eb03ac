"""A shape that is clicked corner by corner; the tools for it differ in where it ends."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.outlined import Point
from viewer.core.shapes.outlines import SELECTED_WIDTH_PX, Outline
from viewer.core.shapes.shape import shape_kind
from viewer.ui.gestures.clicked_points import ClickedPoints
from viewer.ui.gestures.dragging import inside, may_draw_shape, new_shape
from viewer.ui.gestures.tool import NO_PREVIEW, Modifier, Preview, ToolPoint

_DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CornerByCorner(ClickedPoints):
    """Click corners; a double click or Enter is the end; Backspace takes the last one back."""

    draws = True
    cursor = Qt.CursorShape.CrossCursor
    takes_double_click = True

    def ends_here(self, corners: list[Point], point: ToolPoint) -> bool:
        """Whether a click at this place sets no further corner, but is the end."""
        return False

    def press(self, point: ToolPoint) -> Edit | None:
        if not may_draw_shape(self.host):
            return None
        here = inside(point, self.host.context)
        if self.ends_here(self.points, point):
            return self._done()
        if not self.points or here != self.points[-1]:
            self.points.append(here)
        self.here = here
        return None

    def double_click(self, point: ToolPoint) -> Edit | None:
        # The first press of the double click has set its corner already.
        return self._done()

    def wants_key(self, key: Qt.Key) -> bool:
        return bool(self.points) and key in (*_DONE, Qt.Key.Key_Backspace)

    def key(self, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
        if key in _DONE:
            return self._done()
        self.points.pop()
        return None

    def preview(self) -> Preview:
        label = self.host.context.label if self.points else None
        if label is None or self.here is None:
            return NO_PREVIEW
        points = tuple(self.points) if self.points[-1] == self.here else (*self.points, self.here)
        line = Outline(
            points_px=points,
            color=label.color,
            closed=False,
            width_px=SELECTED_WIDTH_PX,
            handles_px=tuple(self.points),
        )
        return Preview(outlines=(line,))

    def _done(self) -> Edit | None:
        context = self.host.context
        if context.label is None:
            return None
        try:
            shape = shape_kind(self.kind).of_points(tuple(self.points))
        except BadRequest:  # too few corners yet
            return None
        self.cancel()
        return new_shape(context, shape)
