"""Masks as 1-bit PNG pictures of the image's size, one per image and label.

Written: FOLDER/LABEL/IMAGE.png and FOLDER/index.csv (path, frame_index, image_id, patient_id, mask_path, mask_label);
an image that carries no mask has a row without a mask_path. Read: a folder with such an index, or a folder with
`images` and `masks`, where a mask has its picture's name, in `masks` itself (label "mask") or in `masks/LABEL`.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from viewer.core.annotations import Annotation
from viewer.core.errors import AppError, BadFile
from viewer.core.masks import MaskRuns
from viewer.core.rasterize import polygon_mask
from viewer.core.shapes import Box
from viewer.exchange.batch import ImportBatch, ImportedImage, items_of
from viewer.exchange.exporter import Dataset, Exporter
from viewer.exchange.importer import ImportedShape, Importer, Item
from viewer.exchange.mask_picture import mask_png, read_mask
from viewer.exchange.options import Options
from viewer.project.records import ImageRecord
from viewer.project.replacing import fill_new_folder

INDEX_NAME = "index.csv"
COLUMNS = ("path", "frame_index", "image_id", "patient_id", "mask_path", "mask_label")


def _read_index(folder: Path) -> ImportBatch:
    try:
        with (folder / INDEX_NAME).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{folder / INDEX_NAME} cannot be read ({error}).") from error
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise BadFile(f"{folder / INDEX_NAME} lacks one of the columns {', '.join(COLUMNS)}.")
    shapes: dict[tuple[Path, int, str], list[ImportedShape]] = {}
    problems: list[tuple[Path, str]] = []
    for row in rows:
        key = ((folder / row["path"]).resolve(), int(row["frame_index"] or 0), row["patient_id"])
        found = shapes.setdefault(key, [])
        if row["mask_path"]:
            try:
                mask = read_mask(folder / row["mask_path"])
                found.append(ImportedShape(label=row["mask_label"] or "mask", shape=mask))
            except AppError as error:
                problems.append((folder / row["mask_path"], str(error)))
    return _batch(shapes, problems, [])


def _read_pairs(folder: Path) -> ImportBatch:
    pictures = {file.stem: file for file in sorted((folder / "images").rglob("*")) if file.is_file()}
    shapes: dict[tuple[Path, int, str], list[ImportedShape]] = {
        (file.resolve(), 0, ""): [] for file in pictures.values()
    }
    problems: list[tuple[Path, str]] = []
    for file in sorted(one for one in (folder / "masks").rglob("*") if one.is_file()):
        label = file.parent.name if file.parent != folder / "masks" else "mask"
        picture = pictures.get(file.stem)
        if picture is None:
            problems.append((file, f"{file} has no picture of its name in {folder / 'images'}."))
            continue
        try:
            shapes[picture.resolve(), 0, ""].append(ImportedShape(label=label, shape=read_mask(file)))
        except AppError as error:
            problems.append((file, str(error)))
    return _batch(shapes, problems, [])


def _batch(
    shapes: dict[tuple[Path, int, str], list[ImportedShape]], problems: list[tuple[Path, str]], notes: list[str]
) -> ImportBatch:
    images = tuple(
        ImportedImage(path=path, frame_index=frame_index, patient_id=patient_id or None, shapes=tuple(found))
        for (path, frame_index, patient_id), found in shapes.items()
    )
    labels = dict.fromkeys(shape.label for found in shapes.values() for shape in found)
    return ImportBatch(images=images, region_labels=tuple(labels), problems=tuple(problems), notes=tuple(notes))


def _read_batch(path: Path) -> ImportBatch:
    """Read a folder of masks. Raises BadFile when it has neither an index nor images and masks."""
    if (path / INDEX_NAME).is_file():
        return _read_index(path)
    if (path / "images").is_dir() and (path / "masks").is_dir():
        return _read_pairs(path)
    raise BadFile(f"{path} has neither an {INDEX_NAME} nor the folders images and masks.")


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of the folder. Raises BadFile when nothing in it can be read."""
    yield from items_of(_read_batch(path))


def _union(annotations: list[Annotation], record: ImageRecord) -> MaskRuns:
    union = np.zeros((record.rows, record.cols), np.bool_)
    for annotation in annotations:
        shape = annotation.shape
        if isinstance(shape, MaskRuns):
            union |= shape.to_array()
        elif not isinstance(shape, Box):
            union |= polygon_mask(shape, record.rows, record.cols)
    return MaskRuns.from_array(union)


def _folder_names(labels: list[str]) -> dict[str, str]:
    """A file name for each label; those that would be alike are numbered."""
    names: dict[str, str] = {}
    for label in labels:
        name = re.sub(r"[^\w.-]+", "_", label).strip("._") or "label"
        taken = {one.casefold() for one in names.values()}
        number = 2
        plain = name
        while name.casefold() in taken:
            name = f"{plain}_{number}"
            number += 1
        names[label] = name
    return names


def write(path: Path, dataset: Dataset) -> None:
    """Write a new folder. Raises BadRequest when it is there already and not empty."""
    names = _folder_names([label.name for label in dataset.labels if label.scope == "region"])

    def fill(folder: Path) -> None:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for image in dataset.images:
            record = image.record
            common = {
                "path": str(record.path),
                "frame_index": record.frame_index,
                "image_id": record.image_id,
                "patient_id": record.patient_id,
            }
            drawn = [annotation for annotation in image.annotations if not isinstance(annotation.shape, Box)]
            labels = list(dict.fromkeys(annotation.label for annotation in drawn))
            for label in labels:
                mask = _union([annotation for annotation in drawn if annotation.label == label], record)
                target = folder / names[label] / f"{record.path.stem}_{record.image_id[:8]}.png"
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(mask_png(mask))
                relative = target.relative_to(folder).as_posix()
                writer.writerow({**common, "mask_path": relative, "mask_label": label})
            if not labels:
                writer.writerow({**common, "mask_path": "", "mask_label": ""})
        (folder / INDEX_NAME).write_text(out.getvalue(), encoding="utf-8", newline="")

    fill_new_folder(path, fill)


def losses(dataset: Dataset) -> list[str]:
    """Boxes, single instances, whole-image labels and measurements have no place in mask pictures."""
    boxes = sum(isinstance(one.shape, Box) for image in dataset.images for one in image.annotations)
    merged = 0
    for image in dataset.images:
        drawn = [one.label for one in image.annotations if not isinstance(one.shape, Box)]
        merged += len(drawn) - len(set(drawn))
    polygons = sum(not isinstance(one.shape, (Box, MaskRuns)) for image in dataset.images for one in image.annotations)
    verdicts = sum(len(image.verdicts) for image in dataset.images)
    measurements = sum(len(image.measurements) for image in dataset.images)
    sentences = {
        f"{boxes} boxes are left out; a mask picture has no boxes.": boxes,
        f"{polygons} polygons become pixels.": polygons,
        f"{merged} instances are merged with others of their label and image.": merged,
        f"{verdicts} whole-image labels are left out (csv has them).": verdicts,
        f"{measurements} measurements are left out.": measurements,
    }
    return [sentence for sentence, count in sentences.items() if count]


IMPORTER = Importer(title="Mask pictures", read=read)
EXPORTER = Exporter(title="Mask pictures", suffix="", write=write, losses=losses)
