"""Masks written as 1-bit PNG pictures of the image's size, one per image and label, or per instance where asked for.

FOLDER/LABEL/IMAGE.png and FOLDER/index.csv, whose paths are relative to the folder; an image that carries no mask has
a row without a mask_path. Pictures of one object on several images have one object_id; one that holds several objects
has none. Where each reading is written, every row says whose it is, and each has its own pictures; where a rule took
what stands of several, every row names it, and `left_out` what readers differ in.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.core.text.counting import counted, counted_are
from viewer.core.text.table_text import comma_lines
from viewer.exchange.exported_geometry import GEOMETRY_NAMES
from viewer.exchange.exported_images import ExportedImage
from viewer.exchange.exporter import AlwaysLost, Dataset, Exporter, own_tags
from viewer.exchange.mask_picture import mask_png
from viewer.exchange.options import Option
from viewer.exchange.own_masks import COLUMNS, INDEX_NAME, SOURCE_COLUMN
from viewer.exchange.own_table import (
    LEFT_OUT,
    OBJECT_COLUMN,
    READER_COLUMNS,
    RULE_COLUMN,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    left_unsaid,
    reader_facts,
)
from viewer.exchange.relative import relative_path
from viewer.project.disk.replacing import fill_new_folder
from viewer.project.records import ImageRecord

APART = "instances"
# Most systems take 255 bytes of a name; a letter has up to four.
_LONGEST_NAME = 60
# Names that Windows keeps for devices, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def _union(annotations: Sequence[Annotation], record: ImageRecord) -> MaskRuns:
    union = np.zeros((record.rows, record.cols), np.bool_)
    for annotation in annotations:
        union |= annotation.shape.inside(record.rows, record.cols)
    return MaskRuns.from_array(union)


def _plain(name: str, otherwise: str) -> str:
    """A file name that every system takes, cut to a length that leaves room."""
    plain = re.sub(r"[^\w.-]+", "_", name)[:_LONGEST_NAME].strip("._-") or otherwise
    return f"{plain}_" if _DEVICES.fullmatch(plain) else plain


class _FolderNames:
    """A folder for each label, in the order of asking; those that would be alike are numbered."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        self._taken = {INDEX_NAME.casefold()}
        for label in labels:
            self.of(label)

    def of(self, label: str) -> str:
        """The folder's name."""
        if label not in self._names:
            plain = _plain(label, "label")
            name, number = plain, 2
            while name.casefold() in self._taken:
                name, number = f"{plain}_{number}", number + 1
            self._taken.add(name.casefold())
            self._names[label] = name
        return self._names[label]


def _rows(
    folder: Path, final: Path, image: ExportedImage, names: _FolderNames, *, apart: bool, rule: str
) -> Iterator[dict[str, str]]:
    """Write the masks of one image into `folder`, which will be `final`; its rows of the index."""
    record = image.record
    common = {
        "path": relative_path(record.path, final),
        "frame_index": str(record.frame_index),
        "image_id": record.image_id,
        "patient_id": record.patient_id,
        SOURCE_COLUMN: record.source,
        **({RULE_COLUMN: rule} if rule else {}),
    }
    if image.part:
        common[SPLIT_COLUMN] = image.part
    if image.geometry is not None:
        facts = image.geometry.facts().items()
        common |= {
            name: json.dumps(value, allow_nan=False) if isinstance(value, list) else str(value) for name, value in facts
        }
    numbers: Counter[str] = Counter()
    for reading in image.readings:
        lost = _counted_kinds(one.shape for one in reading.annotations if not one.shape.tells_pixels)
        of = {name: str(value) for name, value in reader_facts(reading.reader).items()}
        of = {**common, **of, STATUS_COLUMN: reading.status.value}
        of[LEFT_OUT] = left_unsaid(", ".join(filter(None, [*lost, image.through_words])), reading.differ)
        drawn = [one for one in reading.annotations if one.shape.tells_pixels]
        for label, several in _pictures(drawn, apart=apart):
            numbers[label] += 1
            ending = f"_{numbers[label]}" if numbers[label] > 1 else ""
            # The whole name of the image's content: frames of one file have one stem.
            target = folder / names.of(label) / f"{_plain(record.path.stem, 'image')}_{record.image_id}{ending}.png"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(mask_png(_union(several, record)))
            objects = {image.object_id(annotation) for annotation in several}
            named = objects.pop() if len(objects) == 1 else ""
            told = {"mask_path": target.relative_to(folder).as_posix(), "mask_label": label, OBJECT_COLUMN: named}
            yield {**of, **told}
            of[LEFT_OUT] = ""  # said once of a reading
        if not drawn:
            yield of


