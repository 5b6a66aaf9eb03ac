"""What is said of objects and their links: what is there, what is written, and the law that both keep to.

What is said of an object goes with its last shape, and comes back with it. Two objects may be one where they lie in two
cases of one patient, in one round: a link must not tell one reader of another's shapes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, or_, select

from viewer.core.edits import AnnotationChange, Change, ObjectLinkChange, ObjectNoteChange, PatientChange
from viewer.core.errors import BadProject, BadRequest
from viewer.core.patients import PatientSigns, same_patient
from viewer.core.shapes.objects import UNSAID, ObjectLink, ObjectNote, ObjectState
from viewer.project.changes.work_rows import insert_rows, subject
from viewer.project.membership import chunks, film_of_series, shape_is_of
from viewer.project.store import some_ids
from viewer.project.store.schema import anchors, annotations, answers, case_images, images, object_links, objects
from viewer.project.store.some_ids import SOME
from viewer.project.store.stored_rows import as_stored

_NOTES = select(objects).where(objects.c.object_id.in_(SOME))
_LINKS = select(object_links).where(or_(object_links.c.first_id.in_(SOME), object_links.c.second_id.in_(SOME)))
_DRAWN = select(annotations.c.object_id).where(annotations.c.object_id.in_(SOME)).distinct()
_ANSWERED = select(answers.c.target_id).where(answers.c.target == "object", answers.c.target_id.in_(SOME))


def note_of(row: Any) -> ObjectNote:
    """A row of `objects` as a value."""
    with as_stored(f"What is said of the object {row.object_id}"):
        return ObjectNote(state=ObjectState(row.state), comment=row.comment)


def link_of(row: Any) -> ObjectLink:
    """A row of `object_links` as a value."""
    with as_stored(f"The link of the objects {row.first_id} and {row.second_id}"):
        return ObjectLink(first_id=row.first_id, second_id=row.second_id, author=row.author, time=row.time)


def notes_there(connection: Connection, changes: Sequence[ObjectNoteChange]) -> list[ObjectNote]:
    """What is said of each object; of one that nothing is said of, an empty note."""
    query = select(objects).where(objects.c.object_id.in_([one.object_id for one in changes])).with_for_update()
    found = {row.object_id: note_of(row) for row in connection.execute(query)}
    return [found.get(one.object_id, UNSAID) for one in changes]


def write_notes(
    connection: Connection, changes: Sequence[ObjectNoteChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Say, change and take back."""
    old = [one.object_id for one in changes if one.before != UNSAID]
    if old:
        connection.execute(objects.delete().where(objects.c.object_id.in_(old)))
    rows = [
        {"object_id": one.object_id, "state": one.after.state.value, "comment": one.after.comment}
        for one in changes
        if one.after != UNSAID
    ]
    insert_rows(connection, objects, rows)
    return ()


def links_there(connection: Connection, changes: Sequence[ObjectLinkChange]) -> list[ObjectLink | None]:
    """The link of each pair, None where there is none."""
    first = [subject(one).first_id for one in changes]
    query = select(object_links).where(object_links.c.first_id.in_(first)).with_for_update()
    found = {(row.first_id, row.second_id): link_of(row) for row in connection.execute(query)}
    return [found.get((subject(one).first_id, subject(one).second_id)) for one in changes]


