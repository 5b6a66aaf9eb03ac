"""A stroke of brush or eraser on the mask of a label; brush and eraser tools differ only in which comes first."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from viewer.core.edits import AnnotationChange, Change, Edit
from viewer.core.overlays import label_color
from viewer.core.shapes.annotations import Annotation, Origin
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.rasterize import brush_stroke
from viewer.project.edit_builders import origin_after_change, paint
from viewer.ui.gestures.dragging import may_draw, new_shape, no_label_words
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, LiveMask, Modifier, Preview, ToolContext, ToolHost, ToolPoint


class StrokeTool(IdleTool):
    """Paints while dragged. `erases` says what happens without Ctrl; with Ctrl held it always erases."""

    cursor = Qt.CursorShape.BlankCursor
    repaints_itself = True
    takes_double_click = True  # two quick dabs are two dabs
    erases = False
    kind = "mask"
    draws = paints = True

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._target: Annotation | None = None
        self._live: LiveMask | None = None
        self._before: np.ndarray[tuple[int, int], np.dtype[np.bool_]] | None = None
        self._last = (0.0, 0.0)
        self._touched: tuple[int, int, int, int] | None = None
        self._removes = False
        self._at: tuple[float, float] | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        if not may_draw(self.host):
            return None
        context = self.host.context
        self._removes = self.erases or Modifier.CTRL in point.modifiers
        self._target = stroke_target(context, (point.x_px, point.y_px), erases=self._removes)
        if self._target is None and (self._removes or context.label is None):
            self.host.say(_nothing_to_erase(context) if context.label is not None else no_label_words(context))
            return None
        mask = self._target.shape.painted() if self._target is not None else None
        if self._target is not None and mask is not None:
            before = mask.to_array()
            color = label_color(self._target.label, context.labels)
            name = self._target.annotation_id
        else:
            before = np.zeros((context.rows, context.cols), np.bool_)
            color, name = (context.label.color if context.label else "#FFFFFF"), ""
        self._before = before
        self._live = LiveMask(annotation_id=name, color=color, mask=before.copy())
        self._touched = None
        self._last = (point.x_px, point.y_px)
        self.host.preview_changed()
        self._stroke_to(point)
        return None

    def double_click(self, point: ToolPoint) -> Edit | None:
        return self.press(point)

    def drag(self, point: ToolPoint) -> Edit | None:
        self._move_ring(point)
        if self._live is not None:
            self._stroke_to(point)
        return None

    def hover(self, point: ToolPoint) -> None:
        self._move_ring(point)

    def leave(self) -> None:
        if self._at is not None and self._live is None:
            ring, self._at = self._at, None
            self._ring_changed(ring)

    def release(self, point: ToolPoint) -> Edit | None:
        live, before, touched, target = self._live, self._before, self._touched, self._target
        self.cancel()
        if live is None or before is None or touched is None:
            return None
        edit = _edit(self.host.context, target, before, live.mask, touched)
        if edit is None and target is not None and self._removes:
            self.host.say(f"Nothing of this {target.label} lay under the eraser.")
        return edit

    def live_mask(self) -> LiveMask | None:
        return self._live

    def preview(self) -> Preview:
        if self._at is None:
            return NO_PREVIEW
        return Preview(brush=(*self._at, self.host.context.brush_radius_px))

    def cancel(self) -> bool:
        begun = self._live is not None
        self._live = self._before = self._target = None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._live is not None

    def _stroke_to(self, point: ToolPoint) -> None:
        """From the last point to this one, so that a fast mouse leaves no gaps."""
        assert self._live is not None
        context = self.host.context
        to = (point.x_px, point.y_px)
        row0, col0, patch = brush_stroke((self._last, to), context.brush_radius_px, context.rows, context.cols)
        self._last = to
        if not patch.size:
            return
        row1, col1 = row0 + patch.shape[0], col0 + patch.shape[1]
        part = self._live.mask[row0:row1, col0:col1]
        if self._removes:
            part &= ~patch
        else:
            part |= patch
        old = self._touched or (row0, col0, row1, col1)
        self._touched = (min(old[0], row0), min(old[1], col0), max(old[2], row1), max(old[3], col1))
        self.host.mask_touched(row0, col0, row1, col1)

    def _move_ring(self, point: ToolPoint) -> None:
        before, self._at = self._at, (point.x_px, point.y_px)
        for ring in (before, self._at):
            if ring is not None:
                self._ring_changed(ring)

    def _ring_changed(self, ring: tuple[float, float]) -> None:
        radius = self.host.context.brush_radius_px + 1
        self.host.area_changed(ring[0] - radius, ring[1] - radius, ring[0] + radius, ring[1] + radius)


def _nothing_to_erase(context: ToolContext) -> str:
    name = context.label.name if context.label is not None else ""
    if context.begins_object:
        return f"The new {name} is not begun yet: paint it first, or press N again to go on with the one before."
    return f"There is no mask of {name} here."


def stroke_target(
    context: ToolContext, at: tuple[float, float] | None = None, *, erases: bool = False
) -> Annotation | None:
    """The mask a stroke works on: the selected one if its label fits, else the newest of the armed label.

    In a series the brush goes on with the object in hand: its mask here, else one that it begins here.

    at: where an eraser begins (x_px, y_px). Without a selection it takes what lies there: a mask of the armed label
    before others. None where the stroke begins a mask, or where a new object waits for its first stroke.
    """
    masks = [a for a in context.annotations if a.shape.painted() is not None]
    wanted = context.label.name if context.label is not None else None
    for annotation in masks:
        if annotation.annotation_id == context.selected_id and (erases or annotation.label == wanted):
            return annotation
    if context.begins_object:
        return None
    same = [a for a in masks if a.label == wanted]
    if not erases and context.continued:
        return None
    if not erases or at is None:
        found = [a for a in same if a.object_key == context.object_in_hand] or same
        return found[-1] if found else None
    here = [a for a in (*masks, *same) if a.shape.holds(at)]
    return here[-1] if here else (same[-1] if same else None)


def _edit(
    context: ToolContext,
    target: Annotation | None,
    before: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    after: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    touched: tuple[int, int, int, int],
) -> Edit | None:
    """One edit of only the rectangle that really changed; None when nothing did."""
    rows, cols = slice(touched[0], touched[2]), slice(touched[1], touched[3])
    changed = np.argwhere(before[rows, cols] != after[rows, cols])
    if not len(changed):
        return None
    if target is None:
        runs = MaskRuns.from_array(after[rows, cols]).runs + np.asarray([touched[0], touched[1], touched[1]], np.int32)
        return new_shape(context, MaskRuns(rows=after.shape[0], cols=after.shape[1], runs=runs))
    (row0, col0), (row1, col1) = changed.min(axis=0), changed.max(axis=0) + 1
    row0, row1, col0, col1 = (
        int(v) for v in (row0 + touched[0], row1 + touched[0], col0 + touched[1], col1 + touched[1])
    )
    removed = not after[row0:row1, col0:col1].any() and not after.any()
    verb = "erase" if before[row0:row1, col0:col1].sum() > after[row0:row1, col0:col1].sum() else "paint"
    change: Change
    if removed:
        change = AnnotationChange(before=target, after=None)
    elif origin_after_change(target) is not target.origin:
        # An accepted proposal becomes a corrected one, which a patch alone cannot say.
        shape = MaskRuns.from_array(after)
        now = replace(target, shape=shape, origin=Origin.CORRECTED, revision=target.revision + 1, author=context.author)
        change = AnnotationChange(before=target, after=now)
    else:
        old, new = before[row0:row1, col0:col1].copy(), after[row0:row1, col0:col1].copy()
        return paint(target, row0=row0, col0=col0, before=old, after=new)
    return Edit(text=f"{verb} {target.label}", image_id=target.image_id, changes=(change,))
