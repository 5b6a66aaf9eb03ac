"""COCO: boxes, polygons and masks as JSON.

Points are continuous, (0, 0) the outer corner of the first pixel, as ours. A run-length mask counts column by column
over the whole image, beginning with the pixels outside (0 of them when the first pixel is inside). Image paths are
relative to the JSON file. Roles for --map: image (default file_name), patient (patient_id), frame (frame_index).
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.annotations import Annotation
from viewer.core.errors import AppError, BadFile, BadRequest
from viewer.core.masks import MaskRuns
from viewer.core.rasterize import polygon_mask
from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.exporter import Dataset, ExportedImage, Exporter
from viewer.exchange.importer import ColumnMap, ImportBatch, ImportedImage, ImportedShape, Importer
from viewer.project.replacing import replace_file

ROLES = {"image": "file_name", "patient": "patient_id", "frame": "frame_index"}
_OWN_KEYS = frozenset(
    ("id", "width", "height", "license", "date_captured", "coco_url", "flickr_url", "image_id", "source", "case_status")
)


def runs_of_counts(counts: list[int], rows: int, cols: int) -> MaskRuns:
    """An uncompressed run-length list as a mask. Raises BadRequest when it does not fill the image exactly."""
    lengths = np.asarray(counts, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or int(lengths.sum()) != rows * cols:
        raise BadRequest(f"A run-length mask does not fill its {rows} x {cols} image.")
    values = np.arange(len(lengths)) % 2 == 1
    flat = np.repeat(values, lengths)
    return MaskRuns.from_array(flat.reshape(cols, rows).T)


def counts_of_runs(mask: MaskRuns) -> list[int]:
    """The mask as an uncompressed run-length list."""
    flat = mask.to_array().T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    bounds = np.concatenate([[0], edges, [len(flat)]])
    lengths: list[int] = np.diff(bounds).tolist()
    return [0, *lengths] if len(flat) and flat[0] else lengths


def counts_of_text(text: str) -> list[int]:
    """The compressed form: 5 bits a character from "0" on, least first, sign-extended; deltas to two counts back.

    Source: maskApi.c, rleFrString (cocodataset/cocoapi).
    """
    counts: list[int] = []
    place = 0
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            if place >= len(text):
                raise BadRequest("A compressed mask ends half-way.")
            code = ord(text[place]) - 48
            value |= (code & 0x1F) << shift
            more = bool(code & 0x20)
            place += 1
            shift += 5
            if not more and code & 0x10:
                value |= -1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
    return counts


def _polygon(flat: list[float]) -> Polygon:
    if len(flat) % 2 or len(flat) < 6:
        raise BadRequest("A polygon needs pairs of at least three points.")
    return Polygon(points_px=tuple((float(x), float(y)) for x, y in zip(flat[::2], flat[1::2], strict=True)))


def _shape(facts: Mapping[str, Any], rows: int, cols: int) -> Shape:
    """The richest shape an entry gives: mask, polygon, else its box. Several polygons are one mask, their union."""
    segmentation = facts.get("segmentation")
    if isinstance(segmentation, Mapping):
        size = segmentation.get("size")
        if size != [rows, cols]:
            raise BadRequest(f"its mask has the size {size}, the image is {rows} x {cols} (height x width)")
        counts = segmentation["counts"]
        return runs_of_counts(counts_of_text(counts) if isinstance(counts, str) else counts, rows, cols)
    if segmentation:
        polygons = [_polygon(flat) for flat in segmentation]
        if len(polygons) == 1:
            return polygons[0]
        union: NDArray[np.bool_] = np.zeros((rows, cols), np.bool_)
        for polygon in polygons:
            union |= polygon_mask(polygon, rows, cols)
        return MaskRuns.from_array(union)
    x, y, width, height = (float(value) for value in facts["bbox"])
    return Box(x0_px=x, y0_px=y, x1_px=x + width, y1_px=y + height)


def _load(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadFile(f"The COCO file {path} cannot be read ({error}).") from error
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise BadFile(f"{path} is no COCO file: it has no list of images.")
    return document


def _find_picture(path: Path, name: str) -> Path:
    """Beside the JSON file, or in its `images` folder."""
    candidates = (path.parent / name, path.parent / "images" / name, path.parent.parent / name)
    return next((one for one in candidates if one.is_file()), candidates[0]).resolve()


def _keys(given: ColumnMap) -> dict[str, str]:
    several = [role for role, names in given.items() if len(names) > 1]
    if several:
        raise BadRequest(f"--map names several keys for {several[0]}; a COCO image has one.")
    return {role: given[role][0] if given.get(role) else key for role, key in ROLES.items()}


def read(path: Path, given: ColumnMap) -> ImportBatch:
    """Read a COCO file. Raises BadFile."""
    document = _load(path)
    keys = _keys(given)
    categories = {entry["id"]: str(entry["name"]) for entry in document.get("categories", [])}
    problems: list[tuple[Path, str]] = []
    entries: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in document.get("annotations", []):
        entries[entry.get("image_id")].append(entry)
    images = []
    for facts in document["images"]:
        if keys["image"] not in facts:
            problems.append((path, f"{path}: the image {facts.get('id')} has no {keys['image']}."))
            continue
        images.append(_image(path, facts, keys, entries.pop(facts.get("id"), []), categories, problems))
    orphans = sum(len(rest) for rest in entries.values())
    if orphans:
        problems.append((path, f"{path}: {orphans} annotations belong to images it does not list."))
    keypoints = sum(bool(entry.get("keypoints")) for entry in document.get("annotations", []))
    notes = (f"Key points of {keypoints} annotations are left out.",) if keypoints else ()
    return ImportBatch(
        images=tuple(images),
        region_labels=tuple(dict.fromkeys(categories.values())),
        problems=tuple(problems),
        notes=notes,
    )


def _image(
    path: Path,
    facts: Mapping[str, Any],
    keys: Mapping[str, str],
    entries: list[Mapping[str, Any]],
    categories: Mapping[Any, str],
    problems: list[tuple[Path, str]],
) -> ImportedImage:
    picture = _find_picture(path, str(facts[keys["image"]]))
    rows, cols = int(facts.get("height", 0)), int(facts.get("width", 0))
    shapes: list[ImportedShape] = []
    for entry in entries:
        try:
            label = categories[entry["category_id"]]
            shapes.append(ImportedShape(label=label, shape=_shape(entry, rows, cols)))
        except KeyError as error:
            problems.append((picture, f"{picture}: annotation {entry.get('id')} lacks a known {error}."))
        except (AppError, TypeError, ValueError) as error:
            problems.append((picture, f"{picture}: annotation {entry.get('id')} cannot be read: {error}"))
    used = {*keys.values(), *_OWN_KEYS}
    patient = facts.get(keys["patient"])
    return ImportedImage(
        path=picture,
        frame_index=int(facts.get(keys["frame"], 0) or 0),
        patient_id=None if patient is None else str(patient),
        size=(rows, cols) if rows and cols else None,
        shapes=tuple(shapes),
        tags={
            key: str(value) for key, value in facts.items() if key not in used and not isinstance(value, (dict, list))
        },
    )


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


IMPORTER = Importer(title="COCO", roles=tuple(ROLES), read=read)
EXPORTER = Exporter(title="COCO", suffix=".json", write=write, losses=losses)
