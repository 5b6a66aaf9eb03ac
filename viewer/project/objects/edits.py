"""Gestures on whole objects, as edits: shapes on several images of a case become one, a shape is parted from its
object, an object gets another label, a state, a comment, a link to one of another case, or goes.

The shapes of an object are read with `reading.shapes_of`; what an object may be is the law in
`viewer.project.changes.object_law`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from viewer.core.edits import AnnotationChange, Edit, ObjectLinkChange, ObjectNoteChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.objects import ObjectLink, ObjectNote
from viewer.project.changes.object_law import on_slices
from viewer.project.edit_builders import change_annotation, new_id, origin_after_change, remove_annotation


def join(shapes: Sequence[Annotation], *, author: str) -> Edit:
    """Make one object of all these shapes, that of the first. shapes: all of each object that is joined.

    Several masks on one image become one, their union; all other shapes stay as they are.
    Raises BadRequest where they are one already, or bear different labels.
    """
    if not shapes:
        raise BadRequest("There is nothing to join: select a shape first.")
    first = shapes[0]
    other = next((one for one in shapes if one.label != first.label), None)
    if other is not None:
        raise BadRequest(
            f"{first.label} and {other.label} cannot be one object, which has one label: give them the same first."
        )
    changes: list[AnnotationChange] = []
    masks: dict[str, list[Annotation]] = {}
    for shape in shapes:
        if shape.shape.painted() is not None:
            masks.setdefault(shape.image_id, []).append(shape)
        elif shape.object_key != first.object_key:
            changes.append(AnnotationChange(before=shape, after=_in_object(shape, first.object_key)))
    for several in masks.values():
        changes += _one_mask(several, first.object_key, author)
    if not changes:
        raise BadRequest(f"This {first.label} is one object already.")
    text = f"join {first.label}{_on_slices(shapes)}"
    return Edit(text=text, image_id=first.image_id or None, changes=tuple(changes))


def part(shape: Annotation, shapes: Sequence[Annotation]) -> Edit:
    """Make a shape an object of its own. shapes: all of its object. Raises BadRequest where it is one already."""
    if all(one.annotation_id == shape.annotation_id for one in shapes):
        raise BadRequest(f"This {shape.label} {shape.shape.kind} is an object of its own already.")
    # The others keep the name of the object: where that is the shape's own, it gets another.
    own = new_id() if shape.object_key == shape.annotation_id else ""
    change = AnnotationChange(before=shape, after=_in_object(shape, own))
    return Edit(text=f"part {shape.label} {shape.shape.kind}", image_id=shape.image_id or None, changes=(change,))


def relabel_object(shapes: Sequence[Annotation], label: str, *, author: str) -> Edit:
    """Give an object another label: all of its shapes, in one edit."""
    edits = [change_annotation(one, author=author, label=label, verb="relabel") for one in shapes]
    text = f"relabel {shapes[0].label} as {label}{_on_slices(shapes)}"
    changes = tuple(change for edit in edits for change in edit.changes)
    return Edit(text=text, image_id=shapes[0].image_id or None, changes=changes)


def remove_object(shapes: Sequence[Annotation]) -> Edit:
    """Remove an object, on every image that it lies on."""
    changes = tuple(change for shape in shapes for change in remove_annotation(shape).changes)
    text = f"remove {shapes[0].label}{_on_slices(shapes)}"
    return Edit(text=text, image_id=shapes[0].image_id or None, changes=changes)


def say_of_object(shapes: Sequence[Annotation], before: ObjectNote, after: ObjectNote) -> Edit:
    """Give an object a state and a comment, or take them back. Raises BadRequest where both are so already."""
    if before == after:
        raise BadRequest(f"This is said of the {shapes[0].label} already.")
    first = shapes[0]
    change = ObjectNoteChange(object_id=first.object_key, before=before, after=after)
    text = f"say “{after.words}” of {first.label}" if after.words else f"say nothing of {first.label}"
    return Edit(text=text, image_id=first.image_id or None, changes=(change,))


def link(shapes: Sequence[Annotation], others: Sequence[Annotation], *, author: str, time: str) -> Edit:
    """Say that an object is one with another, of another case of its patient. time: now, ISO 8601 in UTC.

    Raises BadRequest where they bear different labels; whether the two may be one is asked when it is kept.
    """
    first, other = shapes[0], others[0]
    if first.label != other.label:
        raise BadRequest(f"{first.label} and {other.label} cannot be one thing: give both the same label first.")
    made = ObjectLink(first_id=first.object_key, second_id=other.object_key, author=author, time=time)
    change = ObjectLinkChange(before=None, after=made)
    return Edit(text=f"link {first.label} with another case", image_id=first.image_id or None, changes=(change,))


def unlink(shapes: Sequence[Annotation], link: ObjectLink) -> Edit:
    """Say no longer that an object is one with another."""
    change = ObjectLinkChange(before=link, after=None)
    return Edit(text=f"unlink {shapes[0].label}", image_id=shapes[0].image_id or None, changes=(change,))


def _on_slices(shapes: Sequence[Annotation]) -> str:
    images = {shape.image_id for shape in shapes if shape.image_id}
    return on_slices(len(images), planes=len({shape.plane for shape in shapes if shape.plane is not None}))


def _in_object(shape: Annotation, key: str) -> Annotation:
    """What a shape is hangs on its object; who drew it, and how, stays."""
    object_id = "" if key == shape.annotation_id else key
    return replace(shape, object_id=object_id, revision=shape.revision + 1)


def _one_mask(masks: Sequence[Annotation], key: str, author: str) -> list[AnnotationChange]:
    """The masks of one image become the first of them, with the pixels of all."""
    first, *others = masks
    after = first if first.object_key == key else _in_object(first, key)
    if others:
        pixels = [mask.to_array() for one in masks if (mask := one.shape.painted()) is not None]
        after = replace(
            after, shape=MaskRuns.from_array(np.logical_or.reduce(pixels)), author=author,
            origin=origin_after_change(first), revision=first.revision + 1,
        )  # fmt: skip
    gone = [AnnotationChange(before=one, after=None) for one in others]
    return [*gone, *([AnnotationChange(before=first, after=after)] if after is not first else [])]
