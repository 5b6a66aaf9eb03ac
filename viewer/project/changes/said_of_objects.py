"""What becomes of all that is said of an object when its last shape goes, or becomes one of another object."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    Change,
    Edit,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.shapes.objects import MOST_LETTERS, UNSAID, ObjectLink, ObjectNote
from viewer.core.values import TargetKind
from viewer.project.changes.answer_rows import answers_about
from viewer.project.changes.object_rows import links_of, links_that_would_not_hold, notes_of
from viewer.project.membership import chunks
from viewer.project.store.schema import annotations


def with_what_is_said_of_gone(connection: Connection, edit: Edit) -> Edit:
    """What is said of an object goes with its last shape, as part of the gesture that removes that. Where its shapes
    become another object's, the note, the answers and the links go over to that one, as far as there is room."""
    gone = _gone(connection, edit)
    if not gone:
        return edit
    more = [*_answers(connection, edit, gone), *_notes(connection, edit, gone), *_links(connection, edit, gone)]
    # Before the shapes, so that an undo puts them back after those.
    return replace(edit, changes=(*more, *edit.changes)) if more else edit


def with_links_that_hold(connection: Connection, edit: Edit) -> Edit:
    """An edit that makes films those of other patients takes back the links that would join two of them."""
    patients = {change.image_id: change.after for change in edit.of(PatientChange)}
    lost = links_that_would_not_hold(connection, patients)
    return replace(edit, changes=(*(ObjectLinkChange(before=one, after=None) for one in lost), *edit.changes))


def said_of(connection: Connection, keys: Sequence[str]) -> list[Change]:
    """The changes that take back everything that is said of these objects."""
    asked = list(dict.fromkeys(keys))
    notes = notes_of(connection, asked).items()
    return [
        *answers_about(connection, TargetKind.OBJECT, asked),
        *(ObjectNoteChange(object_id=key, before=note, after=UNSAID) for key, note in notes),
        *(ObjectLinkChange(before=link, after=None) for link in links_of(connection, asked)),
    ]


def _gone(connection: Connection, edit: Edit) -> dict[str, str]:
    """The objects that an edit leaves without a shape, each with the one that its shapes become part of; "" is none."""
    leaving: dict[str, tuple[str, str]] = {}  # by shape: the object that it was of, and that it will be
    for change in edit.of(AnnotationChange):
        before, after = change.before, change.after
        if before is not None and (after is None or after.object_key != before.object_key):
            leaving[before.annotation_id] = before.object_key, "" if after is None else after.object_key
    gone = dict(leaving.values())
    if not gone:
        return {}
    for key, into in leaving.values():
        gone[key] = into or gone[key]
    coming = {change.after.object_key for change in edit.of(AnnotationChange) if change.after is not None}
    for some in chunks(list(gone)):
        drawn = select(annotations.c.annotation_id, annotations.c.object_id).where(annotations.c.object_id.in_(some))
        coming |= {row.object_id for row in connection.execute(drawn) if row.annotation_id not in leaving}
    return {key: into for key, into in gone.items() if key not in coming}


def _answers(connection: Connection, edit: Edit, gone: Mapping[str, str]) -> list[Change]:
    known = {(change.target, change.name, change.round_id) for change in edit.of(AnswerChange)}
    there = {
        (change.target.target_id, change.name, change.round_id)
        for change in answers_about(connection, TargetKind.OBJECT, [into for into in gone.values() if into])
    }
    found: list[Change] = []
    for change in answers_about(connection, TargetKind.OBJECT, list(gone)):
        if (change.target, change.name, change.round_id) in known:
            continue
        found.append(change)
        into = gone[change.target.target_id]
        if into and (place := (into, change.name, change.round_id)) not in there:
            there.add(place)
            target = replace(change.target, target_id=into)
            found.append(replace(change, target=target, before=None, after=change.before))
    return found


def _notes(connection: Connection, edit: Edit, gone: Mapping[str, str]) -> list[Change]:
    known = {change.object_id for change in edit.of(ObjectNoteChange)}
    said = notes_of(connection, [*gone, *(into for into in gone.values() if into)])
    grown = {into: said.get(into, UNSAID) for into in gone.values() if into}
    found: list[Change] = []
    for key, into in gone.items():
        if key not in known and key in said:
            found.append(ObjectNoteChange(object_id=key, before=said[key], after=UNSAID))
            if into and into not in known:
                grown[into] = _together(grown[into], said[key])
    for into, note in grown.items():
        if note != said.get(into, UNSAID):
            found.append(ObjectNoteChange(object_id=into, before=said.get(into, UNSAID), after=note))
    return found


def _together(one: ObjectNote, other: ObjectNote) -> ObjectNote:
    comments = dict.fromkeys(comment for comment in (one.comment, other.comment) if comment)
    return ObjectNote(state=one.state or other.state, comment="; ".join(comments)[:MOST_LETTERS])


def _links(connection: Connection, edit: Edit, gone: Mapping[str, str]) -> list[Change]:
    known = {change.before for change in edit.of(ObjectLinkChange)}
    there = links_of(connection, [*gone, *(into for into in gone.values() if into)])
    pairs = {(one.first_id, one.second_id) for one in there}
    found: list[Change] = []
    for link in there:
        ends = [gone.get(key, key) for key in (link.first_id, link.second_id)]
        if link in known or ends == [link.first_id, link.second_id]:
            continue
        found.append(ObjectLinkChange(before=link, after=None))
        if all(ends) and ends[0] != ends[1]:
            moved = ObjectLink(first_id=ends[0], second_id=ends[1], author=link.author, time=link.time)
            if (pair := (moved.first_id, moved.second_id)) not in pairs:
                pairs.add(pair)
                found.append(ObjectLinkChange(before=None, after=moved))
    return found
