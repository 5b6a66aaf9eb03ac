"""The rows of a person's work: what is there for several changes of one class in one query, and what they write."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from viewer.core.edits import (
    AnnotationChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    ImageLabelChange,
    MaskStroke,
    MeasurementChange,
)
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement
from viewer.project.state import annotation_of, measured, measurement_of, plane_values, shapes_placed
from viewer.project.store import some_ids
from viewer.project.store.schema import (
    anchors,
    annotation_order,
    annotations,
    answers,
    decisions,
    measurements,
    proposals,
    readings,
)
from viewer.project.store.some_ids import SOME
from viewer.project.store.stored_edits import encode_shape
from viewer.project.store.stored_rows import as_stored

_TO_CHANGE = shapes_placed(annotations.c.annotation_id.in_(SOME)).with_for_update(of=annotations)
_REMOVED = annotations.delete().where(annotations.c.annotation_id.in_(SOME))
_PLACED = select(annotation_order.c.annotation_id).where(annotation_order.c.annotation_id.in_(SOME))


def subject(change: Any) -> Any:
    """What a change with a value before and after is about, wherever it is or was."""
    return change.after if change.before is None else change.before


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Raises BadRequest where another process has added the same thing in between."""
    if not rows:
        return
    try:
        connection.execute(table.insert(), rows)
    except IntegrityError as error:
        raise BadRequest("The same thing has been added since; look at the image again.") from error


def _annotations_of(connection: Connection, ids: Sequence[str]) -> dict[str, Annotation]:
    return {row.annotation_id: annotation_of(row) for row in connection.execute(_TO_CHANGE, some_ids.of(ids))}


def annotations_there(connection: Connection, changes: Sequence[AnnotationChange]) -> list[Annotation | None]:
    """The stored annotation of each change, None where there is none."""
    ids = [subject(change).annotation_id for change in changes]
    found = _annotations_of(connection, ids)
    return [found.get(annotation_id) for annotation_id in ids]


def _annotation_values(annotation: Annotation) -> dict[str, Any]:
    shape, masks = encode_shape(annotation.shape)
    return {
        "annotation_id": annotation.annotation_id,
        "round_id": annotation.round_id,
        "object_id": annotation.object_key,
        "image_id": annotation.image_id or None,
        "anchor_id": None if annotation.plane is None else annotation.plane.anchor_id,
        "label": annotation.label,
        "shape": shape,
        "masks": masks,
        "author": annotation.author,
        "revision": annotation.revision,
        "origin": annotation.origin.value,
        "proposal_id": annotation.proposal_id,
        "proposal_seen": annotation.proposal_seen,
    }


