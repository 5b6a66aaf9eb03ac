"""Changes to the state tables, inside the caller's transaction: each only where what it says was there is there.

So two authors, and two programs at one database, cannot silently overwrite each other. What a class of change is
about, finds and writes stands in `kinds.CHANGE_KINDS`; the comparison is here, once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    Change,
    ImageLabelChange,
    ImagesChange,
    MeasurementChange,
)
from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.changes.answer_law import refuse_unfit_answers
from viewer.project.changes.changed_by import changed_by
from viewer.project.changes.kinds import CHANGE_KINDS, ChangeKind, Key
from viewer.project.changes.object_law import refuse_unlawful_objects
from viewer.project.changes.object_rows import refuse_what_is_said_of_nothing
from viewer.project.changes.plane_law import refuse_planes_elsewhere
from viewer.project.changes.work_rows import subject
from viewer.project.membership import chunks, left_behind, spoken_of
from viewer.project.store.schema import images, labels

_AT_ONCE = 500  # changes whose rows one query reads
_UNKNOWN = "The image of this edit is not part of this project; add it first."

Judge = Callable[[Connection, ChangeKind, Sequence[Any], Sequence[Any]], None]


def apply_changes(connection: Connection, changes: Sequence[Change], *, step: int) -> tuple[Change, ...]:
    """Alter the state tables. step: +1 when changes are done or redone, -1 when their inverse takes them back.

    Neighbouring changes of one class are read and written at once: an import of 50,000 boxes is one edit. Returns the
    changes without those that had nothing to do (work on a case that another has begun).
    Raises BadRequest, naming the thing and who changed it, when what is there is not what a change says was there;
    NotFound where it puts something on an image that is not in the project; BadRequest too where it leaves an object
    that breaks the law of objects (`object_law`), or an answer that is none to what is asked (`answer_law`).
    """
    done = _applied(connection, changes, step, partial(_refuse_what_differs, inside=set()))
    _refuse_unknown_labels(connection, changes)
    refuse_unlawful_objects(connection, changes)
    refuse_unfit_answers(connection, changes)
    refuse_what_is_said_of_nothing(connection, changes)
    return done


def replay_changes(connection: Connection, changes: Sequence[Change], *, step: int) -> None:
    """The same for a journal that an earlier program wrote, which compared less: a thing must only be there or not."""
    _applied(connection, changes, step, _refuse_what_is_not_there)


def refusal(connection: Connection, change: Change, *, verb: str = "changed", author: str = "") -> BadRequest:
    """One sentence that names the thing and who changed it."""
    by = f" by {author}" if author else ""
    name = CHANGE_KINDS[type(change)].name(connection, change)
    return BadRequest(f"{name} has been {verb} since{by}, so this no longer fits; look at it again.")


def _applied(connection: Connection, changes: Sequence[Change], step: int, judge: Judge) -> tuple[Change, ...]:
    idle: set[int] = set()
    for kind, group in _groups(_in_order(changes)):
        there = kind.there(connection, group)
        judge(connection, kind, group, there)
        idle |= {id(change) for change in kind.write(connection, group, there, step)}
    return tuple(change for change in changes if id(change) not in idle)


def _refuse_what_differs(
    connection: Connection, kind: ChangeKind, group: Sequence[Any], there: Sequence[Any], *, inside: set[str]
) -> None:
    """inside: images that were found in the project for earlier changes of the same edit; an import asks of each again
    and again."""
    if kind is CHANGE_KINDS[ImagesChange]:
        inside.clear()
    for change, found in zip(group, there, strict=True):
        if not kind.fits(change, found):
            keys = set(kind.keys(change)) | _names_of(change)
            raise refusal(connection, change, verb=kind.verb(change, found), author=changed_by(connection, keys))
    on_images = [image_id for change in group if (image_id := kind.on_image(change)) is not None]
    if kind is CHANGE_KINDS[MeasurementChange]:
        _refuse_unknown(connection, on_images)
    else:
        _refuse_outside(connection, [*on_images, *spoken_of(connection, group)], inside)
    refuse_planes_elsewhere(connection, [plane for change in group if (plane := kind.on_plane(change)) is not None])
    if kind is CHANGE_KINDS[ImagesChange] and (image_id := left_behind(connection, group)) is not None:
        raise refusal(connection, _leaving(image_id), verb="worked on")


def _refuse_what_is_not_there(
    connection: Connection, kind: ChangeKind, group: Sequence[Any], there: Sequence[Any]
) -> None:
    for change, found in zip(group, there, strict=True):
        if (found is not None) != kind.needs(change) and not getattr(change, "by_work", False):
            raise refusal(connection, change, verb=kind.verb(change, found))


def _names_of(change: Change) -> set[Key]:
    """The label that a shape or an answer has, or what asks for it; renaming it changes them too."""
    if isinstance(change, ImageLabelChange):
        return {("renamed", "image", change.label)}
    if isinstance(change, AnnotationChange) and change.before is not None:
        return {("renamed", "region", change.before.label)}
    if isinstance(change, AnswerChange):
        return {("asked", change.name.rpartition(": ")[2], change.name, change.target.kind.value)}
    if isinstance(change, AttributeChange):
        one = subject(change)
        return {("renamed", one.scope, one.label)} if one.label else set()
    return set()


def _refuse_unknown(connection: Connection, image_ids: Sequence[str]) -> None:
    """What is measured is kept of an image that is in no case, too: to measure makes no case to do."""
    asked = set(image_ids)
    for some in chunks(list(asked)):
        asked -= set(connection.scalars(select(images.c.image_id).where(images.c.image_id.in_(some))))
    if asked:
        raise NotFound(_UNKNOWN)


def _refuse_outside(connection: Connection, image_ids: Sequence[str], inside: set[str]) -> None:
    asked = [image_id for image_id in dict.fromkeys(image_ids) if image_id not in inside]
    taken_out: dict[str, bool] = {}
    for some in chunks(asked):
        query = select(images.c.image_id, images.c.taken_out).where(images.c.image_id.in_(some))
        taken_out |= {row.image_id: row.taken_out for row in connection.execute(query)}
    for image_id in asked:
        if image_id not in taken_out:
            raise NotFound(_UNKNOWN)
        if taken_out[image_id]:
            author = changed_by(connection, {("image", image_id)})
            by = f", since {author} took it out" if author else "; add it first"
            name = CHANGE_KINDS[ImagesChange].name(connection, _leaving(image_id))
            raise NotFound(f"{name} is not part of this project{by}.")
    inside.update(asked)


def _refuse_unknown_labels(connection: Connection, changes: Sequence[Change]) -> None:
    """A label may have been renamed or removed by another since; what carries it would be of no class."""
    named: dict[tuple[str, str], None] = {}
    for change in changes:
        if isinstance(change, AnnotationChange) and change.after is not None:
            named["region", change.after.label] = None
        elif isinstance(change, ImageLabelChange) and change.after is not None:
            named["image", change.label] = None
        elif isinstance(change, AttributeChange) and change.after is not None and change.after.label:
            named[change.after.scope, change.after.label] = None
    if not named:
        return
    known = {(row.scope, row.name) for row in connection.execute(select(labels.c.scope, labels.c.name))}
    for scope, name in named:
        if (scope, name) not in known:
            author = changed_by(connection, {("label", scope, name)})
            by = f", since {author} renamed or removed it" if author else ""
            raise BadRequest(f"The label {name} is not in the catalogue any more{by}; add it again, or use another.")


def _groups(changes: Iterable[Change]) -> Iterator[tuple[ChangeKind, list[Any]]]:
    """Neighbours of one class about different things, so that none needs what another of its group has written."""
    group: list[Any] = []
    kind: ChangeKind | None = None
    seen: set[Key] = set()
    for change in changes:
        own = CHANGE_KINDS[type(change)]
        keys = own.keys(change)
        if kind is not None and (
            own is not kind or not kind.together or len(group) == _AT_ONCE or not seen.isdisjoint(keys)
        ):
            yield kind, group
            group, seen = [], set()
        kind = own
        group.append(change)
        seen.update(keys)
    if kind is not None:
        yield kind, group


def _in_order(changes: Sequence[Change]) -> Iterator[Change]:
    """One thing a change; a case that goes back to "to do" with its last work goes after that work and before it leaves
    the project."""
    waiting: list[CaseStatusChange] = []
    for change in changes:
        if isinstance(change, CaseStatusChange) and change.by_work and change.after is CaseStatus.TO_DO:
            waiting.append(change)
            continue
        if isinstance(change, ImagesChange) and not change.after:
            yield from waiting
            waiting = []
        yield from _one_by_one(change)
    yield from waiting


def _one_by_one(change: Change) -> Iterator[Change]:
    match change:
        case ImagesChange():
            for image_id in dict.fromkeys(change.image_ids):
                yield ImagesChange(
                    image_ids=(image_id,),
                    before=change.before,
                    after=change.after,
                    untouched_only=change.untouched_only,
                )
        case AnnotationChange(before=before, after=after):
            if before is not None and after is not None and before.annotation_id != after.annotation_id:
                yield AnnotationChange(before=before, after=None)
                yield AnnotationChange(before=None, after=after)
            elif before is not None or after is not None:
                yield change
        case MeasurementChange(before=first, after=then):
            if first is not None and then is not None and first.measurement_id != then.measurement_id:
                yield MeasurementChange(before=first, after=None)
                yield MeasurementChange(before=None, after=then)
            elif first is not None or then is not None:
                yield change
        case _:
            yield change


def _leaving(image_id: str) -> ImagesChange:
    return ImagesChange(image_ids=(image_id,), before=True, after=False)
