"""COCO written: every image, also one that carries nothing, with its shapes.

Points are continuous, (0, 0) the outer corner of the first pixel. Image paths are relative to the JSON file. `area`
and `bbox` are of what is visible: on the image, and inside by the even-odd rule, as other programs paint it. An outline
stays whole; of a box that reaches over the edge the whole is in `attributes.box_px` (x0, y0, x1, y1). Annotations of
one object on several images have one `attributes.object_id`, and no others have one. What has no area, as a point, is
key points without a box, and its category has as many as the longest has: shorter ones end in points that are not
labelled (0, 0, 0). A kind that COCO does not know is named in `attributes.kind`. Where asked for,
an image has `split` (the part of a snapshot) and `negatoscope` (where it lies, see `ImageGeometry.facts`). Where each
reading is written, an image lists its `readings` and an annotation's attributes say whose it is; where a rule took what
stands of several, `info.readings` names it, and an image's `left_out` what readers differ in. `questions` lists what is
asked beside labels; what is answered stands in `answers`, of an image or its reading, or of an annotation's attributes.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.shape import Shape
from viewer.core.text.counting import counted, counted_are
from viewer.core.values import Value
from viewer.exchange.exported_images import ExportedImage
from viewer.exchange.exporter import SPLIT, AlwaysLost, Dataset, Exporter, own_tags
from viewer.exchange.options import Option
from viewer.exchange.own_table import (
    ANSWERS_COLUMN,
    EXPORTER_NAME,
    LEFT_OUT,
    QUESTIONS_KEY,
    READINGS_KEY,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    answer_facts,
    left_unsaid,
    reader_facts,
    wider_facts,
)
from viewer.exchange.relative import relative_path
from viewer.exchange.run_lengths import counts_of_runs
from viewer.project.disk.replacing import replacing_file
from viewer.project.lists.taken_readings import TakenReading
from viewer.project.records import ImageRecord
from viewer.project.store.stored_values import attribute_out

KEYPOINTS = "keypoints"
_SEEN = 2  # COCO: labelled and visible
FILES, PER_PART, NO_PART = "files", "per-part", "no-part"


def _segmentation(shape: Shape) -> Any:
    mask = shape.painted()
    if mask is not None:
        return {"size": [mask.rows, mask.cols], "counts": counts_of_runs(mask)}
    return [[float(value) for point in ring for value in point] for ring in shape.rings()] if shape.tells_pixels else []


def _entry(annotation: Annotation, image: ExportedImage, reading: TakenReading) -> dict[str, Any] | None:
    """What COCO has on an annotation; None where nothing of it is visible. reading: that it is of."""
    shape, record = annotation.shape, image.record
    visible = shape.visible_extent(record.rows, record.cols)
    if visible is None:
        return None
    x0, y0, x1, y1 = visible
    attributes: dict[str, Any] = {"author": annotation.author, "origin": annotation.origin.value}
    attributes |= {**reader_facts(reading.reader), **_answers(reading.of_objects.get(annotation.object_key, {}))}
    if image.object_id(annotation):
        attributes["object_id"] = image.object_id(annotation)
    whole = shape.as_box()
    if not shape.tells_pixels and whole is not None and whole.extent() != visible:
        attributes["box_px"] = list(whole.extent())
    if not _is_told(shape):
        attributes["kind"] = shape.kind
    if not _is_told(shape) and not _is_line(shape):
        attributes["points_px"] = [list(point) for point in shape.points()]
    return {
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": shape.visible_area_px(record.rows, record.cols),
        "iscrowd": 0,
        "segmentation": _segmentation(shape),
        **(_key_points(shape) if _is_line(shape) else {}),
        "attributes": attributes,
    }


def _is_line(shape: Shape) -> bool:
    """Whether it has no area that COCO could hold."""
    return shape.as_box() is None and not shape.tells_pixels


def _is_told(shape: Shape) -> bool:
    """Whether COCO's own fields say all of it: a mask by its pixels, an outline by its points, a box by itself."""
    if shape.tells_pixels:
        return shape.painted() is not None or shape.rings() == (shape.points(),)
    return shape.as_box() == shape


