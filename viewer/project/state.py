"""Rows of the state tables as values."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from viewer.core.codes import Code
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.anchors import PlaneAnchor, plane_of
from viewer.core.shapes.annotations import Annotation, Measurement, Origin
from viewer.core.shapes.outlined import stored_points
from viewer.project.store.schema import anchors, annotation_order, annotations, measurements
from viewer.project.store.stored_edits import decode_shape
from viewer.project.store.stored_rows import as_stored

_PLANE = (anchors.c.frame_of_reference_uid, anchors.c.series_id, anchors.c.plane)


def shapes_drawn(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Rows of shapes, each with its plane where it lies on one, in the order of their first drawing, which stands
    beside them as `drawn`."""
    return (
        select(annotations, *_PLANE, annotation_order.c.position.label("drawn"))
        .join(annotation_order, annotation_order.c.annotation_id == annotations.c.annotation_id)
        .outerjoin(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
        .where(*conditions)
        .order_by(annotation_order.c.position)
    )


def shapes_placed(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Rows of shapes, each with its plane where it lies on one, in no order."""
    joined = annotations.outerjoin(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
    return select(annotations, *_PLANE).select_from(joined).where(*conditions)


def verdict_of(row: Row) -> Verdict:  # type: ignore[type-arg]  # a row of `image_labels`
    """What a row of `image_labels` says."""
    with as_stored(f"The label {row.label} of the image {row.image_id}"):
        return Verdict(row.verdict)


def annotation_of(row: Row) -> Annotation:  # type: ignore[type-arg]  # a row of `shapes_drawn`
    """A row of `shapes_drawn` or `shapes_placed` as a value; of those on an image, one of `annotations` is enough."""
    where = f"on the image {row.image_id}" if row.anchor_id is None else f"on the plane {row.anchor_id}"
    with as_stored(f"The annotation {row.annotation_id} ({row.label}) {where}"):
        return Annotation(
            annotation_id=row.annotation_id,
            image_id=row.image_id or "",
            plane=None if row.anchor_id is None else plane_in_row(row),
            label=row.label,
            shape=decode_shape(row.shape, row.masks),
            author=row.author,
            revision=row.revision,
            origin=Origin(row.origin),
            proposal_id=row.proposal_id,
            proposal_seen=bool(row.proposal_seen),
            object_id="" if row.object_id == row.annotation_id else row.object_id,
            round_id=row.round_id,
        )


def measured(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Rows of measurements, each with its plane where it lies on one."""
    joined = measurements.outerjoin(anchors, anchors.c.anchor_id == measurements.c.anchor_id)
    return select(measurements, *_PLANE).select_from(joined).where(*conditions)


def plane_in_row(row: Row) -> PlaneAnchor:  # type: ignore[type-arg]  # a row of `anchors`
    """The plane of a row. Raises what reading it raises: call it within `as_stored`."""
    return plane_of(row.frame_of_reference_uid, row.series_id, json.loads(row.plane))


def plane_values(plane: PlaneAnchor) -> dict[str, Any]:
    """The row of a plane."""
    return {
        "anchor_id": plane.anchor_id,
        "frame_of_reference_uid": plane.frame_of_reference_uid,
        "series_id": plane.series_id,
        "plane": json.dumps(plane.numbers(), separators=(",", ":"), allow_nan=False),
    }


def measurement_of(row: Row) -> Measurement:  # type: ignore[type-arg]  # a row of `measured`
    """A row of `measured` as a value; of those on an image, a row of `measurements` is enough."""
    where = f"on the image {row.image_id}" if row.anchor_id is None else f"on the plane {row.anchor_id}"
    with as_stored(f"The measurement {row.measurement_id} ({row.kind}) {where}"):
        return Measurement(
            measurement_id=row.measurement_id,
            image_id=row.image_id or "",
            plane=None if row.anchor_id is None else plane_in_row(row),
            kind=row.kind,
            points_px=stored_points(json.loads(row.points)),
            author=row.author,
            round_id=row.round_id,
        )


def label_of(row: Row) -> Label:  # type: ignore[type-arg]  # a row of `labels`
    """A row of the catalogue as a value."""
    with as_stored(f"The label {row.name}"):
        code = None
        if row.code:
            scheme, value, meaning = json.loads(row.code)
            code = Code(scheme=scheme, value=value, meaning=meaning)
        return Label(name=row.name, scope=row.scope, position=row.position, tint=row.tint, code=code)


def label_values(label: Label) -> dict[str, Any]:
    """The row of a label."""
    code = label.code
    return {
        "scope": label.scope, "name": label.name, "position": label.position, "tint": label.tint,
        "code": "" if code is None else json.dumps([code.scheme, code.value, code.meaning], allow_nan=False),
    }  # fmt: skip


def labels_of_task(row: Row) -> tuple[str, ...]:  # type: ignore[type-arg]  # a row of `tasks`
    """The labels of a stored task, in their order, without those that were taken out of the catalogue."""
    return tuple(name for name in stored_labels(row) if isinstance(name, str))


def stored_labels(row: Row) -> list[str | dict[str, str]]:  # type: ignore[type-arg]  # a row of `tasks`
    """The names of a task's labels; one that was taken out of the catalogue as {"removed": name}, in its place, where
    undo finds it."""
    with as_stored(f"The task {row.name}"):
        names = json.loads(row.labels)
        entries: list[Any] = names if isinstance(names, list) else [None]
        said = [one.get("removed") if isinstance(one, dict) else one for one in entries]
        if not all(isinstance(name, str) for name in said):
            raise ValueError("its labels are no list of names")
        return entries