def write_links(
    connection: Connection, changes: Sequence[ObjectLinkChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Link and part."""
    for one in changes:
        if one.before is not None:
            pair = object_links.c.first_id == one.before.first_id, object_links.c.second_id == one.before.second_id
            connection.execute(object_links.delete().where(*pair))
    rows = [
        {"first_id": link.first_id, "second_id": link.second_id, "author": link.author, "time": link.time}
        for one in changes
        if (link := one.after) is not None
    ]
    insert_rows(connection, object_links, rows)
    return ()


def name_note(connection: Connection, change: ObjectNoteChange) -> str:
    """Words for what is said of an object."""
    return f"What is said of {_named(connection, change.object_id)}"


def name_link(connection: Connection, change: ObjectLinkChange) -> str:
    """Words for a link, with both objects."""
    link = subject(change)
    return f"The link of {_named(connection, link.first_id)} with {_named(connection, link.second_id)}"


def notes_of(connection: Connection, keys: Sequence[str]) -> dict[str, ObjectNote]:
    """What is said of each of these objects that anything is said of."""
    found: dict[str, ObjectNote] = {}
    for some in chunks(keys):
        rows = connection.execute(_NOTES, some_ids.of(some))
        found |= {row.object_id: note_of(row) for row in rows}
    return found


def links_of(connection: Connection, keys: Sequence[str]) -> list[ObjectLink]:
    """The links of these objects, each once, in the order of their pairs."""
    found: dict[tuple[str, str], ObjectLink] = {}
    for some in chunks(keys):
        rows = connection.execute(_LINKS, some_ids.of(some))
        found |= {(row.first_id, row.second_id): link_of(row) for row in rows}
    return [found[pair] for pair in sorted(found)]


def refuse_what_is_said_of_nothing(connection: Connection, changes: Sequence[Change]) -> None:
    """Raise BadRequest where changes, just applied, leave words, answers or a link without their object, or a link that
    cannot be."""
    shrunk = {
        one.before.object_key: one.before
        for one in changes
        if isinstance(one, AnnotationChange)
        and one.before is not None
        and (one.after is None or one.after.object_key != one.before.object_key)
    }
    said = {one.object_id: None for one in changes if isinstance(one, ObjectNoteChange) and one.after != UNSAID}
    linked = [one.after for one in changes if isinstance(one, ObjectLinkChange) and one.after is not None]
    linked_keys = {key for one in linked for key in _pair(one)}
    left = _without_a_shape(connection, [*shrunk, *said, *linked_keys])
    if any(key in said or key in linked_keys for key in left):
        raise BadRequest("An object of which this says something has been removed since; look at the image again.")
    for key in _spoken_of(connection, left)[:1]:
        plane = shrunk[key].plane
        film = None if plane is None else film_of_series(connection, plane.series_id)
        where = _file(connection, shrunk[key].image_id) if film is None else f"a plane through {film}"
        raise BadRequest(
            f"The object {shrunk[key].label} on {where} has a comment, an answer or a link since, which would be of "
            "nothing without its last shape: take that back first."
        )
    moved = [one.image_id for one in changes if isinstance(one, PatientChange)]
    for words in _unlawful(connection, [*linked, *_links_on(connection, moved)]):
        raise BadRequest(words)


def links_that_would_not_hold(connection: Connection, patients: Mapping[str, str]) -> list[ObjectLink]:
    """The links of objects on images that cannot be once these have other patient ids. patients: by image."""
    links = _links_on(connection, list(patients))
    return [one for one in links if next(_unlawful(connection, [one], patients), "")]


def unsound_objects(connection: Connection) -> list[str]:
    """What is wrong with all that is said of objects, one sentence each."""
    links = []
    for row in connection.execute(select(object_links)):
        with suppress(BadProject):  # what cannot be read is named by its own check
            links.append(link_of(row))
    noted = list(connection.scalars(select(objects.c.object_id)))
    of_object = select(answers.c.target_id).where(answers.c.target == "object").distinct()
    answered = list(connection.scalars(of_object))
    linked = [key for one in links for key in _pair(one)]
    left = _without_a_shape(connection, [*noted, *answered, *linked])
    found = [f"What is said of the object {key} is of nothing: it has no shape." for key in left]
    return found + list(_unlawful(connection, [one for one in links if not {*_pair(one)} & {*left}]))


def _pair(link: ObjectLink) -> tuple[str, str]:
    return link.first_id, link.second_id


def _without_a_shape(connection: Connection, keys: Iterable[str]) -> list[str]:
    asked = list(dict.fromkeys(keys))
    drawn: set[str] = set()
    for some in chunks(asked):
        drawn |= set(connection.scalars(_DRAWN, some_ids.of(some)))
    return [key for key in asked if key not in drawn]


def _spoken_of(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Those of these objects that have a note, an answer or a link."""
    found = {*notes_of(connection, keys)} | {key for link in links_of(connection, keys) for key in _pair(link)}
    for some in chunks(keys):
        found |= set(connection.scalars(_ANSWERED, some_ids.of(some)))
    return [key for key in keys if key in found]


def _links_on(connection: Connection, image_ids: Sequence[str]) -> list[ObjectLink]:
    keys: dict[str, None] = {}
    for some in chunks(list(dict.fromkeys(image_ids))):
        query = select(annotations.c.object_id).where(annotations.c.image_id.in_(some)).distinct()
        keys |= dict.fromkeys(connection.scalars(query))
        through = select(annotations.c.object_id).join(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
        through = through.join(images, images.c.series_id == anchors.c.series_id).distinct()
        keys |= dict.fromkeys(connection.scalars(through.where(images.c.image_id.in_(some))))
    return links_of(connection, list(keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an object lies, as far as a link asks."""

    name: str
    rounds: frozenset[str]
    cases: frozenset[str]
    signs: PatientSigns


def _unlawful(
    connection: Connection, links: Iterable[ObjectLink], patients: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A sentence for each link that cannot be. patients: of images that will have another."""
    several = list(links)
    places = _places(connection, list(dict.fromkeys(key for one in several for key in _pair(one))), patients or {})
    for link in several:
        first, second = places[link.first_id], places[link.second_id]
        names = f"{first.name} and {second.name}"
        if first.rounds != second.rounds:
            yield f"{names} are of two readings, and none of them may tell of the other: link objects of one."
        elif first.cases & second.cases:
            yield f"{names} lie in one case: join their shapes into one object instead."
        elif not same_patient(first.signs, second.signs):
            yield (
                f"{names} cannot be one: they are not known to be of one patient, who has the same id in the same "
                "source. Give their films one patient id first if they are."
            )


def _places(connection: Connection, keys: Sequence[str], patients: Mapping[str, str]) -> dict[str, _Place]:
    rows: dict[str, list[Any]] = {}
    columns = annotations.c.object_id, annotations.c.label, annotations.c.round_id, case_images.c.case_id
    of_image = images.c.image_id, images.c.path, images.c.patient_id, images.c.source, images.c.study_uid
    for some in chunks(keys):
        query = select(*columns, *of_image).select_from(annotations)
        query = query.outerjoin(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
        query = query.join(images, shape_is_of(images))
        query = query.outerjoin(case_images, case_images.c.image_id == images.c.image_id)
        query = query.where(annotations.c.object_id.in_(some)).order_by(images.c.position)
        for row in connection.execute(query):
            rows.setdefault(row.object_id, []).append(row)
    return {key: _place(several, patients) for key, several in rows.items()}


def _place(rows: Sequence[Any], patients: Mapping[str, str]) -> _Place:
    first = rows[0]
    patient_id = patients.get(first.image_id, first.patient_id)
    return _Place(
        name=f"{first.label} on {PurePath(first.path).name}",
        rounds=frozenset(row.round_id for row in rows),
        cases=frozenset(row.case_id for row in rows if row.case_id is not None),
        signs=PatientSigns(patient_id=patient_id, source=first.source, study_uid=first.study_uid),
    )


def _file(connection: Connection, image_id: str) -> str:
    path = connection.scalar(select(images.c.path).where(images.c.image_id == image_id))
    return PurePath(path).name if path else f"the image {image_id}"


def _named(connection: Connection, key: str) -> str:
    place = _places(connection, [key], {}).get(key)
    return "a removed object" if place is None else place.name
