"""Select shapes; move and resize the selected one, add corners to a polygon or polyline and take them away."""

import math

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.overlays import label_color
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.hit import (
    Item,
    edge_at,
    handle_at,
    hit,
    item_id,
    moved,
    step_together,
)
from viewer.core.shapes.outlines import Outline, annotation_lines, measurement_lines
from viewer.ui.gestures.changing import in_one_step, item_edit
from viewer.ui.gestures.dragging import may_draw
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Modifier, Preview, ToolHost, ToolPoint

# Logical pixels within which a line or handle is taken.
REACH_PX = 7.0
LEAST_PX = 2.0
RING_PX = 9.0


class SelectTool(IdleTool):
    """A click selects, with Ctrl or Shift one more; a drag moves or resizes only what is selected already.

    Of a polygon or polyline: a double click on an edge adds a corner, Alt and a click on a corner takes it away, and so
    does Delete after a click on it.
    """

    title, shortcut, icon = "Select", "V", "select.svg"
    hand = "Click: select"
    workspaces = ("read", "annotate", "review")
    help = (
        "Click a shape to select it, with Ctrl one more; drag a selected one to move it. A digit gives it "
        "another label. Of a polygon or polyline: double click on an edge adds a corner, Alt+click on a corner (or "
        "Delete after a click on it) takes it away."
    )
    words = "move arrow pointer"
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._item: Item | None = None
        self._handle: int | None = None
        self._start: ToolPoint | None = None
        self._now: Item | None = None
        self._others: tuple[Item, ...] = ()  # selected beside it, which move with it
        self._others_now: tuple[Item, ...] = ()
        self._grown: Item | None = None  # it, with the corner that is being added
        self._corner: tuple[Annotation, int] | None = None  # a corner that was clicked, and of what

    def press(self, point: ToolPoint) -> Edit | None:
        context = self.host.context
        selected = context.selected()
        self._corner = None
        if selected is not None and not point.modifiers & {Modifier.CTRL, Modifier.SHIFT}:
            self._handle = handle_at(selected, (point.x_px, point.y_px), self._reach())
            if self._handle is not None and Modifier.ALT in point.modifiers:
                return self._without_corner(selected, self._handle)
            if self._handle is not None:
                if isinstance(selected, Annotation) and selected.shape.corners():
                    self._corner = (selected, self._handle)
                self._begin(selected, point)
                return None
        found = self._under(point)
        if point.modifiers & {Modifier.CTRL, Modifier.SHIFT}:
            if found is not None:
                self.host.turn_selected(item_id(found))
        elif found is None:
            self.host.select("")
        elif found in context.selection() and found.shape.is_movable:
            self._begin(found, point)
            self._others = tuple(one for one in context.selection() if one != found and one.shape.is_movable)
        else:
            self.host.select(item_id(found))
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        item, start = self._item, self._start
        if item is None or start is None:
            return None
        context = self.host.context
        far = max(abs(point.view_x - start.view_x), abs(point.view_y - start.view_y))
        if self._now is self._grown and far < LEAST_PX * context.device_ratio:
            return None
        if self._handle is not None:
            x, y = min(max(point.x_px, 0.0), context.cols), min(max(point.y_px, 0.0), context.rows)
            shape = (self._grown or item).shape.with_handle(self._handle, (x, y))
        else:
            size = context.rows, context.cols
            step = step_together((item, *self._others), point.x_px - start.x_px, point.y_px - start.y_px, *size)
            shape = moved(item, *step, *size)
            self._others_now = tuple(one.with_shape(moved(one, *step, *size)) for one in self._others)
        self._now = item.with_shape(shape)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        item, now, author = self._item, self._now, self.host.context.author
        together = [*zip(self._others, self._others_now)]
        verb = "add a corner to" if self._grown is not None else "move" if self._handle is None else "resize"
        self._let_go()
        if item is None or now is None or now == item:
            if item is not None and self.host.context.also_selected and self._corner is None:
                self.host.select(item_id(item))  # a click, and no drag: this one alone
            return None
        self._corner = None
        edits = [item_edit(one, there, verb, author) for one, there in ((item, now), *together)]
        return in_one_step(edits, f"{verb} {len(edits)} objects")

    def before_menu(self, point: ToolPoint) -> None:
        found = self._under(point)
        if found is not None and found not in self.host.context.selection():
            self.host.select(item_id(found))

    def wants_double_click(self, point: ToolPoint) -> bool:
        return self._edge(point) is not None

    def double_click(self, point: ToolPoint) -> Edit | None:
        cornered, edge = self._cornered(), self._edge(point)
        self.cancel()  # the first press of the double click began a drag of no length
        if cornered is None or edge is None or not may_draw(self.host):
            return None
        # It is kept when the button goes up: until then it can be dragged to its place, in the same step.
        self._now = self._grown = cornered.with_shape(cornered.shape.with_corner(*edge))
        self._item, self._start, self._handle = cornered, point, edge[0] + 1
        return None

    def wants_key(self, key: Qt.Key) -> bool:
        return key is Qt.Key.Key_Delete and self._clicked_corner() is not None

    def key(self, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
        corner = self._clicked_corner()
        return None if corner is None else self._without_corner(*corner)

    def preview(self) -> Preview:
        now = self._now
        if now is None:
            return self._corner_preview()
        if self._others_now:
            group = (now, *self._others_now)
            lines = [line for one in group for line in self._lines(one)]
            return Preview(outlines=tuple(lines), hidden_ids=frozenset(map(item_id, group)))
        if not isinstance(now, Annotation):
            return Preview(measurement=now, hidden_ids=frozenset({now.measurement_id}))
        lines = self._lines(now)
        note = now.shape.side_note()
        texts = () if note is None else (note,)
        return Preview(outlines=tuple(lines), texts=texts, hidden_ids=frozenset({now.annotation_id}))

    def _lines(self, item: Item) -> list[Outline]:
        if isinstance(item, Measurement):
            return list(measurement_lines(item, selected=True))
        color = label_color(item.label, self.host.context.labels)
        return list(annotation_lines(item, color, selected=True)[0])

    def cancel(self) -> bool:
        begun = self._now is not None
        self._let_go()
        self._corner = None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._now is not None

    def _reach(self) -> float:
        """How far a line or handle reaches, in image pixels."""
        context = self.host.context
        return REACH_PX * context.device_ratio / min(context.transform.scale_x, context.transform.scale_y)

    def _under(self, point: ToolPoint) -> Item | None:
        """What lies under the mouse."""
        context = self.host.context
        return hit(context.seen(), (point.x_px, point.y_px), self._reach())

    def _let_go(self) -> None:
        self._item = self._start = self._now = self._grown = self._handle = None
        self._others = self._others_now = ()

    def _begin(self, item: Item, point: ToolPoint) -> None:
        if item.shape.is_movable and may_draw(self.host):
            self._item, self._start = item, point

    # Corners that come and go

    def _cornered(self) -> Annotation | None:
        """What is selected, if it has corners that can be added and taken away."""
        selected = self.host.context.selected()
        return selected if isinstance(selected, Annotation) and selected.shape.corners() else None

    def _edge(self, point: ToolPoint) -> tuple[int, float] | None:
        """The edge of it under the mouse, measured on the screen."""
        cornered, context = self._cornered(), self.host.context
        if cornered is None:
            return None
        corners = [context.transform.to_view(x, y) for x, y in cornered.shape.corners()]
        reach = REACH_PX * context.device_ratio
        return edge_at(corners, (point.view_x, point.view_y), reach, closed=cornered.shape.closed)

    def _clicked_corner(self) -> tuple[Annotation, int] | None:
        """The corner that was clicked, while its shape is selected and as it was."""
        return self._corner if self._corner is not None and self._cornered() == self._corner[0] else None

    def _without_corner(self, item: Item, corner: int) -> Edit | None:
        self._let_go()
        if not item.shape.corners() or not may_draw(self.host):
            return None
        less = item.shape.without_corner(corner)
        if less is None:
            self.host.say(item.shape.fewest_words)
            return None
        self._corner = None
        return item_edit(item, item.with_shape(less), "take a corner from", self.host.context.author)

    def _corner_preview(self) -> Preview:
        """The clicked corner with a ring round it, so that Delete is known to be about it alone."""
        clicked = self._clicked_corner()
        if clicked is None:
            return NO_PREVIEW
        context = self.host.context
        x, y = clicked[0].shape.corners()[clicked[1]]
        x_reach, y_reach = (
            RING_PX * context.device_ratio / scale for scale in (context.transform.scale_x, context.transform.scale_y)
        )
        turns = [2 * math.pi * step / 24 for step in range(24)]
        ring = tuple((x + x_reach * math.cos(turn), y + y_reach * math.sin(turn)) for turn in turns)
        return Preview(outlines=(Outline(points_px=ring, color="#FFFFFF", width_px=2.0, handles_px=((x, y),)),))
