"""Images of a project with what is on them, some at a time: for whoever looks at every one and keeps none.

A project may hold a million shapes, which do not fit into memory at once. Each piece is read in a transaction of its
own, so nobody who works meanwhile waits; what they draw then may be in it or not, and an image that was taken out is
passed over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.core.values import TargetKind, Value
from viewer.project.answers import answers_in, answers_of_shapes
from viewer.project.image_rows import image_rows
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import read_states
from viewer.project.records import ImageRecord
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    annotations,
    case_images,
    image_labels,
    images,
    measurements,
)

MOST_IMAGES = 200  # at a time
MOST_BYTES = 2 << 20  # at a time, as shapes are stored; one image may take more
_BYTES_OF_ROW = 500  # what an annotation takes beside its shape, about


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWork:
    """One image with what is on it in one round, and how far its case is there. answers: what is said of the image
    beside its labels; of_objects: of each object on it, by key. is_begun: whether there is any work."""

    record: ImageRecord
    status: CaseStatus
    annotations: tuple[Annotation, ...]
    image_labels: dict[str, Verdict]
    measurements: tuple[Measurement, ...]
    is_begun: bool
    answers: Mapping[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCounts:
    """How much there is on some images."""

    annotations: int
    image_labels: int
    measurements: int


def images_inside(project: Project, cases: Collection[str] | None = None) -> dict[str, str]:
    """The series of each image in the project, by image id, in the order of entering.

    cases: only those of these cases.
    """
    query = select(images.c.image_id, images.c.series_id).where(~images.c.taken_out)
    query = query.order_by(images.c.position, images.c.image_id)
    with project.database.reading() as connection:
        found = {row.image_id: row.series_id for row in connection.execute(query)}
        if cases is None:
            return found
        held = {row.image_id for row in connection.execute(select(case_images)) if row.case_id in cases}
    return {image_id: series_id for image_id, series_id in found.items() if image_id in held}


def in_batches(project: Project, image_ids: Sequence[str]) -> Iterator[ImageWork]:
    """These images in this order, read a few queries for hundreds of them."""
    for _, found in readings_in_batches(project, image_ids, [project.round_id]):
        yield from found.values()


def readings_in_batches(
    project: Project, image_ids: Sequence[str], round_ids: Sequence[str]
) -> Iterator[tuple[ImageRecord, dict[str, ImageWork]]]:
    """These images in this order, with what each of these rounds says of them, by round."""
    for few in pieces(project.database, image_ids, round_ids):
        yield from _read(project, few, round_ids)


def records_in_batches(project: Project, image_ids: Sequence[str]) -> Iterator[ImageRecord]:
    """These images without what is on them, in this order."""
    for some in chunks(image_ids):
        with project.database.reading() as connection:
            found = _records(project, connection, some)
        yield from (found[image_id] for image_id in some if image_id in found)


def shared_objects(project: Project, round_ids: Sequence[str] | None = None) -> frozenset[str]:
    """The keys of objects whose shapes lie on several images, in these rounds; in the project's where none is named."""
    asked = [project.round_id] if round_ids is None else round_ids
    shared = (annotations.c.object_id != annotations.c.annotation_id) & annotations.c.round_id.in_(asked)
    with project.database.reading() as connection:
        return frozenset(connection.scalars(select(annotations.c.object_id).where(shared).distinct()))


def measured_on(database: Database, image_ids: Sequence[str], round_ids: Sequence[str]) -> dict[str, list[Measurement]]:
    """The measurements of these rounds, by image; one list for each image."""
    found: dict[str, list[Measurement]] = {image_id: [] for image_id in image_ids}
    query = select(measurements).where(measurements.c.image_id.in_(image_ids), measurements.c.round_id.in_(round_ids))
    with database.reading() as connection:
        for row in connection.execute(query):
            found[row.image_id].append(measurement_of(row))
    return found


def count_work(project: Project, image_ids: Sequence[str], round_ids: Sequence[str]) -> WorkCounts:
    """How much there is on these images in these rounds, without reading it."""
    totals = [0, 0, 0]
    for some in chunks(image_ids):
        with project.database.reading() as connection:
            for place, table in enumerate((annotations, image_labels, measurements)):
                query = select(func.count()).select_from(table).where(table.c.image_id.in_(some))
                query = query.where(table.c.round_id.in_(round_ids))
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


def _read(
    project: Project, image_ids: Sequence[str], round_ids: Sequence[str]
) -> Iterator[tuple[ImageRecord, dict[str, ImageWork]]]:
    drawn: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    said: dict[tuple[str, str], dict[str, Verdict]] = defaultdict(dict)
    answered: dict[tuple[str, str], Mapping[str, Value]] = {}
    measured: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    shapes, labelled, kept = (
        query.where(table.c.image_id.in_(image_ids), table.c.round_id.in_(round_ids))
        for query, table in (
            (shapes_drawn(), annotations), (select(image_labels), image_labels), (select(measurements), measurements),
        )
    )  # fmt: skip
    with project.database.reading() as connection:
        records = _records(project, connection, image_ids)
        cases = [record.case_id for record in records.values()]
        states = {round_id: read_states(connection, cases, round_id) for round_id in round_ids}
        for row in connection.execute(shapes):
            drawn[row.round_id, row.image_id].append(annotation_of(row))
        for row in connection.execute(labelled):
            said[row.round_id, row.image_id][row.label] = verdict_of(row)
        for row in connection.execute(kept):
            measured[row.round_id, row.image_id].append(measurement_of(row))
        for round_id, targets in answers_in(connection, TargetKind.IMAGE, image_ids, round_ids).items():
            answered |= {(round_id, target.target_id): of for target, of in targets.items()}
        of_objects = answers_of_shapes(connection, [one for several in drawn.values() for one in several], round_ids)
    for image_id in image_ids:
        if image_id not in records:
            continue
        record = records[image_id]
        found: dict[str, ImageWork] = {}
        for round_id in round_ids:
            key, state = (round_id, image_id), states[round_id].get(record.case_id)
            is_begun = state is not None or any(key in one for one in (drawn, said, measured, answered))
            keys = {one.object_key for one in drawn.get(key, ())}
            found[round_id] = ImageWork(
                record=record, status=state or CaseStatus.TO_DO, annotations=tuple(drawn.pop(key, ())),
                image_labels=said.get(key, {}), measurements=tuple(measured.get(key, ())),
                answers=answered.get(key, {}), is_begun=is_begun,
                of_objects={one: of for one, of in of_objects[round_id].items() if one in keys},
            )  # fmt: skip
        yield record, found


def _records(project: Project, connection: Connection, image_ids: Sequence[str]) -> dict[str, ImageRecord]:
    rows = connection.execute(image_rows().where(images.c.image_id.in_(image_ids), ~images.c.taken_out))
    return {row.image_id: project.images.record_of(row) for row in rows}
