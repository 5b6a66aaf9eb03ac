"""The law of objects, asked once, where changes are applied, and by `verify`.

All shapes of one object bear one label, in one round, and lie on images of one case, or on planes through its series;
on each image and plane it has one shape of a kind at the most. What a person asks of one shape's label is asked of all
of its object.
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
from viewer.project.lists.planes import cases_of_series
from viewer.project.membership import chunks, film_of_series
from viewer.project.state import annotation_of, shapes_placed
from viewer.project.store import some_ids
from viewer.project.store.schema import anchors, annotations, case_images, images
from viewer.project.store.some_ids import SOME

_FILES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One shape of an object, as far as the law asks. place: its image or its plane, which cuts the series; "" on an
    image. kind: the word that its stored form begins with."""

    label: str
    round_id: str
    place: str
    series_id: str
    kind: str


_SHARED = (
    select(annotations.c.object_id)
    .where(annotations.c.object_id.in_(SOME), annotations.c.object_id != annotations.c.annotation_id)
    .distinct()
)


def refuse_unlawful_objects(connection: Connection, changes: Sequence[Change]) -> None:
    """Raise BadRequest where changes, just applied, leave an object that breaks the law."""
    left = (change.after for change in changes if isinstance(change, AnnotationChange))
    keys = list(dict.fromkeys(one.object_key for one in left if one is not None))
    for some in chunks(keys):
        shared = list(connection.scalars(_SHARED, some_ids.of(some)))
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
        query = shapes_placed(annotations.c.object_id.in_(some))
        rows = connection.execute(query.order_by(annotations.c.annotation_id))
        further += [annotation_of(row) for row in rows if row.annotation_id not in own]
    if not further:
        return edit
    more = tuple(_relabelled(one, names[one.object_key], author) for one in further)
    changes = (*edit.changes, *more)
    places = on_slices(relabelled_images(changes), planes=_relabelled_planes(changes))
    return replace(edit, text=f"{edit.text}{places}", changes=changes)


def relabelled_images(changes: Iterable[Change]) -> int:
    """On how many images changes give a shape another label."""
    return len({one.image_id for one in _relabelled_shapes(changes) if one.image_id})


def _relabelled_planes(changes: Iterable[Change]) -> int:
    return len({one.plane for one in _relabelled_shapes(changes) if one.plane is not None})


def _relabelled_shapes(changes: Iterable[Change]) -> Iterator[Annotation]:
    for change in changes:
        if not isinstance(change, AnnotationChange) or change.before is None or change.after is None:
            continue
        if change.before.label != change.after.label:
            yield change.after


def on_slices(count: int, *, planes: int = 0) -> str:
    """What the text of an edit of a whole object ends with: " on 12 slices", " on 1 slice and 2 planes"; "" on one."""
    if count + planes < 2:
        return ""
    places = [counted(count, "slice")] if count else []
    return f" on {' and '.join([*places, *([counted(planes, 'plane')] if planes else [])])}"


def _relabelled(shape: Annotation, label: str, author: str) -> AnnotationChange:
    after = replace(
        shape, label=label, author=author, revision=shape.revision + 1, origin=origin_after_change(shape)
    )  # fmt: skip
    return AnnotationChange(before=shape, after=after)


def _broken(connection: Connection, keys: Sequence[str]) -> Iterator[str]:
    """A sentence for each of these objects that breaks the law, about the first thing that is wrong with it."""
    for some in chunks(keys):
        columns = annotations.c
        query = select(
            columns.object_id, columns.label, columns.round_id, columns.image_id, columns.anchor_id, columns.shape,
            anchors.c.series_id,
        ).select_from(annotations)  # fmt: skip
        query = query.outerjoin(images, images.c.image_id == columns.image_id).where(columns.object_id.in_(some))
        query = query.outerjoin(anchors, anchors.c.anchor_id == columns.anchor_id)
        members: dict[str, list[_Member]] = defaultdict(list)
        for row in connection.execute(query.order_by(images.c.position, columns.annotation_id)):
            kind = row.shape.partition(":")[0].strip('{" ')
            member = _Member(
                label=row.label, round_id=row.round_id, place=row.image_id or row.anchor_id,
                series_id=row.series_id or "", kind=kind,
            )  # fmt: skip
            members[row.object_id].append(member)
        several = {key: shapes for key, shapes in members.items() if len(shapes) > 1}
        everywhere = [one for shapes in several.values() for one in shapes]
        cases = _cases(connection, {one.place for one in everywhere if not one.series_id})
        cases |= {one.place: cases_of_series(connection, [one.series_id]) for one in everywhere if one.series_id}
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
    twice = [key for key, count in Counter((one.place, one.kind) for one in shapes).items() if count > 1]
    if twice:
        place, kind = twice[0]
        where = _files(connection, [one for one in shapes if one.place == place])
        return (
            f"The object {first.label} would have several {shape_kind(kind).plural} on {where}, where an object has "
            "one: draw the second as an object of its own (N), or remove one."
        )
    if not set.intersection(*(cases.get(one.place, set()) for one in shapes)):
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
    ids = list(dict.fromkeys(one.place for one in shapes))
    query = select(images.c.image_id, images.c.path).where(images.c.image_id.in_(ids[:_FILES_NAMED]))
    paths = {row.image_id: PurePath(row.path).name for row in connection.execute(query)}
    planes = {one.place: one.series_id for one in shapes if one.series_id and one.place in ids[:_FILES_NAMED]}
    paths |= {place: f"a plane through {film_of_series(connection, one)}" for place, one in planes.items()}
    names = list(dict.fromkeys(paths.get(one, f"the image {one}") for one in ids[:_FILES_NAMED]))
    more = len(ids) - _FILES_NAMED
    if more > 0:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
