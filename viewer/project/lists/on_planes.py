"""What is drawn and measured on planes through volumes, as a project lists it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import exists

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.values import Target, TargetKind
from viewer.project.lists.planes import drawn_on_planes, measured_on_planes
from viewer.project.lists.taken_readings import ByRule, readings_taken
from viewer.project.project import Project
from viewer.project.store.schema import anchors, annotations, images, measurements

_INSIDE = exists().where(images.c.series_id == anchors.c.series_id, ~images.c.taken_out)


def on_planes_of(project: Project) -> list[Measurement]:
    """The measurements on planes in the project's own reading, through series of which an image is in it."""
    with project.database.reading() as connection:
        return measured_on_planes(connection, measurements.c.round_id == project.round_id, _INSIDE)


def shapes_on_planes(project: Project) -> list[Annotation]:
    """The shapes on planes in the project's own reading, through series of which an image is in it."""
    with project.database.reading() as connection:
        return drawn_on_planes(connection, annotations.c.round_id == project.round_id, _INSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOnPlanes:
    """What a list says of planes. words: what was taken of several readings, "" of one. readers: whose reading each
    thing is of, by round, where each is told. unknown: the labels that readers differ in, by series."""

    drawn: list[Annotation]
    measured: list[Measurement]
    words: str = ""
    readers: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, list[str]] = field(default_factory=dict)


def taken_on_planes(project: Project, rule: str) -> TakenOnPlanes:
    """What is drawn and measured on planes: in the project's own reading, or by a rule as `readings_taken` has it.

    Raises UnknownName, BadRequest.
    """
    if not rule:
        return TakenOnPlanes(drawn=shapes_on_planes(project), measured=on_planes_of(project))
    taken = readings_taken(project, rule)
    with project.database.reading() as connection:
        measured = measured_on_planes(connection, measurements.c.round_id.in_(taken.round_ids), _INSIDE)
        drawn = drawn_on_planes(connection, annotations.c.round_id.in_(taken.round_ids), _INSIDE)
    if not isinstance(taken, ByRule):
        readers = {one.round_id: one.words for one in project.rounds.all()}
        return TakenOnPlanes(drawn=drawn, measured=measured, words=taken.words, readers=readers)
    counts = {
        series_id: {one.round_id for one in taken.rounds_through(Target(kind=TargetKind.SERIES, target_id=series_id))}
        for series_id in {one.plane.series_id for one in measured if one.plane is not None}
    }
    by_series = {series_id: taken.planes.through(series_id) for series_id in taken.planes.series}
    return TakenOnPlanes(
        drawn=[one for planes in by_series.values() for one in planes.drawn],
        measured=[
            one for one in measured if one.plane is not None and one.round_id in counts[one.plane.series_id]
        ],
        words=taken.words,
        unknown={series_id: sorted(planes.unknown) for series_id, planes in by_series.items() if planes.unknown},
    )  # fmt: skip
