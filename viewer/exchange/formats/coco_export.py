"""COCO written: every image, also one that carries nothing, with its boxes, polygons and masks.

Points are continuous, (0, 0) the outer corner of the first pixel. Image paths are relative to the JSON file.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from viewer.core.annotations import Annotation
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.exporter import Dataset, ExportedImage, Exporter
from viewer.exchange.run_lengths import counts_of_runs
from viewer.project.replacing import replace_file


def _box_and_area(shape: Shape) -> tuple[list[float], float]:
    if isinstance(shape, Box):
        return [shape.x0_px, shape.y0_px, shape.width_px, shape.height_px], shape.width_px * shape.height_px
    if isinstance(shape, Polygon):
        points = np.asarray(shape.points_px, np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        following = np.roll(points, -1, axis=0)
        area = abs(float((points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum())) / 2
        return [*low.tolist(), *(high - low).tolist()], area
    row0, col0, row1, col1 = shape.bounds() or (0, 0, 0, 0)
    return [float(col0), float(row0), float(col1 - col0), float(row1 - row0)], float(shape.area_px)


def _segmentation(shape: Shape) -> Any:
    if isinstance(shape, Box):
        return []
    if isinstance(shape, Polygon):
        return [[float(value) for point in shape.points_px for value in point]]
    return {"size": [shape.rows, shape.cols], "counts": counts_of_runs(shape)}


def _is_empty(annotation: Annotation) -> bool:
    return isinstance(annotation.shape, MaskRuns) and not len(annotation.shape.runs)


def _image_facts(path: Path, number: int, image: ExportedImage) -> dict[str, Any]:
    record = image.record
    try:
        name = Path(os.path.relpath(record.path, path.parent.resolve()))
    except ValueError:  # another drive
        name = record.path
    return {
        "id": number,
        "file_name": name.as_posix(),
        "width": record.cols,
        "height": record.rows,
        "frame_index": record.frame_index,
        "patient_id": record.patient_id,
        "source": record.source,
        "image_id": record.image_id,
        "case_status": image.status.value,
    }


def write(path: Path, dataset: Dataset) -> None:
    """Write every image, also one that carries nothing, with its region annotations."""
    names = [label.name for label in dataset.labels if label.scope == "region"]
    category = {name: number for number, name in enumerate(names, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(dataset.images, start=1):
        images.append(_image_facts(path, number, image))
        for annotation in image.annotations:
            if _is_empty(annotation):
                continue
            box, area = _box_and_area(annotation.shape)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": category[annotation.label],
                    "bbox": box,
                    "area": area,
                    "iscrowd": 0,
                    "segmentation": _segmentation(annotation.shape),
                    "attributes": {"author": annotation.author, "origin": annotation.origin.value},
                }
            )
    document = {
        "info": {"description": dataset.name},
        "categories": [{"id": number, "name": name} for name, number in category.items()],
        "images": images,
        "annotations": annotations,
    }
    replace_file(path, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def losses(dataset: Dataset) -> list[str]:
    """Whole-image labels, measurements and empty masks have no place in COCO."""
    verdicts = sum(len(image.verdicts) for image in dataset.images)
    measurements = sum(len(image.measurements) for image in dataset.images)
    empty = sum(_is_empty(annotation) for image in dataset.images for annotation in image.annotations)
    found = []
    if verdicts:
        found.append(f"{verdicts} whole-image labels are left out; COCO has no place for them (csv has).")
    if measurements:
        found.append(f"{measurements} measurements are left out; COCO has no place for them.")
    if empty:
        found.append(f"{empty} empty masks are left out; COCO cannot hold a mask without a pixel.")
    return found


EXPORTER = Exporter(title="COCO", suffix=".json", write=write, losses=losses)
