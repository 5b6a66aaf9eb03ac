"""Images of a project with what is on them, some at a time: for whoever looks at every one and keeps none.

A project may hold a million shapes, which do not fit into memory at once. Each piece is read in a transaction of its
own, so nobody who works meanwhile waits; what they draw then may be in it or not, and an image that was taken out is
passed over.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.project.image_rows import image_rows
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import COUNTED, read_states
from viewer.project.records import ImageRecord
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    annotations,
    case_images,
    image_labels,
    images,
    measurements,
    readings,
)

MOST_IMAGES = 200  # at a time
MOST_BYTES = 2 << 20  # at a time, as shapes are stored; one image may take more
_BYTES_OF_ROW = 500  # what an annotation takes beside its shape, about


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWork:
    """One image with what is on it, and how far its case is."""

    record: ImageRecord
    status: CaseStatus
    annotations: tuple[Annotation, ...]
    image_labels: dict[str, Verdict]
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCounts:
    """How much there is on some images."""

    annotations: int
    image_labels: int
    measurements: int


def images_inside(project: Project, *, only_complete: bool = False) -> dict[str, str]:
    """The series of each image in the project, by image id, in the order of entering.

    only_complete: of those whose case is complete or approved.
    """
    query = select(images.c.image_id, images.c.series_id).where(~images.c.taken_out)
    if only_complete:
        complete = select(case_images.c.image_id).join(readings, readings.c.case_id == case_images.c.case_id)
        complete = complete.where(readings.c.round_id == project.round_id, readings.c.state.in_(COUNTED))
        query = query.where(images.c.image_id.in_(complete))
    with project.database.reading() as connection:
        rows = connection.execute(query.order_by(images.c.position, images.c.image_id))
        return {row.image_id: row.series_id for row in rows}


def in_batches(project: Project, image_ids: Sequence[str]) -> Iterator[ImageWork]:
    """These images in this order, read a few queries for hundreds of them."""
    for few in pieces(project.database, image_ids, [project.round_id]):
        yield from _read(project, few)


def records_in_batches(project: Project, image_ids: Sequence[str]) -> Iterator[ImageRecord]:
    """These images without what is on them, in this order."""
    for some in chunks(image_ids):
        with project.database.reading() as connection:
            found = _rows(project, connection, some)
        yield from (found[image_id][0] for image_id in some if image_id in found)


def shared_objects(project: Project) -> frozenset[str]:
    """The keys of objects whose shapes lie on several images, in the project's round."""
    shared = (annotations.c.object_id != annotations.c.annotation_id) & (annotations.c.round_id == project.round_id)
    with project.database.reading() as connection:
        return frozenset(connection.scalars(select(annotations.c.object_id).where(shared).distinct()))


def count_work(project: Project, image_ids: Sequence[str]) -> WorkCounts:
    """How much there is on these images, without reading it."""
    totals = [0, 0, 0]
    for some in chunks(image_ids):
        with project.database.reading() as connection:
            for place, table in enumerate((annotations, image_labels, measurements)):
                query = select(func.count()).select_from(table).where(table.c.image_id.in_(some))
                query = query.where(table.c.round_id == project.round_id)
                totals[place] += int(connection.scalar(query) or 0)
    return WorkCounts(annotations=totals[0], image_labels=totals[1], measurements=totals[2])


def pieces(database: Database, image_ids: Sequence[str], round_ids: Sequence[str]) -> Iterator[list[str]]:
    """As many images at a time as fit into a bounded memory with their shapes of these rounds."""
    for some in chunks(image_ids):
        yield from _pieces(database, some, round_ids)


def _pieces(database: Database, image_ids: Sequence[str], round_ids: Sequence[str]) -> Iterator[list[str]]:
    stored = func.length(annotations.c.shape) + func.length(annotations.c.masks) + _BYTES_OF_ROW
    query = select(annotations.c.image_id, func.sum(stored).label("bytes")).group_by(annotations.c.image_id)
    query = query.where(annotations.c.round_id.in_(round_ids))
    with database.reading() as connection:
        rows = connection.execute(query.where(annotations.c.image_id.in_(image_ids)))
        sizes = {row.image_id: int(row.bytes) for row in rows}
    piece: list[str] = []
    held = 0
    for image_id in image_ids:
        size = sizes.get(image_id, 0)
        if piece and (len(piece) >= MOST_IMAGES or held + size > MOST_BYTES):
            yield piece
            piece, held = [], 0
        piece.append(image_id)
        held += size
    yield piece


def _rows(
    project: Project, connection: Connection, image_ids: Sequence[str]
) -> dict[str, tuple[ImageRecord, CaseStatus]]:
    rows = connection.execute(image_rows().where(images.c.image_id.in_(image_ids), ~images.c.taken_out)).all()
    states = read_states(connection, [row.case_id for row in rows], project.round_id)
    return {row.image_id: (project.images.record_of(row), states.get(row.case_id, CaseStatus.TO_DO)) for row in rows}


def _read(project: Project, image_ids: Sequence[str]) -> Iterator[ImageWork]:
    drawn: dict[str, list[Annotation]] = defaultdict(list)
    said: dict[str, dict[str, Verdict]] = defaultdict(dict)
    measured: dict[str, list[Measurement]] = defaultdict(list)
    shapes = shapes_drawn(annotations.c.image_id.in_(image_ids), annotations.c.round_id == project.round_id)
    answered = select(image_labels).where(
        image_labels.c.image_id.in_(image_ids), image_labels.c.round_id == project.round_id
    )
    kept = select(measurements).where(
        measurements.c.image_id.in_(image_ids), measurements.c.round_id == project.round_id
    )
    with project.database.reading() as connection:
        records = _rows(project, connection, image_ids)
        for row in connection.execute(shapes):
            drawn[row.image_id].append(annotation_of(row))
        for row in connection.execute(answered):
            said[row.image_id][row.label] = verdict_of(row)
        for row in connection.execute(kept):
            measured[row.image_id].append(measurement_of(row))
    for image_id in image_ids:
        if image_id in records:
            record, status = records[image_id]
            yield ImageWork(
                record=record, status=status, annotations=tuple(drawn.pop(image_id, ())),
                image_labels=said.get(image_id, {}), measurements=tuple(measured.get(image_id, ())),
            )  # fmt: skip