def _key_points(shape: Shape) -> dict[str, Any]:
    points = shape.points()
    return {
        KEYPOINTS: [value for x, y in points for value in (float(x), float(y), _SEEN)],
        "num_keypoints": len(points),
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
    }
    left = sum(_is_lost(annotation, record) for annotation in image.annotations)
    differ = {label for reading in image.readings for label in reading.differ}
    off = f"{counted(left, 'shape')} off the image" if left else ""
    unsaid = left_unsaid(" and ".join(filter(None, [off, image.through_words])), differ)
    place = {} if image.geometry is None else image.geometry.facts()
    return {
        **facts,
        **_readings(image),
        **({SPLIT_COLUMN: image.part} if image.part else {}),
        **({EXPORTER_NAME: place} if place else {}),
        **({"tags": own_tags(record)} if own_tags(record) else {}),
        **({LEFT_OUT: unsaid} if unsaid else {}),
    }


def _readings(image: ExportedImage) -> dict[str, Any]:
    """How far the image's case is: of its one reading, or of each with its reader."""
    each = [
        {
            **reader_facts(one.reader),
            STATUS_COLUMN: one.status.value,
            **_answers(one.answers),
            **wider_facts(one.beyond.answers),
        }
        for one in image.readings
    ]
    return {READINGS_KEY: each} if any(one.reader for one in image.readings) else each[0]


def _answers(said: Mapping[str, Value]) -> dict[str, Any]:
    return {ANSWERS_COLUMN: answer_facts(said)} if said else {}


def _is_lost(annotation: Annotation, record: ImageRecord) -> bool:
    """Whether something was drawn that has no entry; a mask without a pixel says that nothing is there."""
    shape = annotation.shape
    return not shape.is_empty and shape.visible_extent(record.rows, record.cols) is None


@dataclass(slots=True)
class _Written:
    """What has been written of a file so far. category: the number of each label, in the order of coming. listed: the
    annotations that stand in the list; those with key points come last, when it is known how many their categories
    have. most_points: of a category, by its number."""

    category: dict[str, int]
    images: int = 0
    annotations: int = 0
    listed: int = 0
    most_points: dict[int, int] = field(default_factory=dict)

    def category_facts(self) -> list[dict[str, Any]]:
        """The list of categories."""
        return [{"id": number, "name": name, **self._points_of(number)} for name, number in self.category.items()]

    def _points_of(self, number: int) -> dict[str, Any]:
        most = self.most_points.get(number, 0)
        names = [str(point) for point in range(1, most + 1)]
        return {KEYPOINTS: names, "skeleton": [[point, point + 1] for point in range(1, most)]} if most else {}


def write(path: Path, dataset: Dataset) -> tuple[Path, ...]:
    """Write every image, also one that carries nothing, with its region annotations."""
    if not dataset.options.holds(FILES, PER_PART):
        with ExitStack() as stack:
            _write_file(stack, path, dataset)
        return (path,)
    _assure_parts(dataset)
    others = dataset.of_part("")
    parts = {_beside(path, part): dataset.of_part(part) for part in dataset.parts}
    parts |= {_beside(path, NO_PART): others} if len(others.images) else {}
    with ExitStack() as stack:  # all of them, or none
        for each, some in parts.items():
            _write_file(stack, each, some)
    return tuple(parts)


def _assure_parts(dataset: Dataset) -> None:
    if dataset.options.holds(FILES, PER_PART) and not dataset.parts:
        raise BadRequest(f"--{FILES} {PER_PART} needs --{SPLIT} with the snapshot whose parts they are.")


def _beside(path: Path, part: str) -> Path:
    return path.with_name(f"{path.stem}_{part.replace(' ', '_')}{path.suffix}")


def _write_file(stack: ExitStack, path: Path, dataset: Dataset) -> None:
    """One document, piece by piece: what comes last in it is gathered in files without a name meanwhile."""
    out = stack.enter_context(replacing_file(path))
    with ExitStack() as gathered:
        images, annotations, pointed = (gathered.enter_context(TemporaryFile(dir=path.parent)) for _ in range(3))
        names = dict.fromkeys(label.name for label in dataset.labels if label.scope == "region")
        done = _Written(category={name: number for number, name in enumerate(names, start=1)})
        for image in dataset.images:
            _write_image(path, image, done, images, annotations, pointed)
        _list_pointed(pointed, done, annotations)
        facts: dict[str, Any] = {
            "info": {"description": dataset.name, "exporter": EXPORTER_NAME, **_taken(dataset)},
            "categories": done.category_facts(),
            **({QUESTIONS_KEY: [attribute_out(one) for one in dataset.asked]} if dataset.asked else {}),
        }
        out.write(b"{\n" + b",\n".join(f" {_text(key)}: {_text(value)}".encode() for key, value in facts.items()))
        for key, pieces in (("images", images), ("annotations", annotations)):
            out.write(f",\n {_text(key)}: [".encode())
            pieces.seek(0)
            shutil.copyfileobj(pieces, out)
            out.write(b"\n ]")
        out.write(b"\n}\n")