def _counted_kinds(shapes: Iterable[Shape]) -> list[str]:
    """ "2 boxes", one for each kind of shape."""
    found = Counter((shape.kind, shape.plural) for shape in shapes)
    return [counted(count, *kind) for kind, count in found.items()]


def _pictures(drawn: Sequence[Annotation], *, apart: bool) -> Iterator[tuple[str, list[Annotation]]]:
    """(label, what is on it) of each picture of one image. apart: one for each instance, not for each label."""
    found: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for annotation in drawn:
        found[annotation.label, annotation.object_key if apart else ""].append(annotation)
    for (label, _), several in found.items():
        yield label, several


def write(path: Path, dataset: Dataset) -> tuple[Path, ...]:
    """Write a new folder. Raises BadRequest when it is there already and not empty."""
    names = _FolderNames(label.name for label in dataset.labels if label.scope == "region")
    columns = [*COLUMNS, OBJECT_COLUMN, SOURCE_COLUMN, STATUS_COLUMN, LEFT_OUT]
    columns += READER_COLUMNS if dataset.names_readers else ()
    columns += [RULE_COLUMN] if dataset.rule else []
    columns += [SPLIT_COLUMN] if dataset.parts else []
    columns += GEOMETRY_NAMES if dataset.has_geometry else ()
    final, apart = path.resolve(), dataset.options.holds(APART)

    def fill(folder: Path) -> None:
        of_image = partial(_rows, folder, final, names=names, apart=apart, rule=dataset.rule)
        rows = (row for image in dataset.images for row in of_image(image))
        with (folder / INDEX_NAME).open("w", encoding="utf-8", newline="") as file:
            file.writelines(comma_lines(columns, rows))

    fill_new_folder(path, fill)
    return (path,)


def losses(dataset: Dataset) -> list[str]:
    """What tells no pixels, single instances, whole-image labels and measurements have no place in mask pictures."""
    always = AlwaysLost(dataset)
    lost: Counter[tuple[str, str]] = Counter()
    as_pixels: Counter[tuple[str, str]] = Counter()
    merged = verdicts = measurements = told = 0
    for image in dataset.images:
        always.see(image)
        for reading in image.readings:
            drawn = [one for one in reading.annotations if one.shape.tells_pixels]
            others = [one for one in reading.annotations if not one.shape.tells_pixels]
            lost.update((one.shape.kind, one.shape.plural) for one in others)
            merged += len(drawn) - len(list(_pictures(drawn, apart=dataset.options.holds(APART))))
            as_pixels.update((one.shape.kind, one.shape.plural) for one in drawn if one.shape.painted() is None)
            verdicts += len(reading.verdicts)
            measurements += len(reading.measurements)
        told += bool(own_tags(image.record))
    way_out = "" if dataset.options.holds(APART) else f" (--{APART} keeps them apart)"
    sentences = {
        **{f"{counted_are(n, *kind)} left out; a mask picture has no {kind[1]}.": n for kind, n in lost.items()},
        **{f"{counted_are(n, *kind)} written as pixels.": n for kind, n in as_pixels.items()},
        f"{counted_are(merged, 'instance')} merged with others of its label and image{way_out}.": merged,
        f"{counted_are(verdicts, 'whole-image label')} left out (the csv format holds them).": verdicts,
        f"{counted_are(measurements, 'measurement')} left out.": measurements,
        f"What a table told of {counted(told, 'picture')} (age, view, ...) is left out (the csv format "
        "holds it).": told,
    }
    return [*(sentence for sentence, count in sentences.items() if count), *always.sentences()]


EXPORTER = Exporter(
    title="Mask pictures",
    suffix="",
    write=write,
    losses=losses,
    options=(
        Option(
            name=APART,
            title="Instances apart",
            help="one picture for each instance of a label on an image; without it one for each label",
            flag=True,
            note="Instances apart: a picture for each drawn shape, where else there is one for each label.",
        ),
    ),
)
