"""Reading what a window has at hand: whole when a project is opened, and after an edit only what it touched.

These functions read the database, so they run on a thread that may wait. Each notes the project's revision before it
reads: what it brings is of that revision or a later one, and never taken for newer than it is.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select

from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.objects import ObjectNote
from viewer.core.values import Target, TargetKind, Value
from viewer.project.answers import answers_in
from viewer.project.at_hand.values import AtHand, CaseAtHand, Fresh, ImageAtHand, Step
from viewer.project.changes.object_rows import notes_of
from viewer.project.counts import unanswered_labels
from viewer.project.image_rows import image_rows
from viewer.project.label_history import present_names
from viewer.project.lawful import open_question, opened_by, way_out
from viewer.project.lists.planes import seen_from
from viewer.project.membership import cases_of, chunks
from viewer.project.objects.listing import LinkedObject, linked_with
from viewer.project.project import Project
from viewer.project.records import OF_A_CASE, ImageRecord, Task
from viewer.project.revisions import Revision, RevisionKind
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    anchors,
    annotations,
    case_images,
    image_labels,
    images,
    measurements,
    object_links,
    objects,
)

T = TypeVar("T")

MOST_TOUCHED = 64  # images that changes bring though nobody looks at them
_OF_ANSWERS = (RevisionKind.PREDICTION, RevisionKind.REVEALED)  # no gesture, and nobody's work is another by it
MOST_ROWS = 500  # of more cases than that the whole list is read


def read_whole(project: Project, image_ids: Sequence[str] = (), case_ids: Sequence[str] = ()) -> Fresh:
    """The list of cases, the catalogue, the steps, and these images and cases."""
    as_of = project.revision()
    some = read_some(project, image_ids, case_ids)
    return Fresh(
        as_of=as_of,
        told=True,
        images=some.images,
        cases=some.cases,
        rows={row.case_id: row for row in project.cases.all()},
        drawn=drawn_labels(project),
        labels=tuple(project.labels),
        attributes=tuple(project.attributes),
        tasks=tuple(project.tasks.all()),
        names=present_names(project.database),
        steps=read_steps(project),
    )


def read_some(
    project: Project, image_ids: Iterable[str], case_ids: Iterable[str] = (), *, but: Container[str] = ()
) -> Fresh:
    """These images, and these cases with those of their images that are not in `but`."""
    with project.database.reading() as connection:
        as_of = project.revision()
        cases = {case_id: tuple(project.images.by_case(case_id)) for case_id in case_ids}
        of_cases = (one.image_id for several in cases.values() for one in several if one.image_id not in but)
        lies = seen_from(connection, list(cases), project.round_id)
        return Fresh(
            as_of=as_of,
            images=_read_images(project, list(dict.fromkeys([*image_ids, *of_cases])), as_of),
            cases={
                case_id: CaseAtHand(as_of=as_of, images=several, on_planes=tuple(lies.get(case_id, ())))
                for case_id, several in cases.items()
            },
        )


def read_changes(project: Project, seen: AtHand, edit: Edit | None = None) -> Fresh | None:
    """What has changed since `seen`, of what is at hand and some more; None where nothing has.

    Whoever changed it: this window, an import, another process. edit: of this window, of which more is told. What an
    earlier state of the project was put in the place of is read whole.
    """
    with project.database.reading():
        try:
            changes = project.changes_since(seen.as_of) if seen.as_of >= 0 else None
        except BadRequest:
            changes = None
        if changes is None:
            return read_whole(project, list(seen.held), list(seen.cases.open))
        return _read_what(project, changes, seen, edit) if changes else None


def _read_what(project: Project, changes: Sequence[Revision], seen: AtHand, edit: Edit | None) -> Fresh:
    as_of = changes[-1].revision
    touched = dict.fromkeys(image_id for one in changes for image_id in one.touched.image_ids)
    case_ids = list(dict.fromkeys(case_id for one in changes for case_id in one.touched.case_ids))
    rows = project.cases.some(case_ids) if len(case_ids) <= MOST_ROWS else {}
    # One that came or went has its place among the others.
    whole = len(case_ids) > MOST_ROWS or any((case_id in seen.cases.rows) != (case_id in rows) for case_id in case_ids)
    catalogue = any(one.touched.labels for one in changes)
    labels = tuple(project.labels) if catalogue else None
    tasks = tuple(project.tasks.all()) if catalogue or any(one.touched.tasks for one in changes) else None
    images_wanted = {*(one for one in touched if one in seen.held), *list(touched)[:MOST_TOUCHED]}
    some = read_some(project, images_wanted, [one for one in case_ids if one in seen.cases.open], but=seen.held)
    drawn_on = {*_cases_of(project, touched, seen), *case_ids}
    return Fresh(
        as_of=as_of,
        told=True,
        touched=frozenset([*touched, *case_ids]),
        images=some.images,
        cases=some.cases,
        rows={row.case_id: row for row in project.cases.all()} if whole else None,
        some_rows=rows,
        drawn=drawn_labels(project, None if whole or catalogue else drawn_on),
        labels=labels,
        attributes=tuple(project.attributes) if catalogue else None,
        tasks=tasks,
        names=present_names(project.database) if catalogue else None,
        steps=_steps_after(project, changes, edit),
        questions=_of_opened(project, edit, open_question),
        ways=_of_opened(project, edit, way_out),
        unanswered=_unanswered(
            project, edit, seen, seen.labels if labels is None else labels, seen.tasks.all() if tasks is None else tasks
        ),
    )


def read_steps(project: Project) -> tuple[Step, Step]:
    """(What undo, what redo would do); of an edit only its text and image, unless it is about a case alone."""
    found = []
    for (text, image_id), whole in (
        (project.history.undo_step, project.history.next_undo),
        (project.history.redo_step, project.history.next_redo),
    ):
        found.append(_step(project, text, image_id, whole() if text.startswith(OF_A_CASE) else None))
    undo, redo = found
    return undo if undo.text else Step(other_author=project.history.last_author), redo


def _step(project: Project, text: str, image_id: str | None, edit: Edit | None) -> Step:
    changes = () if edit is None else edit.changes
    cases = tuple(change.case_id for change in changes if isinstance(change, CaseStatusChange))
    film, case_id = project.images.about(image_id)
    cases = cases if len(cases) == len(changes) else ()
    return Step(text=text, image_id=image_id, film=film, case_id=case_id, cases=cases)


def _steps_after(project: Project, changes: Sequence[Revision], edit: Edit | None) -> tuple[Step, Step] | None:
    """None where only models answered. What was just done, and nothing beside it, is what undo takes back."""
    if all(one.kind in _OF_ANSWERS for one in changes):
        return None
    if edit is None or [one.kind for one in changes] != [RevisionKind.DO]:
        return read_steps(project)
    return _step(project, edit.text, edit.image_id, edit if edit.text.startswith(OF_A_CASE) else None), Step()


def drawn_labels(project: Project, case_ids: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The region labels that are drawn on each case, by name; of some cases also the empty ones."""
    query = (
        select(case_images.c.case_id, annotations.c.label)
        .join(images, images.c.image_id == annotations.c.image_id)
        .join(case_images, case_images.c.image_id == images.c.image_id)
        .where(~images.c.taken_out, annotations.c.round_id == project.round_id)
        .distinct()
        .order_by(case_images.c.case_id, annotations.c.label)
    )
    through = (
        select(case_images.c.case_id, annotations.c.label)
        .join(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
        .join(images, images.c.series_id == anchors.c.series_id)
        .join(case_images, case_images.c.image_id == images.c.image_id)
        .where(~images.c.taken_out, annotations.c.round_id == project.round_id)
        .distinct()
    )
    found: dict[str, list[str]] = defaultdict(list)
    with project.database.reading() as connection:
        has_planes = connection.execute(select(anchors.c.anchor_id).limit(1)).first() is not None
        for asked in (query, through) if has_planes else (query,):
            if case_ids is None:
                for case_id, label in connection.execute(asked):
                    found[case_id].append(label)
            else:
                found.update({case_id: [] for case_id in case_ids if case_id not in found})
                for some in chunks(list(found)):
                    for case_id, label in connection.execute(asked.where(case_images.c.case_id.in_(some))):
                        found[case_id].append(label)
    # Those of images come sorted, as in most projects all of them do.
    return {case_id: tuple(sorted(set(labels))) for case_id, labels in found.items()}


def _cases_of(project: Project, image_ids: Iterable[str], seen: AtHand) -> set[str]:
    found, asked = set(), []
    for image_id in image_ids:
        record = seen.images.find(image_id)
        if record is not None:
            found.add(record.case_id)
        else:
            asked.append(image_id)
    with project.database.reading() as connection:
        found |= cases_of(connection, asked)
    return found


def _of_opened(project: Project, edit: Edit | None, told: Callable[[Database, str, str], str]) -> dict[str, str]:
    opened = () if edit is None else opened_by(edit)
    return {case_id: told(project.database, case_id, project.round_id) for case_id in opened[:1]}


def _unanswered(
    project: Project, edit: Edit | None, seen: AtHand, labels: Sequence[Label], tasks: Sequence[Task]
) -> dict[str, tuple[int, int]]:
    changes = () if edit is None else edit.changes
    completed = [c.case_id for c in changes if isinstance(c, CaseStatusChange) and c.after.is_done]
    if len(completed) != 1 or not seen.cases.has(completed[0]):
        return {}
    return {completed[0]: unanswered_labels(project, seen.cases.get(completed[0]), labels, tasks)}


def _read_images(project: Project, image_ids: Sequence[str], as_of: int) -> dict[str, ImageAtHand]:
    """Images with what is on them, a few queries for hundreds of them."""
    if not image_ids:
        return {}
    predicted = project.predictions.of_images(image_ids)
    records: dict[str, ImageRecord] = {}
    drawn: dict[str, list[tuple[Annotation, int]]] = defaultdict(list)
    said: dict[str, dict[str, Verdict]] = defaultdict(dict)
    measured: dict[str, list[Measurement]] = defaultdict(list)
    answered: dict[Target, dict[str, Value]] = {}
    with project.database.reading() as connection:
        notes, linked = _said_of_objects(connection, image_ids)
        for some in chunks(image_ids):
            for row in connection.execute(image_rows().where(images.c.image_id.in_(some), ~images.c.taken_out)):
                records[row.image_id] = project.images.record_of(row)
            for annotation, place in _annotations(connection, some, project.round_id):
                drawn[annotation.image_id].append((annotation, place))
            here = image_labels.c.image_id.in_(some) & (image_labels.c.round_id == project.round_id)
            for row in connection.execute(select(image_labels).where(here)):
                said[row.image_id][row.label] = verdict_of(row)
            here = measurements.c.image_id.in_(some) & (measurements.c.round_id == project.round_id)
            for row in connection.execute(select(measurements).where(here)):
                measured[row.image_id].append(measurement_of(row))
            keys = [one.object_key for image_id in some for one, _ in drawn.get(image_id, ())]
            answered |= answers_in(connection, TargetKind.IMAGE, some, [project.round_id])[project.round_id]
            answered |= answers_in(connection, TargetKind.OBJECT, keys, [project.round_id])[project.round_id]
    return {
        image_id: ImageAtHand(
            as_of=as_of,
            record=records.get(image_id),
            annotations=tuple(annotation for annotation, _ in drawn.get(image_id, ())),
            drawn=tuple(place for _, place in drawn.get(image_id, ())),
            image_labels=said.get(image_id, {}),
            measurements=tuple(measured.get(image_id, ())),
            predictions=predicted.get(image_id, ()),
            answers=answered.get(Target(kind=TargetKind.IMAGE, target_id=image_id), {}),
            of_objects=_of_objects(answered, drawn.get(image_id, ())),
            notes=_of_keys(notes, drawn.get(image_id, ())),
            linked=_of_keys(linked, drawn.get(image_id, ())),
        )
        for image_id in image_ids
    }


def _of_objects(
    answered: Mapping[Target, Mapping[str, Value]], drawn: Iterable[tuple[Annotation, int]]
) -> dict[str, Mapping[str, Value]]:
    of = {one.object_key: Target(kind=TargetKind.OBJECT, target_id=one.object_key) for one, _ in drawn}
    return {key: answered[target] for key, target in of.items() if target in answered}


def _said_of_objects(
    connection: Connection, image_ids: Sequence[str]
) -> tuple[dict[str, ObjectNote], dict[str, tuple[LinkedObject, ...]]]:
    """The notes on the objects of these images, and their links. Most projects have none, which one question tells."""
    if not any(connection.execute(select(table).limit(1)).first() for table in (objects, object_links)):
        return {}, {}
    keys: dict[str, None] = {}
    for some in chunks(image_ids):
        of = select(annotations.c.object_id).where(annotations.c.image_id.in_(some)).distinct()
        keys |= dict.fromkeys(connection.scalars(of))
    return notes_of(connection, list(keys)), linked_with(connection, list(keys))


def _of_keys(said: Mapping[str, T], drawn: Iterable[tuple[Annotation, int]]) -> dict[str, T]:
    if not said:
        return {}
    return {one.object_key: said[one.object_key] for one, _ in drawn if one.object_key in said}


def _annotations(connection: Connection, image_ids: Sequence[str], round_id: str) -> list[tuple[Annotation, int]]:
    query = shapes_drawn(annotations.c.image_id.in_(image_ids), annotations.c.round_id == round_id)
    return [(annotation_of(row), row.drawn) for row in connection.execute(query)]