def _taken(dataset: Dataset) -> dict[str, Any]:
    """What the file says of the readings it was taken from; nothing where that is one as it stands."""
    taken = dataset.taken
    return {READINGS_KEY: {"rule": taken.rule, "words": taken.words}} if taken.rule else {}


def _write_image(
    path: Path, image: ExportedImage, done: _Written, images: IO[bytes], annotations: IO[bytes], pointed: IO[bytes]
) -> None:
    done.images += 1
    images.write(_piece(_image_facts(path, done.images, image), is_first=done.images == 1))
    for annotation, reading in _drawn(image):
        category = done.category.setdefault(annotation.label, len(done.category) + 1)
        entry = _entry(annotation, image, reading)
        if entry is not None:
            done.annotations += 1
            ids = {"id": done.annotations, "image_id": done.images, "category_id": category}
            points = entry.get("num_keypoints", 0)
            if points:
                done.most_points[category] = max(points, done.most_points.get(category, 0))
                pointed.write(_text({**ids, **entry}).encode() + b"\n")
            else:
                done.listed += 1
                annotations.write(_piece({**ids, **entry}, is_first=done.listed == 1))


def _list_pointed(pointed: IO[bytes], done: _Written, annotations: IO[bytes]) -> None:
    """The annotations with key points: of one category each has as many, those that are not labelled last."""
    pointed.seek(0)
    for line in pointed:
        entry = json.loads(line)
        missing = done.most_points[entry["category_id"]] - entry["num_keypoints"]
        entry[KEYPOINTS] += [0.0, 0.0, 0] * missing
        done.listed += 1
        annotations.write(_piece(entry, is_first=done.listed == 1))


def _drawn(image: ExportedImage) -> Iterator[tuple[Annotation, TakenReading]]:
    """The shapes of an image, with the reading each is of."""
    for reading in image.readings:
        yield from ((annotation, reading) for annotation in reading.annotations)


def _piece(value: dict[str, Any], *, is_first: bool) -> bytes:
    """One entry of a list, a line each."""
    return f"{'' if is_first else ','}\n  {_text(value)}".encode()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def losses(dataset: Dataset) -> list[str]:
    """Whole-image labels, measurements and what is not visible have no place in COCO."""
    _assure_parts(dataset)
    always = AlwaysLost(dataset, keeps_answers=True)
    verdicts = measurements = empty = outside = 0
    lines: Counter[tuple[str, str]] = Counter()
    for image in dataset.images:
        always.see(image)
        verdicts += sum(len(reading.verdicts) for reading in image.readings)
        measurements += sum(len(reading.measurements) for reading in image.readings)
        for one in image.annotations:
            if one.shape.visible_extent(image.record.rows, image.record.cols) is not None:
                lines.update([(one.shape.kind, one.shape.plural)] if _is_line(one.shape) else [])
            else:
                empty += one.shape.is_empty
                outside += not one.shape.is_empty
    sentences = {
        f"{counted_are(verdicts, 'whole-image label')} left out; COCO has no place for them (the csv format "
        "has one).": verdicts,
        f"{counted_are(measurements, 'measurement')} left out; COCO has no place for them.": measurements,
        f"{counted_are(empty, 'empty mask')} left out; COCO cannot hold a mask without a pixel.": empty,
        f"{counted_are(outside, 'shape')} left out; nothing of it is on its image, and COCO wants an area.": outside,
        **{
            f"{counted_are(count, *kind)} written as key points without an area; a program that takes boxes or masks "
            "must pass over them.": count
            for kind, count in lines.items()
        },
    }
    return [*(sentence for sentence, count in sentences.items() if count), *always.sentences()]


EXPORTER = Exporter(
    title="COCO",
    suffix=".json",
    write=write,
    losses=losses,
    options=(
        Option(
            name=FILES,
            title="Files",
            help=f"{PER_PART}: one file for each part of the snapshot, as training programs take them "
            f"(NAME_train.json, NAME_validation.json, NAME_test.json; NAME_{NO_PART}.json has what is in none); "
            f'without it one file, whose images say their part ("{SPLIT_COLUMN}") where a snapshot was named',
            choices=(PER_PART,),
            unsaid="one for all",
            note="Files: one for all images, or one for each part of the snapshot that is named.",
        ),
    ),
)
