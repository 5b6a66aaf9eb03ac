"""Each class of change and the tables: what it is about, what is there now, what it writes.

One row a class in `CHANGE_KINDS`, so that a new one cannot be applied without the question what is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, select

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.errors import BadRequest
from viewer.core.labels import Label
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.core.shapes.strokes import stroke_fits
from viewer.project.changes.answer_rows import answer_key, answered_image, answers_there, name_answer, write_answers
from viewer.project.changes.attribute_rows import attribute_keys, attributes_there, name_attribute, write_attributes
from viewer.project.changes.label_rows import is_anybodys, labels_there, write_label
from viewer.project.changes.object_rows import (
    links_there,
    name_link,
    name_note,
    notes_there,
    write_links,
    write_notes,
)
from viewer.project.changes.work_rows import (
    annotations_there,
    decisions_there,
    masks_there,
    measurements_there,
    subject,
    verdicts_there,
    write_annotations,
    write_decisions,
    write_measurements,
    write_states,
    write_strokes,
    write_verdicts,
)
from viewer.project.membership import (
    begun_cases,
    film_of_series,
    images_inside,
    patients_there,
    write_images,
    write_patients,
)
from viewer.project.readings import reading_of
from viewer.project.store.schema import annotations, cases, images, proposals, readings

Key = tuple[str, ...]  # what a change is about: the kind of thing, then its ids


def _as_before(change: Any, found: Any) -> bool:
    return bool(found == change.before)


def _nothing(change: Any) -> None:
    """It puts nothing on an image."""


def _was_there(change: Any) -> bool:
    return change.before is not None


def _verb(change: Any, found: Any) -> str:
    if found is None:
        return "removed"
    return "added" if change.before is None else "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeKind:
    """How one class of change stands to the tables.

    keys: what it is about. there: what is there now for each of several changes, None for nothing, in one query.
    fits: whether that is what a change says was there before. write: alter the tables for several changes that fit;
    returns those that had nothing to do. name: words for the thing, such as "The box nodule on film.png". verb: what
    has been done to it where a change does not fit. on_image: the image that must be in the project for it. on_plane:
    the plane of whose series an image must be. needs: whether something must be there before. by_value: a value does
    not tell who said it, so an undo asks the journal too. together: whether several are applied at once where they are
    about different things.
    """

    keys: Callable[[Any], tuple[Key, ...]]
    there: Callable[[Connection, Sequence[Any]], Sequence[Any]]
    write: Callable[[Connection, Sequence[Any], Sequence[Any], int], Sequence[Change]]
    name: Callable[[Connection, Any], str]
    fits: Callable[[Any, Any], bool] = _as_before
    verb: Callable[[Any, Any], str] = _verb
    on_image: Callable[[Any], str | None] = _nothing
    on_plane: Callable[[Any], PlaneAnchor | None] = _nothing
    needs: Callable[[Any], bool] = _was_there
    by_value: bool = True
    together: bool = True


def _file_of(connection: Connection, image_id: str) -> str:
    path = connection.scalar(select(images.c.path).where(images.c.image_id == image_id))
    return PurePath(path).name if path else f"the image {image_id}"


# -- Annotations and strokes on them


def _name_annotation(connection: Connection, change: AnnotationChange) -> str:
    one = subject(change)
    return f"The {one.shape.kind} {one.label} {_where(connection, one)}"


def _stroke_fits(change: MaskStroke, there: Annotation | None) -> bool:
    """Only what it adds and removes is compared: what was painted beside it stays."""
    if there is None:
        return False
    mask = there.shape.painted()
    if mask is None:
        raise BadRequest(f"This {there.label} is no mask; it cannot be painted.")
    return stroke_fits(mask, change.added, change.removed)


def _name_stroke(connection: Connection, change: MaskStroke) -> str:
    query = select(annotations.c.label).where(annotations.c.annotation_id == change.annotation_id)
    label = connection.scalar(query)
    return f"The mask {label + ' ' if label else ''}on {_file_of(connection, change.image_id)}"


# -- Measurements, answers about whole images, decisions


def _where(connection: Connection, one: Annotation | Measurement) -> str:
    if one.plane is None:
        return f"on {_file_of(connection, one.image_id)}"
    return f"on a plane through {film_of_series(connection, one.plane.series_id)}"


def _name_measurement(connection: Connection, change: MeasurementChange) -> str:
    one = subject(change)
    return f"The measurement ({one.kind}) {_where(connection, one)}"


def _name_decision(connection: Connection, change: DecisionChange) -> str:
    query = select(proposals.c.label, proposals.c.image_id).where(proposals.c.proposal_id == change.proposal_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return "A proposal"
    return f"The proposal {row.label} on {_file_of(connection, row.image_id)}"


# -- Cases, labels, images, patients


_Status = tuple[CaseStatus, str]  # with the comment of a case that was returned


def _statuses_there(connection: Connection, changes: Sequence[CaseStatusChange]) -> list[_Status | None]:
    ids = [change.case_id for change in changes]
    # The case's own row is what two writers wait at: of a reading that nobody has begun there is none to lock.
    known = set(connection.scalars(select(cases.c.case_id).where(cases.c.case_id.in_(ids)).with_for_update()))
    query = select(readings).where(readings.c.case_id.in_(ids))
    found: dict[tuple[str, str], _Status] = {}
    for row in connection.execute(query):
        reading = reading_of(row)
        found[row.case_id, row.round_id] = reading.state, reading.comment
    return [
        found.get((one.case_id, one.round_id), (CaseStatus.TO_DO, "")) if one.case_id in known else None
        for one in changes
    ]


def _status_fits(change: CaseStatusChange, there: _Status | None) -> bool:
    """Work on a case that has been begun meanwhile begins nothing, and overwrites nothing."""
    before, after = (change.before, change.comment_before), (change.after, change.comment_after)
    return there is not None and (there == before or (change.by_work and there == after))


def _write_statuses(
    connection: Connection, changes: Sequence[CaseStatusChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    going = [change for change in changes if change.by_work and change.after is CaseStatus.TO_DO]
    worked = {
        (case_id, round_id)
        for round_id in {change.round_id for change in going}
        for case_id in begun_cases(connection, [one.case_id for one in going if one.round_id == round_id], round_id)
    }
    held = {id(change) for change in going if (change.case_id, change.round_id) in worked}
    left = [
        change
        for change, found in zip(changes, there, strict=True)
        if found == (change.after, change.comment_after) or id(change) in held
    ]
    kept = {id(change) for change in left}
    write_states(connection, [change for change in changes if id(change) not in kept])
    return [change for change in left if change.by_work]


def _name_status(connection: Connection, change: CaseStatusChange) -> str:
    title = connection.scalar(select(cases.c.title).where(cases.c.case_id == change.case_id))
    return f"The status of {title or 'a case'}"


def _labels_there(connection: Connection, changes: Sequence[LabelChange]) -> list[Label | None]:
    asked = [(subject(change).scope, subject(change).name) for change in changes]
    found = labels_there(connection, asked)
    return [found.get(key) for key in asked]


def _write_labels(
    connection: Connection, changes: Sequence[LabelChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    left: list[Change] = []
    for change, found in zip(changes, there, strict=True):
        if change.by_work and (found != change.before or (change.before and is_anybodys(connection, change.before))):
            left.append(change)  # it is there already, or somebody has made it their own
        else:
            write_label(connection, change)
    return left


def _label_fits(change: LabelChange, there: Label | None) -> bool:
    return change.by_work or change.before is None or there == change.before  # a name that is taken: `write_label`


def _label_keys(change: LabelChange) -> tuple[Key, ...]:
    rows = [one for one in (change.before, change.after) if one is not None]
    keys = {("label", one.scope, one.name) for one in rows}
    # Whoever renames a label changes what every shape and answer is called; see `changed_by`.
    return tuple(sorted(keys | ({("renamed", one.scope, one.name) for one in rows} if len(keys) > 1 else set())))


def _no_result(
    write: Callable[[Connection, Sequence[Any]], None],
) -> Callable[[Connection, Sequence[Any], Sequence[Any], int], Sequence[Change]]:
    def written(connection: Connection, changes: Sequence[Any], there: Sequence[Any], step: int) -> Sequence[Change]:
        write(connection, changes)
        return ()

    return written


CHANGE_KINDS: dict[type, ChangeKind] = {
    AnnotationChange: ChangeKind(
        keys=lambda change: (("annotation", subject(change).annotation_id),),
        there=annotations_there,
        write=write_annotations,
        name=_name_annotation,
        on_image=lambda change: None if change.after is None else change.after.image_id or None,
        on_plane=lambda change: None if change.after is None else change.after.plane,
        by_value=False,  # its revision grows with every change
    ),
    MaskStroke: ChangeKind(
        keys=lambda change: (("annotation", change.annotation_id),),
        there=masks_there,
        fits=_stroke_fits,
        write=write_strokes,
        name=_name_stroke,
        verb=lambda change, there: "removed" if there is None else "changed",
        needs=lambda change: True,
        by_value=False,  # pixels are compared with pixels: two may paint one mask
    ),
    ImageLabelChange: ChangeKind(
        keys=lambda change: (("answer", change.image_id, change.label, change.round_id),),
        there=verdicts_there,
        write=write_verdicts,
        name=lambda connection, change: f"The label {change.label} of {_file_of(connection, change.image_id)}",
        on_image=lambda change: None if change.after is None else change.image_id,
    ),
    AnswerChange: ChangeKind(
        keys=lambda change: (answer_key(change),),
        there=answers_there,
        write=write_answers,
        name=name_answer,
        on_image=answered_image,
    ),
    ObjectNoteChange: ChangeKind(
        keys=lambda change: (("object", change.object_id),),
        there=notes_there,
        write=write_notes,
        name=name_note,
    ),
    ObjectLinkChange: ChangeKind(
        keys=lambda change: (("link", subject(change).first_id, subject(change).second_id),),
        there=links_there,
        write=write_links,
        name=name_link,
        by_value=False,  # it says who made it, and when
    ),
    CaseStatusChange: ChangeKind(
        keys=lambda change: (("case", change.case_id, change.round_id),),
        there=_statuses_there,
        fits=_status_fits,
        write=_write_statuses,
        name=_name_status,
    ),
    LabelChange: ChangeKind(
        keys=_label_keys,
        there=_labels_there,
        fits=_label_fits,
        write=_write_labels,
        name=lambda connection, change: f"The label {subject(change).name}",
        together=False,  # tasks, shapes and answers follow each
    ),
    AttributeChange: ChangeKind(
        keys=attribute_keys,
        there=attributes_there,
        write=_no_result(write_attributes),
        name=lambda connection, change: name_attribute(change),
        together=False,  # answers follow each
    ),
    MeasurementChange: ChangeKind(
        keys=lambda change: (("measurement", subject(change).measurement_id),),
        there=measurements_there,
        write=write_measurements,
        name=_name_measurement,
        on_image=lambda change: None if change.after is None else change.after.image_id or None,
        on_plane=lambda change: None if change.after is None else change.after.plane,
    ),
    DecisionChange: ChangeKind(
        keys=lambda change: (("proposal", change.proposal_id, change.round_id),),
        there=decisions_there,
        fits=lambda change, there: there == (change.before, change.annotation_before),
        write=write_decisions,
        name=_name_decision,
        verb=lambda change, there: "removed" if there is None else "decided on",
    ),
    ImagesChange: ChangeKind(
        keys=lambda change: tuple(("image", image_id) for image_id in change.image_ids),
        there=images_inside,
        write=_no_result(write_images),
        name=lambda connection, change: f"The image {_file_of(connection, change.image_ids[0])}",
        verb=lambda change, there: "added to the project" if there else "taken out of the project",
    ),
    PatientChange: ChangeKind(
        keys=lambda change: (("patient", change.image_id),),
        there=patients_there,
        write=_no_result(write_patients),
        name=lambda connection, change: f"The patient of {_file_of(connection, change.image_id)}",
    ),
}
