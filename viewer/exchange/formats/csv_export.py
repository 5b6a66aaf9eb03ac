"""A table written: one row per thing (kind: image, image label, box, polygon, mask); the import reads back the same.

First come the labels in their order (kind: label, with "region" or "image" as the verdict and no path), then what is
asked beside them (kind: attribute); what is answered stands in `answers` as JSON, by the question. What is said of a
series, a study or a patient, and what is measured or drawn on a plane through a series (a row of its own, with its
points in the patient; a box by two corners), stands with the first image of it. Paths are relative to the table's
folder. Shapes of one object on several images have one `object_id`. `tags` (JSON) is what a
table once said of a picture; what a DICOM header says stays in the file. `split` (of every row) and the columns of the
geometry (of an image's) stand there when they are asked for, points and directions as JSON. Where each reading is
written, every row says whose it is, and an image has a row of its own in each; where a rule took what stands of
several, every row names it, and `left_out` what readers differ in. Cells are guarded against
formulas (`viewer.core.text.table_text`).
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from viewer.core.shapes.anchors import plane_facts
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.text.counting import counted_are
from viewer.core.text.table_text import comma_lines
from viewer.core.values import Value
from viewer.exchange.exported_geometry import GEOMETRY_NAMES
from viewer.exchange.exported_images import ExportedImage
from viewer.exchange.exporter import AlwaysLost, Dataset, Exporter, own_tags
from viewer.exchange.own_table import (
    ANSWERS_COLUMN,
    ATTRIBUTE_ROW,
    EXPORT_COLUMNS,
    LEFT_OUT,
    MEASURED,
    OBJECT_COLUMN,
    PLANE_COLUMN,
    PLANE_COLUMNS,
    PLANE_SPACE,
    POINTS_MM,
    READER_COLUMNS,
    RULE_COLUMN,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    WIDER_COLUMNS,
    answer_facts,
    left_unsaid,
    reader_facts,
    wider_facts,
)
from viewer.exchange.relative import relative_path
from viewer.project.disk.replacing import replacing_file
from viewer.project.lists.taken_readings import TakenReading
from viewer.project.store.stored_values import attribute_out


def _rows(folder: Path, image: ExportedImage, rule: str) -> Iterator[dict[str, str]]:
    record = image.record
    common = {
        "path": relative_path(record.path, folder),
        "frame_index": str(record.frame_index),
        "image_id": record.image_id,
        "source": record.source,
        "patient_id": record.patient_id,
        **({RULE_COLUMN: rule} if rule else {}),
    }
    if image.part:
        common[SPLIT_COLUMN] = image.part
    place = {} if image.geometry is None else image.geometry.facts()
    once = {name: _cell(value) for name, value in place.items()}  # of the image, whoever read it
    if tags := own_tags(record):
        once["tags"] = json.dumps(tags, ensure_ascii=False, sort_keys=True, allow_nan=False)
    for reading in image.readings:
        of = {name: _cell(value) for name, value in reader_facts(reading.reader).items()}
        of = {**common, **of, STATUS_COLUMN: reading.status.value}
        differ = {LEFT_OUT: left_unsaid("", reading.differ)} if reading.differ else {}
        wider = {
            name: json.dumps(said, ensure_ascii=False, allow_nan=False)
            for name, said in wider_facts(reading.beyond.answers).items()
        }
        yield {**of, **once, **differ, **_answers(reading.answers), **wider, "kind": "image"}
        once = {}
        yield from _said(of, image, reading)
        for line in reading.beyond.measured:
            yield {**of, **_measured(line)}
        for shape in reading.beyond.drawn:
            answers = _answers(reading.beyond.of_objects.get(shape.object_key, {}))
            yield {**of, **_shape_facts(image, shape), **answers, "kind": shape.shape.kind, **_placed(shape)}


def _said(of: dict[str, str], image: ExportedImage, reading: TakenReading) -> Iterator[dict[str, str]]:
    """of: what every row of the reading says."""
    for label, verdict in sorted(reading.verdicts.items()):
        yield {**of, "kind": "image label", "label": label, "verdict": verdict.value}
    for annotation in reading.annotations:
        facts = _shape_facts(image, annotation)
        facts |= _answers(reading.of_objects.get(annotation.object_key, {}))
        yield {**of, **facts, "kind": annotation.shape.kind, **annotation.shape.to_cells()}


def _shape_facts(image: ExportedImage, one: Annotation) -> dict[str, str]:
    facts = {"label": one.label, "author": one.author, "origin": one.origin.value}
    return {**facts, OBJECT_COLUMN: image.object_id(one)}


def _measured(line: Measurement) -> dict[str, str]:
    said = line.shape.quantities(np.zeros((0, 0)), plane_facts())
    return {"kind": line.kind, "author": line.author, **_placed(line), MEASURED: ", ".join(said)}


def _placed(one: Annotation | Measurement) -> dict[str, str]:
    assert one.plane is not None, "beyond an image there are planes alone"
    return {
        PLANE_SPACE: one.plane.frame_of_reference_uid,
        PLANE_COLUMN: _cell(one.plane.numbers()),
        POINTS_MM: _cell([list(point) for point in one.points_mm]),
    }


def _answers(said: Mapping[str, Value]) -> dict[str, str]:
    return {ANSWERS_COLUMN: json.dumps(answer_facts(said), ensure_ascii=False, allow_nan=False)} if said else {}


def _cell(value: Any) -> str:
    return json.dumps(value, allow_nan=False) if isinstance(value, list) else str(value)


def write(path: Path, dataset: Dataset) -> tuple[Path, ...]:
    """One row per image, whole-image label and instance; an image that carries nothing has its one row."""
    columns = [*EXPORT_COLUMNS, OBJECT_COLUMN, "tags"]
    columns += [ANSWERS_COLUMN] if dataset.asked or dataset.has_answers else []
    columns += WIDER_COLUMNS.values() if dataset.has_wider else ()
    columns += PLANE_COLUMNS if dataset.has_planes else ()
    columns += READER_COLUMNS if dataset.names_readers else ()
    columns += [RULE_COLUMN, LEFT_OUT] if dataset.rule else []
    columns += [SPLIT_COLUMN] if dataset.parts else []
    columns += GEOMETRY_NAMES if dataset.has_geometry else ()
    labels = ({"kind": "label", "label": label.name, "verdict": label.scope} for label in dataset.labels)
    asked = (
        {
            "kind": ATTRIBUTE_ROW,
            "label": one.label,
            "verdict": one.scope,
            ANSWERS_COLUMN: json.dumps(attribute_out(one), allow_nan=False),
        }
        for one in dataset.asked
    )
    images = (row for image in dataset.images for row in _rows(path.parent, image, dataset.rule))
    with replacing_file(path) as file:
        for line in comma_lines(columns, chain(labels, asked, images)):
            file.write(line.encode("utf-8"))
    return (path,)


def losses(dataset: Dataset) -> list[str]:
    """Measurements on images have no place in the table."""
    always = AlwaysLost(dataset, keeps_answers=True, keeps_planes=True)
    count = 0
    for image in dataset.images:
        always.see(image)
        count += sum(len(reading.measurements) for reading in image.readings)
    said = [f"{counted_are(count, 'measurement')} left out; the table has no place for them."] if count else []
    return [*said, *always.sentences()]


EXPORTER = Exporter(title="Table (CSV)", suffix=".csv", write=write, losses=losses, keeps_planes=True)