def write_annotations(
    connection: Connection, changes: Sequence[AnnotationChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Remove, change and insert annotations that fit; a new one has its place in the order of drawing."""
    gone = [one.before.annotation_id for one in changes if one.before is not None and one.after is None]
    if gone:
        connection.execute(_REMOVED, some_ids.of(gone))
    note_planes(connection, [one.after.plane for one in changes if one.after is not None])
    for change in changes:
        if change.before is not None and change.after is not None:
            here = annotations.c.annotation_id == change.before.annotation_id
            connection.execute(update(annotations).where(here).values(**_annotation_values(change.after)))
    added = [one.after for one in changes if one.before is None and one.after is not None]
    insert_rows(connection, annotations, [_annotation_values(annotation) for annotation in added])
    # One that comes back (undo of a removal) has its old place in the order of drawing.
    ids = [annotation.annotation_id for annotation in added]
    placed = set(connection.scalars(_PLACED, some_ids.of(ids))) if ids else set()
    insert_rows(connection, annotation_order, [{"annotation_id": one} for one in ids if one not in placed])
    return ()


def masks_there(connection: Connection, changes: Sequence[MaskStroke]) -> list[Annotation | None]:
    """The stored annotation that each stroke is on."""
    found = _annotations_of(connection, [change.annotation_id for change in changes])
    return [found.get(change.annotation_id) for change in changes]


def write_strokes(
    connection: Connection, changes: Sequence[MaskStroke], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Paint each stroke; `step` is added to the revision of its mask."""
    for change, annotation in zip(changes, there, strict=True):
        shape, masks = encode_shape(change.apply(annotation.shape))
        here = annotations.c.annotation_id == change.annotation_id
        values = {"shape": shape, "masks": masks, "revision": annotation.revision + step}
        connection.execute(update(annotations).where(here).values(**values))
    return ()


def note_planes(connection: Connection, planes: Sequence[PlaneAnchor | None]) -> None:
    """Write down planes that are not known yet. A row stays: its id is what it says, and nothing lies on it alone."""
    new = {plane.anchor_id: plane for plane in planes if plane is not None}
    if new:
        known = set(connection.scalars(select(anchors.c.anchor_id).where(anchors.c.anchor_id.in_(list(new)))))
        insert_rows(connection, anchors, [plane_values(one) for key, one in new.items() if key not in known])


def measurements_there(connection: Connection, changes: Sequence[MeasurementChange]) -> list[Measurement | None]:
    """The stored measurement of each change."""
    ids = [subject(change).measurement_id for change in changes]
    query = measured(measurements.c.measurement_id.in_(ids)).with_for_update(of=measurements)
    found = {row.measurement_id: measurement_of(row) for row in connection.execute(query)}
    return [found.get(measurement_id) for measurement_id in ids]


def write_measurements(
    connection: Connection, changes: Sequence[MeasurementChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Remove, change and insert measurements that fit."""
    old = [change.before.measurement_id for change in changes if change.before is not None]
    if old:
        connection.execute(measurements.delete().where(measurements.c.measurement_id.in_(old)))
    note_planes(connection, [one.after.plane for one in changes if one.after is not None])
    rows = [
        {
            "measurement_id": one.measurement_id,
            "round_id": one.round_id,
            "image_id": one.image_id or None,
            "anchor_id": None if one.plane is None else one.plane.anchor_id,
            "kind": one.kind,
            "points": json.dumps([list(point) for point in one.points_px], allow_nan=False),
            "author": one.author,
        }
        for change in changes
        if (one := change.after) is not None
    ]
    insert_rows(connection, measurements, rows)
    return ()


def verdicts_there(connection: Connection, changes: Sequence[ImageLabelChange]) -> list[Verdict | None]:
    """What is said of each image and label; None is unknown."""
    ids = list({change.image_id for change in changes})
    found: dict[tuple[str, str, str], Verdict] = {}
    other: set[tuple[str, str, str]] = set()  # said under the name, and no yes or no
    query = select(answers).where(answers.c.target == "image", answers.c.target_id.in_(ids)).with_for_update()
    for row in connection.execute(query):
        key = (row.target_id, row.label, row.round_id)
        if row.kind == "verdict":
            with as_stored(f"The label {row.label} of the image {row.target_id}"):
                found[key] = Verdict(row.verdict)
        else:
            other.add(key)
    keys = [(change.image_id, change.label, change.round_id) for change in changes]
    if taken := next((key for key in keys if key in other), None):
        raise BadRequest(
            f"{taken[1]} is answered on an image already, and not by yes or no; choose another name for the label."
        )
    return [found.get(key) for key in keys]


def write_verdicts(
    connection: Connection, changes: Sequence[ImageLabelChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Say, change and take back whole-image labels."""
    here = (answers.c.target == "image") & (answers.c.target_id == bindparam("of"))
    here &= (answers.c.label == bindparam("called")) & (answers.c.round_id == bindparam("by"))
    old = [_named(one) for one in changes if one.after is None]
    if old:
        connection.execute(answers.delete().where(here), old)
    for one in changes:
        if one.before is not None and one.after is not None:
            connection.execute(update(answers).where(here).values(verdict=one.after.value), _named(one))
    rows = [
        {
            "round_id": one.round_id,
            "target": "image",
            "target_id": one.image_id,
            "label": one.label,
            "kind": "verdict",
            "verdict": one.after.value,
        }
        for one in changes
        if one.before is None and one.after is not None
    ]
    insert_rows(connection, answers, rows)
    return ()


def _named(change: ImageLabelChange) -> dict[str, str]:
    return {"of": change.image_id, "called": change.label, "by": change.round_id}


def write_states(connection: Connection, changes: Sequence[CaseStatusChange]) -> None:
    """Say how far cases are; one that is to do again has no row, unless that says more."""
    for one in changes:
        here = (readings.c.case_id == one.case_id) & (readings.c.round_id == one.round_id)
        bare = here & (readings.c.revealed == "")
        if one.after is CaseStatus.TO_DO and connection.execute(readings.delete().where(bare)).rowcount:
            continue
        said = {"state": one.after.value, "comment": one.comment_after}
        if not connection.execute(update(readings).where(here).values(**said)).rowcount:
            insert_rows(connection, readings, [{"case_id": one.case_id, "round_id": one.round_id, **said}])


def decisions_there(
    connection: Connection, changes: Sequence[DecisionChange]
) -> list[tuple[Decision, str | None] | None]:
    """The decision on each proposal and the annotation it gave; None for a proposal that is not there."""
    ids = [change.proposal_id for change in changes]
    query = select(proposals.c.proposal_id).where(proposals.c.proposal_id.in_(ids)).with_for_update()
    known = set(connection.scalars(query))
    found: dict[tuple[str, str], tuple[Decision, str | None]] = {}
    for row in connection.execute(select(decisions).where(decisions.c.proposal_id.in_(ids))):
        with as_stored(f"The decision on the proposal {row.proposal_id}"):
            found[row.proposal_id, row.round_id] = Decision(row.decision), row.annotation_id
    return [
        found.get((one.proposal_id, one.round_id), (Decision.UNDECIDED, None)) if one.proposal_id in known else None
        for one in changes
    ]


def write_decisions(
    connection: Connection, changes: Sequence[DecisionChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Decide on proposals."""
    here = (decisions.c.proposal_id == bindparam("of")) & (decisions.c.round_id == bindparam("by"))
    connection.execute(decisions.delete().where(here), [{"of": one.proposal_id, "by": one.round_id} for one in changes])
    rows = [
        {
            "round_id": one.round_id,
            "proposal_id": one.proposal_id,
            "decision": one.after.value,
            "annotation_id": one.annotation_after,
        }
        for one in changes
        if one.after is not Decision.UNDECIDED or one.annotation_after is not None
    ]
    insert_rows(connection, decisions, rows)
    return ()
