"""What lies on planes through volumes: of which cases it is, and what of it there is.

A plane is of the series that it cuts (`PlaneAnchor.series_id`), and so of the cases that hold images of that series. It
is seen from every case of the same study: a plane through another series of one frame of reference may show it.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Table, select

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.project.membership import chunks
from viewer.project.state import annotation_of, measured, measurement_of, shapes_drawn
from viewer.project.store.schema import anchors, annotations, case_images, images, measurements


def cases_of_series(connection: Connection, series_ids: Iterable[str], *, beside: bool = False) -> set[str]:
    """The cases that hold images of these series; beside: of other series of their studies too."""
    found: set[str] = set()
    for some in chunks(list(dict.fromkeys(series_ids))):
        held: ColumnElement[bool] = images.c.series_id.in_(some)
        if beside:
            studies = select(images.c.study_uid).where(held, images.c.study_uid != "").distinct()
            held |= images.c.study_uid.in_(studies)
        query = select(case_images.c.case_id).join(images, images.c.image_id == case_images.c.image_id)
        found |= set(connection.scalars(query.where(held).distinct()))
    return found


def series_of_cases(connection: Connection, case_ids: Sequence[str]) -> dict[str, set[str]]:
    """By case its series, and others of its studies, through which there is a plane."""
    found: dict[str, set[str]] = {case_id: set() for case_id in case_ids}
    other = images.alias()
    same = (other.c.series_id == images.c.series_id) | (
        (images.c.study_uid != "") & (other.c.study_uid == images.c.study_uid)
    )
    for some in chunks(case_ids):
        query = select(case_images.c.case_id, other.c.series_id).distinct()
        query = query.join(images, images.c.image_id == case_images.c.image_id).join(other, same)
        there = other.c.series_id.in_(select(anchors.c.series_id))
        for case_id, series_id in connection.execute(query.where(case_images.c.case_id.in_(some), there)):
            found[case_id].add(series_id)
    return found


def measured_on_planes(connection: Connection, *conditions: ColumnElement[bool]) -> list[Measurement]:
    """The measurements on planes, of every round unless a condition says otherwise, in the order of their ids."""
    query = measured(measurements.c.anchor_id.is_not(None), *conditions).order_by(measurements.c.measurement_id)
    return [measurement_of(row) for row in connection.execute(query)]


def drawn_on_planes(connection: Connection, *conditions: ColumnElement[bool]) -> list[Annotation]:
    """The shapes on planes, of every round unless a condition says otherwise, in the order of their first drawing."""
    query = shapes_drawn(annotations.c.anchor_id.is_not(None), *conditions)
    return [annotation_of(row) for row in connection.execute(query)]


def lying_on_planes(
    connection: Connection, series_ids: Sequence[str], round_ids: Sequence[str]
) -> list[Annotation | Measurement]:
    """What these rounds have on planes through these series, shapes first."""
    found: list[Annotation | Measurement] = []
    found += drawn_on_planes(connection, *on_series(series_ids, round_ids, annotations))
    return [*found, *measured_on_planes(connection, *on_series(series_ids, round_ids))]


def on_series(
    series_ids: Sequence[str], round_ids: Sequence[str], table: Table = measurements
) -> tuple[ColumnElement[bool], ...]:
    """The conditions of what of a table these rounds have on planes through these series."""
    return anchors.c.series_id.in_(series_ids), table.c.round_id.in_(round_ids)


def series_drawn_through(connection: Connection, *conditions: ColumnElement[bool]) -> set[str]:
    """The series that the planes cut on which shapes lie that meet the conditions."""
    if connection.execute(select(anchors.c.anchor_id).limit(1)).first() is None:
        return set()  # as in most projects
    query = select(anchors.c.series_id).join(annotations, annotations.c.anchor_id == anchors.c.anchor_id)
    return set(connection.scalars(query.where(*conditions).distinct()))


def seen_from(
    connection: Connection, case_ids: Sequence[str], round_id: str
) -> dict[str, list[Annotation | Measurement]]:
    """By case what lies on planes through its series, and others of its studies, in a round."""
    if not case_ids or connection.execute(select(anchors.c.anchor_id).limit(1)).first() is None:
        return {}  # as in most projects
    of = series_of_cases(connection, case_ids)
    asked = sorted({series_id for several in of.values() for series_id in several})
    found: list[Annotation | Measurement] = []
    for some in chunks(asked):
        found += lying_on_planes(connection, some, [round_id])
    return {
        case_id: [one for one in found if one.plane is not None and one.plane.series_id in several]
        for case_id, several in of.items()
    }
