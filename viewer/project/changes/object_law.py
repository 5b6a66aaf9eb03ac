"""The law of objects, asked once, where changes are applied, and by `verify`.

All shapes of one object bear one label, in one round, and lie on images of one case; on each image it has one shape
of a kind at the most. What a person asks of one shape's label is asked of all of its object.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from sqlalchemy import Connection, select

from viewer.core.edits import AnnotationChange, Change, Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.shape import shape_kind
from viewer.core.text.counting import counted
from viewer.project.edit_builders import origin_after_change
from viewer.project.membership import chunks
from viewer.project.state import annotation_of
from viewer.project.store.schema import annotations, case_images, images

_FILES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One shape of an object, as far as the law asks. kind: the word that its stored form begins with."""

    label: str
    round_id: str
    image_id: str
    kind: str


def refuse_unlawful_objects(connection: Connection, changes: Sequence[Change]) -> None:
    """Raise BadRequest where changes, just applied, leave an object that breaks the law."""
    left = (change.after for change in changes if isinstance(change, AnnotationChange))
    keys = list(dict.fromkeys(one.object_key for one in left if one is not None))
    for some in chunks(keys):
        named = annotations.c.object_id.in_(some) & (annotations.c.object_id != annotations.c.annotation_id)
        shared = list(connection.scalars(select(annotations.c.object_id).where(named).distinct()))
        for words in _broken(connection, shared):
            raise BadRequest(words)


def unlawful_objects(connection: Connection) -> list[str]:
    """Each object of a project that breaks the law, in a sentence."""
    shared = annotations.c.object_id != annotations.c.annotation_id
    return list(_broken(connection, list(connection.scalars(select(annotations.c.object_id).where(shared).distinct()))))


def with_whole_objects(connection: Connection, edit: Edit, author: str) -> Edit:
    """The edit, in which a shape that gets another label takes the other shapes of its object along."""
    names = {
        change.after.object_key: change.after.label
        for change in edit.of(AnnotationChange)
        if change.before is not None
        and change.after is not None
        and change.before.label != change.after.label
        and change.before.object_key == change.after.object_key
    }
    if not names:
        return edit
    own = {one.annotation_id for change in edit.of(AnnotationChange) for one in (change.before, change.after) if one}
    further: list[Annotation] = []
    for some in chunks(list(names)):
        query = select(annotations).where(annotations.c.object_id.in_(some))
        rows = connection.execute(query.order_by(annotations.c.annotation_id))
        further += [annotation_of(row) for row in rows if row.annotation_id not in own]
    if not further:
        return edit
    more = tuple(_relabelled(one, names[one.object_key], author) for one in further)
    changes = (*edit.changes, *more)
    return replace(edit, text=f"{edit.text}{on_slices(relabelled_images(changes))}", changes=changes)


def relabelled_images(changes: Iterable[Change]) -> int:
    """On how many images changes give a shape another label."""
    return len(
        {
            change.after.image_id
            for change in changes
            if isinstance(change, AnnotationChange)
            and change.before is not None
            and change.after is not None
            and change.before.label != change.after.label
        }
    )


def on_slices(count: int) -> str:
    """What the text of an edit of a whole object ends with: " on 12 slices"; "" on one."""
    return f" on {counted(count, 'slice')}" if count > 1 else ""


def _relabelled(shape: Annotation, label: str, author: str) -> AnnotationChange:
    after = replace(
        shape, label=label, author=author, revision=shape.revision + 1, origin=origin_after_change(shape)
    )  # fmt: skip
    return AnnotationChange(before=shape, after=after)


def _broken(connection: Connection, keys: Sequence[str]) -> Iterator[str]:
    """A sentence for each of these objects that breaks the law, about the first thing that is wrong with it."""
    for some in chunks(keys):
        columns = annotations.c
        query = select(columns.object_id, columns.label, columns.round_id, columns.image_id, columns.shape)
        query = query.outerjoin(images, images.c.image_id == columns.image_id).where(columns.object_id.in_(some))
        members: dict[str, list[_Member]] = defaultdict(list)
        for row in connection.execute(query.order_by(images.c.position, columns.annotation_id)):
            kind = row.shape.partition(":")[0].strip('{" ')
            member = _Member(label=row.label, round_id=row.round_id, image_id=row.image_id or "", kind=kind)
            members[row.object_id].append(member)
        several = {key: shapes for key, shapes in members.items() if len(shapes) > 1}
        cases = _cases(connection, {one.image_id for shapes in several.values() for one in shapes})
        for shapes in several.values():
            words = _wrong(connection, shapes, cases)
            if words:
                yield words


def _wrong(connection: Connection, shapes: Sequence[_Member], cases: dict[str, set[str]]) -> str:
    first = shapes[0]
    name = f"The object {first.label} on {_files(connection, shapes)}"
    labels = sorted({one.label for one in shapes})
    if len(labels) > 1:
        return f"{name} would bear the labels {' and '.join(labels)}: give all of its shapes one, or part them first."
    if len({one.round_id for one in shapes}) > 1:
        return (
            f"{name} would be of several readers, each of whom reads in a round of their own: draw it in one of them."
        )
    twice = [key for key, count in Counter((one.image_id, one.kind) for one in shapes).items() if count > 1]
    if twice:
        image_id, kind = twice[0]
        where = _files(connection, [one for one in shapes if one.image_id == image_id])
        return (
            f"The object {first.label} would have several {shape_kind(kind).plural} on {where}, where an object has "
            "one: draw the second as an object of its own (N), or remove one."
        )
    if not set.intersection(*(cases.get(one.image_id, set()) for one in shapes)):
        return f"{name} would lie on images of several cases: an object lies in one, so part them first."
    return ""


def _cases(connection: Connection, image_ids: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for some in chunks(sorted(image_ids)):
        for row in connection.execute(select(case_images).where(case_images.c.image_id.in_(some))):
            found[row.image_id].add(row.case_id)
    return found


def _files(connection: Connection, shapes: Sequence[_Member]) -> str:
    """The names of the files that an object lies on, the first few of them."""
    ids = list(dict.fromkeys(one.image_id for one in shapes))
    query = select(images.c.image_id, images.c.path).where(images.c.image_id.in_(ids[:_FILES_NAMED]))
    paths = {row.image_id: PurePath(row.path).name for row in connection.execute(query)}
    names = list(dict.fromkeys(paths.get(one, f"the image {one}") for one in ids[:_FILES_NAMED]))
    more = len(ids) - _FILES_NAMED
    if more > 0:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
