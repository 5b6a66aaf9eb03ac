"""COCO: boxes, polygons and masks as JSON.

Points are continuous, (0, 0) the outer corner of the first pixel, as ours. A run-length mask counts column by column
over the whole image, beginning with the pixels outside (0 of them when the first pixel is inside). Image paths are
relative to the JSON file. Roles for --map: image (default file_name), patient (patient_id), frame (frame_index).
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import AppError, BadFile, BadRequest
from viewer.core.masks import MaskRuns
from viewer.core.rasterize import polygon_mask
from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.batch import ImportBatch, ImportedImage, items_of
from viewer.exchange.importer import ImportedShape, Importer, Item
from viewer.exchange.options import ColumnMap, Option, Options
from viewer.exchange.run_lengths import counts_of_text, runs_of_counts

ROLES = {"image": "file_name", "patient": "patient_id", "frame": "frame_index"}
_OWN_KEYS = frozenset(
    ("id", "width", "height", "license", "date_captured", "coco_url", "flickr_url", "image_id", "source", "case_status")
)


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


def _read_batch(path: Path, given: ColumnMap) -> ImportBatch:
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


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of the file. Raises BadFile when it cannot be read at all."""
    yield from items_of(_read_batch(path, options.columns("map")))


_MAP = Option(
    name="map",
    title="Columns",
    help="which key of an image plays which role, e.g. image=path,patient=subject; may be repeated",
    roles=tuple(ROLES),
    several=True,
    metavar="ROLE=COLUMN,...",
)
IMPORTER = Importer(title="COCO", read=read, options=(_MAP,), suffixes=(".json",))
