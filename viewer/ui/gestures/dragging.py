"""What tools of the same gesture share: drags that look, two-corner drags, and the edits of new shapes.

Tools inherit from here and not from each other; a tool of its own kind inherits `IdleTool` alone.
"""

from viewer.core.edits import Edit
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.shape import Shape
from viewer.project.edit_builders import add_annotation, add_measurement, new_id
from viewer.ui.gestures.tool import IdleTool, ToolContext, ToolHost, ToolPoint

CHOOSE_LABEL = "Choose a label first: press a digit."
ADD_LABEL = "There is no label to draw with: choose Add a label… in the Labels panel, or in Ctrl+K."
LEAST_PX = 2.0  # logical pixels a drag must go to be meant


class LookingTool(IdleTool):
    """A drag that changes how the image is looked at: steps in device pixels, never an edit."""

    outlives_frame = True

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last: tuple[float, float] | None = None
        self.start = (0.0, 0.0)

    def press(self, point: ToolPoint) -> Edit | None:
        self._last = self.start = (point.view_x, point.view_y)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._last is not None:
            last, self._last = self._last, (point.view_x, point.view_y)
            self.step(point.view_x - last[0], point.view_y - last[1])
        return None

    def step(self, right: float, down: float) -> None:
        """The mouse went this many device pixels."""

    def release(self, point: ToolPoint) -> Edit | None:
        self._last = None
        return None

    def cancel(self) -> bool:
        begun, self._last = self._last is not None, None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._last is not None


class CornerTool(IdleTool):
    """A drag from one corner to the opposite one. `corners` are image points, kept inside the image."""

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._start: ToolPoint | None = None
        self._end: ToolPoint | None = None

    def may_begin(self) -> bool:
        """Whether a drag may begin now; says why not."""
        return may_draw(self.host)

    def press(self, point: ToolPoint) -> Edit | None:
        if self.may_begin():
            self._start, self._end = point, None
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._start is not None:
            self._end = point
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        if self._start is None:
            return None
        self._end = point
        box = self.box()
        self._start = self._end = None
        return self.finish(box) if box is not None else None

    def finish(self, box: Box) -> Edit | None:
        """The drag is done. Returns its edit."""
        return None

    def box(self) -> Box | None:
        """What is dragged now; None before it is large enough to be meant."""
        start, end = self._start, self._end
        if start is None or end is None:
            return None
        context = self.host.context
        least = LEAST_PX * context.device_ratio
        if abs(end.view_x - start.view_x) < least or abs(end.view_y - start.view_y) < least:
            return None
        (x0, y0), (x1, y1) = inside(start, context), inside(end, context)
        if x0 == x1 or y0 == y1:
            return None
        return Box(x0_px=min(x0, x1), y0_px=min(y0, y1), x1_px=max(x0, x1), y1_px=max(y0, y1))

    def cancel(self) -> bool:
        begun = self._start is not None
        self._start = self._end = None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._start is not None


def may_draw(host: ToolHost) -> bool:
    """Whether anything may be kept now; says why not."""
    if not host.context.may_draw:
        host.say("Nothing can be drawn now: this project is open for reading only, or a change was not kept.")
        return False
    return True


def may_draw_shape(host: ToolHost) -> bool:
    """The same for shapes, which also need a label."""
    if not may_draw(host):
        return False
    if host.context.label is None:
        host.say(no_label_words(host.context))
        return False
    return True


def no_label_words(context: ToolContext) -> str:
    """What to do where no label is armed: choose one, or add the first."""
    return CHOOSE_LABEL if any(label.scope == "region" for label in context.labels) else ADD_LABEL


def inside(point: ToolPoint, context: ToolContext) -> tuple[float, float]:
    """The image point, kept within the image."""
    return min(max(point.x_px, 0.0), float(context.cols)), min(max(point.y_px, 0.0), float(context.rows))


def new_shape(context: ToolContext, shape: Shape) -> Edit:
    """A shape with the armed label, of the object that is drawn on from slice to slice, if any."""
    assert context.label is not None, "asked for by may_draw_shape"
    return add_annotation(
        context.image_id, context.label.name, shape, author=context.author, proposal_seen=context.proposal_seen,
        object_id=context.continued,
    )  # fmt: skip


def new_measurement(context: ToolContext, kind: str, points_px: tuple[tuple[float, float], ...]) -> Edit:
    """A measurement that is kept."""
    return add_measurement(draft_measurement(context, kind, points_px))


def draft_measurement(context: ToolContext, kind: str, points_px: tuple[tuple[float, float], ...]) -> Measurement:
    """A measurement with an id of its own; not kept yet."""
    return Measurement(
        measurement_id=new_id(),
        image_id=context.image_id,
        kind=kind,
        points_px=points_px,
        author=context.author,
    )
