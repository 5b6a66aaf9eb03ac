"""Edits of a shape that is there already: moved, resized, nudged, removed."""

from dataclasses import replace

from PySide6.QtCore import Qt

from viewer.core.annotations import Annotation, Measurement
from viewer.core.edits import Edit
from viewer.core.hit import Item, Point, moved
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Shape
from viewer.project.edit_builders import change_annotation, change_measurement, remove_annotation, remove_measurement
from viewer.ui.tool import Modifier, ToolContext

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_REMOVING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def changed_item(item: Item, shape: Shape | tuple[Point, ...]) -> Item:
    """The item with another shape (or a measurement with other points); not kept yet."""
    if isinstance(item, Measurement):
        return replace(item, points_px=shape) if isinstance(shape, tuple) else item
    return item if isinstance(shape, tuple) else replace(item, shape=shape)


def item_edit(before: Item, after: Item, verb: str, author: str) -> Edit:
    """One gesture on an item, with its author, revision and origin."""
    if isinstance(before, Annotation) and isinstance(after, Annotation):
        return change_annotation(before, author=author, shape=after.shape, verb=verb)
    assert isinstance(before, Measurement) and isinstance(after, Measurement)
    return change_measurement(before, after.points_px, verb=verb)


def removal(item: Item) -> Edit:
    """The item goes."""
    return remove_annotation(item) if isinstance(item, Annotation) else remove_measurement(item)


def wants_shape_key(context: ToolContext, key: Qt.Key, modifiers: frozenset[Modifier]) -> bool:
    """Whether a key acts on the selected shape: Delete always, arrows where it can be moved."""
    if modifiers & {Modifier.CTRL, Modifier.ALT} or not context.may_draw:
        return False
    item = context.selected()
    if item is None:
        return False
    movable = not (isinstance(item, Annotation) and isinstance(item.shape, MaskRuns))
    return key in _REMOVING or (movable and key in _STEPS)


def shape_key_edit(context: ToolContext, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
    """Delete removes the selected shape; arrows nudge it by a pixel as seen on the screen, with Shift by ten."""
    item = context.selected()
    if item is None:
        return None
    if key in _REMOVING:
        return removal(item)
    right, down = _STEPS[key]
    step = 10 if Modifier.SHIFT in modifiers else 1
    x0, y0 = context.transform.to_image(0, 0)
    x1, y1 = context.transform.to_image(right * context.transform.scale_x, down * context.transform.scale_y)
    dx, dy = _whole(x1 - x0) * step, _whole(y1 - y0) * step
    now = changed_item(item, moved(item, dx, dy, context.rows, context.cols))
    return item_edit(item, now, "nudge", context.author) if now != item else None


def _whole(step: float) -> int:
    """One pixel in the direction of a step; turned views of non-square pixels give other lengths."""
    return 0 if abs(step) < 0.01 else (1 if step > 0 else -1)
