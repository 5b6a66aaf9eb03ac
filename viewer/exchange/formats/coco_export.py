"""COCO written: every image, also one that carries nothing, with its boxes, polygons and masks.

Points are continuous, (0, 0) the outer corner of the first pixel. Image paths are relative to the JSON file. `area`
and `bbox` are of what is visible: on the image, and inside by the even-odd rule, as other programs paint it. An outline
stays whole; of a box that reaches over the edge the whole is in `attributes.box_px` (x0, y0, x1, y1).
"""

import json
from pathlib import Path
from typing import Any

from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.masks import MaskRuns
from viewer.core.shapes.shape import Box, Polygon, Shape
from viewer.core.shapes.visible_part import visible_area_px, visible_box
from viewer.core.text.counting import counted
from viewer.exchange.exporter import Dataset, ExportedImage, Exporter, always_lost, own_tags
from viewer.exchange.own_table import EXPORTER_NAME, LEFT_OUT
from viewer.exchange.relative import relative_path
from viewer.exchange.run_lengths import counts_of_runs
from viewer.project.records import ImageRecord
from viewer.project.replacing import replace_file


def _segmentation(shape: Shape) -> Any:
    if isinstance(shape, Box):
        return []
    if isinstance(shape, Polygon):
        return [[float(value) for point in shape.points_px for value in point]]
    return {"size": [shape.rows, shape.cols], "counts": counts_of_runs(shape)}


def _entry(annotation: Annotation, record: ImageRecord) -> dict[str, Any] | None:
    """What COCO has on an annotation; None where nothing of it is visible."""
    shape = annotation.shape
    box = visible_box(shape, record.rows, record.cols)
    if box is None:
        return None
    attributes: dict[str, Any] = {"author": annotation.author, "origin": annotation.origin.value}
    if isinstance(shape, Box) and box != shape:
        attributes["box_px"] = [shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px]
    return {
        "bbox": [box.x0_px, box.y0_px, box.width_px, box.height_px],
        "area": visible_area_px(shape, record.rows, record.cols),
        "iscrowd": 0,
        "segmentation": _segmentation(shape),
        "attributes": attributes,
    }


def _image_facts(path: Path, number: int, image: ExportedImage) -> dict[str, Any]:
    record = image.record
    facts = {
        "id": number,
        "file_name": relative_path(record.path, path.parent),
        "width": record.cols,
        "height": record.rows,
        "frame_index": record.frame_index,
        "patient_id": record.patient_id,
        "source": record.source,
        "image_id": record.image_id,
        "case_status": image.status.value,
    }
    left = sum(_is_lost(annotation, record) for annotation in image.annotations)
    return {
        **facts,
        **({"tags": own_tags(record)} if own_tags(record) else {}),
        **({LEFT_OUT: f"{counted(left, 'shape')} off the image"} if left else {}),
    }


def _is_lost(annotation: Annotation, record: ImageRecord) -> bool:
    """Whether something was drawn that has no entry; a mask without a pixel says that nothing is there."""
    empty = isinstance(annotation.shape, MaskRuns) and not len(annotation.shape.runs)
    return not empty and visible_box(annotation.shape, record.rows, record.cols) is None


def write(path: Path, dataset: Dataset) -> None:
    """Write every image, also one that carries nothing, with its region annotations."""
    names = [label.name for label in dataset.labels if label.scope == "region"]
    names += [one.label for image in dataset.images for one in image.annotations]
    category = {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(dataset.images, start=1):
        images.append(_image_facts(path, number, image))
        for annotation in image.annotations:
            entry = _entry(annotation, image.record)
            if entry is not None:
                ids = {"id": len(annotations) + 1, "image_id": number, "category_id": category[annotation.label]}
                annotations.append({**ids, **entry})
    document = {
        "info": {"description": dataset.name, "exporter": EXPORTER_NAME},
        "categories": [{"id": number, "name": name} for name, number in category.items()],
        "images": images,
        "annotations": annotations,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    replace_file(path, (text + "\n").encode("utf-8"))


def losses(dataset: Dataset) -> list[str]:
    """Whole-image labels, measurements and what is not visible have no place in COCO."""
    verdicts = sum(len(image.verdicts) for image in dataset.images)
    measurements = sum(len(image.measurements) for image in dataset.images)
    unseen = [
        one
        for image in dataset.images
        for one in image.annotations
        if visible_box(one.shape, image.record.rows, image.record.cols) is None
    ]
    empty = sum(isinstance(one.shape, MaskRuns) for one in unseen)
    outside = len(unseen) - empty
    sentences = {
        f"{verdicts} whole-image labels are left out; COCO has no place for them (csv has).": verdicts,
        f"{measurements} measurements are left out; COCO has no place for them.": measurements,
        f"{empty} empty masks are left out; COCO cannot hold a mask without a pixel.": empty,
        f"{outside} shapes are left out; nothing of them is on their image, and COCO wants an area.": outside,
    }
    return [*(sentence for sentence, count in sentences.items() if count), *always_lost(dataset)]


EXPORTER = Exporter(title="COCO", suffix=".json", write=write, losses=losses)
