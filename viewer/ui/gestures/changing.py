"""Edits of a shape that is there already: moved, resized, nudged, removed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.hit import Item, moved, step_together
from viewer.project.edit_builders import change_annotation, change_measurement, remove_annotation, remove_measurement
from viewer.ui.gestures.tool import Modifier, ToolContext

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
# Not Backspace: in Review it rejects, and a hand that decides there must not take a shape away.
REMOVING_KEYS = (Qt.Key.Key_Delete,)


def item_edit(before: Item, after: Item, verb: str, author: str) -> Edit:
    """One gesture on an item, with its author, revision and origin."""
    if isinstance(before, Annotation) and isinstance(after, Annotation):
        return change_annotation(before, author=author, shape=after.shape, verb=verb)
    assert isinstance(before, Measurement) and isinstance(after, Measurement)
    return change_measurement(before, after.points_px, verb=verb)


def removal(item: Item) -> Edit:
    """The item goes."""
    return remove_annotation(item) if isinstance(item, Annotation) else remove_measurement(item)


def in_one_step(edits: Sequence[Edit], text: str) -> Edit | None:
    """Several edits of one image as one gesture, called `text` where there are several; None of none."""
    if len(edits) < 2:
        return edits[0] if edits else None
    changes = tuple(change for edit in edits for change in edit.changes)
    return Edit(text=text, image_id=edits[0].image_id, changes=changes)


def wants_shape_key(context: ToolContext, key: Qt.Key, modifiers: frozenset[Modifier]) -> bool:
    """Whether a key acts on what is selected: Delete always, Ctrl and arrows where it can be moved.

    Plain arrows are the image's: a hand that goes through a series must not move a box on the way.
    """
    if not context.may_draw or Modifier.ALT in modifiers:
        return False
    if key in REMOVING_KEYS:
        return not modifiers and bool(context.selection())
    return key in _STEPS and Modifier.CTRL in modifiers and any(item.shape.is_movable for item in context.selection())


def shape_key_edit(context: ToolContext, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
    """Delete removes what is selected; Ctrl and arrows nudge it by a pixel as seen on the screen, with Shift by ten."""
    items = context.selection()
    if key in REMOVING_KEYS:
        return in_one_step([removal(item) for item in items], f"remove {len(items)} objects")
    right, down = _STEPS[key]
    step = 10 if Modifier.SHIFT in modifiers else 1
    x0, y0 = context.transform.to_image(0, 0)
    x1, y1 = context.transform.to_image(right * context.transform.scale_x, down * context.transform.scale_y)
    dx, dy = _whole(x1 - x0) * step, _whole(y1 - y0) * step
    nudges, movable = [], [item for item in items if item.shape.is_movable]
    together = step_together(movable, dx, dy, context.rows, context.cols)
    for item in movable:
        now = item.with_shape(moved(item, *together, context.rows, context.cols))
        nudges += [item_edit(item, now, "nudge", context.author)] if now != item else []
    return in_one_step(nudges, f"nudge {len(nudges)} objects")


def _whole(step: float) -> int:
    """One pixel in the direction of a step; turned views of non-square pixels give other lengths."""
    return 0 if abs(step) < 0.01 else (1 if step > 0 else -1)
