"""The state tables: how each change alters them, inside the caller's transaction.

A change says what was there before; when something else is there, it is refused, so two authors cannot silently
overwrite each other.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Table, func, select, update
from sqlalchemy.exc import IntegrityError

from viewer.core.edits import (
    AnnotationChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskPatch,
    MeasurementChange,
    PatientChange,
)
from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, Measurement, Origin
from viewer.core.shapes.masks import MaskRuns
from viewer.project.membership import apply_images, apply_patient
from viewer.project.store.schema import (
    annotation_order,
    annotations,
    cases,
    image_labels,
    labels,
    measurements,
    proposals,
    tasks,
)
from viewer.project.store.stored_edits import decode_shape, encode_shape, points_in
from viewer.project.store.stored_rows import as_stored

_IDS_PER_QUERY = 500


def annotation_of(row: Row) -> Annotation:  # type: ignore[type-arg]  # a row of `annotations`
    """A row of `annotations` as a value."""
    with as_stored(f"The annotation {row.annotation_id} ({row.label}) on the image {row.image_id}"):
        return Annotation(
            annotation_id=row.annotation_id,
            image_id=row.image_id,
            label=row.label,
            shape=decode_shape(row.shape, row.masks),
            author=row.author,
            revision=row.revision,
            origin=Origin(row.origin),
            proposal_id=row.proposal_id,
            proposal_seen=bool(row.proposal_seen),
        )


def measurement_of(row: Row) -> Measurement:  # type: ignore[type-arg]  # a row of `measurements`
    """A row of `measurements` as a value."""
    with as_stored(f"The measurement {row.measurement_id} ({row.kind}) on the image {row.image_id}"):
        return Measurement(
            measurement_id=row.measurement_id,
            image_id=row.image_id,
            kind=row.kind,
            points_px=points_in(json.loads(row.points)),
            author=row.author,
        )


def labels_of_task(row: Row) -> tuple[str, ...]:  # type: ignore[type-arg]  # a row of `tasks`
    """The labels of a stored task, in their order, without those that were taken out of the catalogue."""
    return tuple(name for name in _stored_labels(row) if isinstance(name, str))


def _stored_labels(row: Row) -> list[str | dict[str, str]]:  # type: ignore[type-arg]  # a row of `tasks`
    """The names of a task's labels; one that was taken out of the catalogue as {"removed": name}, in its place, where
    undo finds it."""
    with as_stored(f"The task {row.name}"):
        names = json.loads(row.labels)
        entries: list[Any] = names if isinstance(names, list) else [None]
        said = [one.get("removed") if isinstance(one, dict) else one for one in entries]
        if not all(isinstance(name, str) for name in said):
            raise ValueError("its labels are no list of names")
        return entries


def patched(mask: MaskRuns, patch: MaskPatch) -> MaskRuns:
    """The mask with the patch applied; only the touched rows are unpacked, whatever the image's size.

    Raises BadRequest when the rectangle does not hold what the patch says was there, or leaves the image.
    """
    height, width = patch.after.shape
    row1, col1 = patch.row0 + height, patch.col0 + width
    if (
        patch.row0 < 0
        or patch.col0 < 0
        or row1 > mask.rows
        or col1 > mask.cols
        or patch.before.shape != (height, width)
    ):
        raise BadRequest("A brush stroke lies outside its image.")
    first, last = np.searchsorted(mask.runs[:, 0], [patch.row0, row1])
    band = mask.runs[first:last].copy()
    band[:, 0] -= patch.row0
    array = MaskRuns(rows=height, cols=mask.cols, runs=band).to_array()
    if not np.array_equal(array[:, patch.col0 : col1], patch.before):
        raise BadRequest("The mask has changed since; the stroke does not fit any more.")
    array[:, patch.col0 : col1] = patch.after
    new = MaskRuns.from_array(array).runs
    new[:, 0] += patch.row0
    return MaskRuns(rows=mask.rows, cols=mask.cols, runs=np.concatenate([mask.runs[:first], new, mask.runs[last:]]))


def _annotation_values(annotation: Annotation) -> dict[str, Any]:
    shape, masks = encode_shape(annotation.shape)
    return {
        "annotation_id": annotation.annotation_id,
        "image_id": annotation.image_id,
        "label": annotation.label,
        "shape": shape,
        "masks": masks,
        "author": annotation.author,
        "revision": annotation.revision,
        "origin": annotation.origin.value,
        "proposal_id": annotation.proposal_id,
        "proposal_seen": annotation.proposal_seen,
    }


def _insert_annotations(connection: Connection, added: Sequence[Annotation]) -> None:
    """New rows; an annotation that comes back (undo of a removal) has its old place in the order of drawing."""
    _insert(connection, annotations, [_annotation_values(annotation) for annotation in added])
    ids = [annotation.annotation_id for annotation in added]
    placed: set[str] = set()
    for start in range(0, len(ids), _IDS_PER_QUERY):
        query = select(annotation_order.c.annotation_id)
        chunk = ids[start : start + _IDS_PER_QUERY]
        placed |= set(connection.scalars(query.where(annotation_order.c.annotation_id.in_(chunk))))
    fresh = [{"annotation_id": annotation_id} for annotation_id in ids if annotation_id not in placed]
    if fresh:
        connection.execute(annotation_order.insert(), fresh)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(table.insert(), rows)
    except IntegrityError as error:
        if "FOREIGN KEY" in str(error.orig):
            raise NotFound("The image of this edit is not part of this project; add it first.") from error
        raise BadRequest("The same thing has been added since; look at the image again.") from error


def _delete_annotation(connection: Connection, annotation: Annotation) -> None:
    gone = connection.execute(
        annotations.delete().where(
            annotations.c.annotation_id == annotation.annotation_id, annotations.c.revision == annotation.revision
        )
    )
    if gone.rowcount != 1:
        raise BadRequest(f"This {annotation.label} has been changed or removed since; look at it again.")


def _update_annotation(connection: Connection, before: Annotation, after: Annotation) -> None:
    here = (annotations.c.annotation_id == before.annotation_id) & (annotations.c.revision == before.revision)
    if connection.execute(update(annotations).where(here).values(**_annotation_values(after))).rowcount != 1:
        raise BadRequest(f"This {before.label} has been changed or removed since; look at it again.")


def _annotation(connection: Connection, change: AnnotationChange) -> None:
    before, after = change.before, change.after
    if before is not None and after is not None and before.annotation_id == after.annotation_id:
        _update_annotation(connection, before, after)
        return
    if change.before is not None:
        _delete_annotation(connection, change.before)
    if change.after is not None:
        _insert_annotations(connection, [change.after])


def _patch(connection: Connection, change: MaskPatch, step: int) -> None:
    row = connection.execute(
        select(annotations).where(annotations.c.annotation_id == change.annotation_id)
    ).one_or_none()
    if row is None:
        raise BadRequest("The mask of this stroke has been removed since.")
    annotation = annotation_of(row)
    if not isinstance(annotation.shape, MaskRuns):
        raise BadRequest(f"This {annotation.label} is no mask; it cannot be painted.")
    painted = replace(annotation, shape=patched(annotation.shape, change))
    shape, masks = encode_shape(painted.shape)
    connection.execute(
        update(annotations)
        .where(annotations.c.annotation_id == change.annotation_id)
        .values(shape=shape, masks=masks, revision=annotation.revision + step)
    )


def _verdict_values(image_id: str, label: str, verdict: Verdict) -> dict[str, Any]:
    return {"image_id": image_id, "label": label, "verdict": verdict.value}


def _image_label(connection: Connection, change: ImageLabelChange) -> None:
    here = (image_labels.c.image_id == change.image_id) & (image_labels.c.label == change.label)
    found = connection.execute(select(image_labels.c.verdict).where(here)).scalar_one_or_none()
    if found != (None if change.before is None else change.before.value):
        raise BadRequest(f"The label {change.label} has been changed on this image since; look at it again.")
    if change.after is None:
        connection.execute(image_labels.delete().where(here))
    elif found is None:
        _insert(connection, image_labels, [_verdict_values(change.image_id, change.label, change.after)])
    else:
        connection.execute(update(image_labels).where(here).values(verdict=change.after.value))


def _case_status(connection: Connection, change: CaseStatusChange) -> None:
    done = connection.execute(
        update(cases)
        .where(cases.c.case_id == change.case_id, cases.c.status == change.before.value)
        .values(status=change.after.value)
    )
    if done.rowcount != 1:
        raise BadRequest("The case's status has been changed since; look at it again.")


def _uses(connection: Connection, label: Label) -> int:
    table = annotations if label.scope == "region" else image_labels
    count = connection.execute(select(func.count()).select_from(table).where(table.c.label == label.name)).scalar_one()
    return int(count)


def _rename(connection: Connection, before: Label, after: Label) -> None:
    """Everything that carries the label carries its new name; tasks too."""
    table = annotations if before.scope == "region" else image_labels
    connection.execute(update(table).where(table.c.label == before.name).values(label=after.name))
    _change_tasks(connection, before.scope, before.name, after.name)


def _change_tasks(
    connection: Connection, scope: str, old: str | dict[str, str], new: str | dict[str, str], *, least: bool = False
) -> None:
    """Put one entry in the place of another in the labels of every task of a scope.

    least: only where what is left still is a task; one of two exclusive labels stays named, though nobody can say it.
    """
    for row in connection.execute(select(tasks)).all():
        names = _stored_labels(row)
        is_classification = row.kind == "classification"
        if old not in names or is_classification != (scope == "image"):
            continue
        if least and len(labels_of_task(row)) <= (2 if is_classification and row.exclusive else 1):
            continue
        changed = json.dumps([new if name == old else name for name in names], allow_nan=False)
        connection.execute(update(tasks).where(tasks.c.name == row.name).values(labels=changed))


def _label(connection: Connection, change: LabelChange) -> None:
    before, after = change.before, change.after
    if before is not None and after is None:
        uses = _uses(connection, before)
        if uses:
            raise BadRequest(f"The label {before.name} is used {uses} times; change those first.")
    if before is not None:
        gone = connection.execute(labels.delete().where(labels.c.scope == before.scope, labels.c.name == before.name))
        if gone.rowcount != 1:
            raise BadRequest(f"The label {before.name} has been changed since.")
    if before is not None and after is None:
        _change_tasks(connection, before.scope, before.name, {"removed": before.name}, least=True)
    if after is None:
        return
    if before is None:
        _change_tasks(connection, after.scope, {"removed": after.name}, after.name)
    taken = connection.execute(
        select(labels.c.name).where(labels.c.scope == after.scope, labels.c.name == after.name)
    ).first()
    if taken is not None or (before is not None and before.scope != after.scope):
        raise BadRequest(f"There is a label {after.name} already; choose another name.")
    values = {"scope": after.scope, "name": after.name, "position": after.position, "tint": after.tint}
    connection.execute(labels.insert().values(**values))
    if before is not None and before.name != after.name:
        _rename(connection, before, after)


def _measurement(connection: Connection, change: MeasurementChange) -> None:
    if change.before is not None:
        here = measurements.c.measurement_id == change.before.measurement_id
        found = connection.execute(select(measurements).where(here)).one_or_none()
        if found is None or measurement_of(found) != change.before:
            raise BadRequest("This measurement has been changed or removed since; look at it again.")
        connection.execute(measurements.delete().where(here))
    if change.after is not None:
        values = {
            "measurement_id": change.after.measurement_id,
            "image_id": change.after.image_id,
            "kind": change.after.kind,
            "points": json.dumps([list(point) for point in change.after.points_px], allow_nan=False),
            "author": change.after.author,
        }
        _insert(connection, measurements, [values])


def _decision(connection: Connection, change: DecisionChange) -> None:
    done = connection.execute(
        update(proposals)
        .where(proposals.c.proposal_id == change.proposal_id, proposals.c.decision == change.before.value)
        .values(decision=change.after.value, annotation_id=change.annotation_after)
    )
    if done.rowcount != 1:
        raise BadRequest("This proposal has been decided on since; look at it again.")


def _apply_one(connection: Connection, change: Change, step: int) -> None:
    match change:
        case AnnotationChange():
            _annotation(connection, change)
        case MaskPatch():
            _patch(connection, change, step)
        case ImageLabelChange():
            _image_label(connection, change)
        case CaseStatusChange():
            _case_status(connection, change)
        case LabelChange():
            _label(connection, change)
        case MeasurementChange():
            _measurement(connection, change)
        case DecisionChange():
            _decision(connection, change)
        case ImagesChange():
            apply_images(connection, change)
        case PatientChange():
            apply_patient(connection, change)


def _fresh(change: Change) -> str:
    """The table a change only adds a row to, "" for any other change."""
    if isinstance(change, ImageLabelChange) and change.before is None and change.after is not None:
        return "image_labels"
    if isinstance(change, AnnotationChange) and change.before is None and change.after is not None:
        return "annotations"
    return ""


def apply_changes(connection: Connection, changes: Sequence[Change], *, step: int) -> None:
    """Alter the state tables. step: +1 when changes are done or redone, -1 when their inverse takes them back.

    Runs of new rows are written at once: an import of 790 films with 15 labels each is one edit.
    Raises BadRequest when what is there is not what a change says was there before.
    """
    for table, group in groupby(changes, _fresh):
        if table == "annotations":
            _insert_annotations(
                connection, [one.after for one in group if isinstance(one, AnnotationChange) and one.after is not None]
            )
        elif table == "image_labels":
            rows = [
                _verdict_values(one.image_id, one.label, one.after)
                for one in group
                if isinstance(one, ImageLabelChange) and one.after is not None
            ]
            _insert(connection, image_labels, rows)
        else:
            for change in group:
                _apply_one(connection, change, step)
