"""Tables: one row per image, or per instance.

Roles (--map role=column; without a map, the column names in the second list are recognised):

    image       path, image_path, image, file_name, filename, file      relative to the table's folder
    patient     patient_id, patient                                     text; leading zeros stay
    label       label, labels, sublabel, class, finding                 may be given several times; `label=` for none
    mask        mask_path, mask                                         a picture of the image's size
    mask_label  (no column) the region label of `mask`: a column's name, or else the label itself; default "mask"
    frame       frame_index, frame                                      0-based in the file
    x0 y0 x1 y1 x0_px.., x0.., xmin ymin xmax ymax                      corners, (0, 0) = outer corner of first pixel
    x y width height                                                    the same as corner and extent

A label column that holds only 0 and 1 (yes/no, true/false) is one label of that name; otherwise it holds names,
several with `|`. In a table with boxes, `label` names the box. Every other column is kept with the image as a tag.
The export writes one row per thing (kind: image, image label, box, polygon, mask) and reads back the same.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from viewer.core.errors import AppError, BadFile, BadRequest
from viewer.core.labels import Verdict
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.batch import ImportBatch, ImportedImage, items_of
from viewer.exchange.importer import ImportedShape, Importer, Item
from viewer.exchange.mask_picture import read_mask
from viewer.exchange.options import ColumnMap, Option, Options
from viewer.exchange.own_table import EXPORT_COLUMNS

RECOGNISED: dict[str, tuple[str, ...]] = {
    "image": ("path", "image_path", "image", "file_name", "filename", "file"),
    "patient": ("patient_id", "patient"),
    "label": ("label", "labels", "sublabel", "class", "finding"),
    "mask": ("mask_path", "mask"),
    "mask_label": (),
    "frame": ("frame_index", "frame"),
    "x0": ("x0_px", "x0", "xmin"),
    "y0": ("y0_px", "y0", "ymin"),
    "x1": ("x1_px", "x1", "xmax"),
    "y1": ("y1_px", "y1", "ymax"),
    "x": ("x",),
    "y": ("y",),
    "width": ("width",),
    "height": ("height",),
}
_SEVERAL = ("label",)
_WORDS = {
    "1": Verdict.YES,
    "yes": Verdict.YES,
    "true": Verdict.YES,
    "0": Verdict.NO,
    "no": Verdict.NO,
    "false": Verdict.NO,
    "not assessed": Verdict.NOT_ASSESSED,
}


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What the rows of one image say so far."""

    patient_id: str | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: list[ImportedShape] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


def _read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"The table {path} cannot be read ({error}); it must be UTF-8 text.") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [name.strip() for name in reader.fieldnames or []]
    if not columns:
        raise BadFile(f"The table {path} is empty; it needs a line of column names and a line per image.")
    reader.fieldnames = columns
    rows = [{key: (value or "").strip() for key, value in row.items() if isinstance(key, str)} for row in reader]
    return columns, rows


def _columns(path: Path, columns: Sequence[str], given: ColumnMap) -> dict[str, tuple[str, ...]]:
    """Which columns play which role: those that were given, else those that are recognised."""
    chosen: dict[str, tuple[str, ...]] = {}
    for role, names in RECOGNISED.items():
        if role in given:
            missing = [name for name in given[role] if name not in columns and role != "mask_label"]
            if missing:
                raise BadRequest(f"{path} has no column {missing[0]}; it has {', '.join(columns)}.")
            chosen[role] = tuple(given[role])
        else:
            present = tuple(name for name in names if name in columns)
            chosen[role] = present if role in _SEVERAL else present[:1]
    if not chosen["image"]:
        raise BadRequest(f"{path} has no column that names the image; say --map image=COLUMN ({', '.join(columns)}).")
    return chosen


def _is_yes_no(values: set[str]) -> bool:
    return bool(values) and all(value.casefold() in _WORDS for value in values)


class _TableReader:
    """Reads one table with its roles fixed."""

    def __init__(self, path: Path, rows: Sequence[Mapping[str, str]], roles: Mapping[str, tuple[str, ...]]) -> None:
        self._path = path
        self._rows = rows
        self._roles = roles
        self._corners = [roles[name][0] for name in ("x0", "y0", "x1", "y1") if roles[name]]
        self._extent = [roles[name][0] for name in ("x", "y", "width", "height") if roles[name]]
        self.has_boxes = len(self._corners) == 4 or len(self._extent) == 4
        self._yes_no: list[str] = []
        self.groups: dict[str, tuple[str, ...]] = {}
        if not self.has_boxes:
            self._sort_label_columns()
        self.region_labels: dict[str, None] = {}
        self.problems: list[tuple[Path, str]] = []

    def _sort_label_columns(self) -> None:
        for column in self._roles["label"]:
            values = {row.get(column, "") for row in self._rows} - {""}
            if _is_yes_no(values):
                self._yes_no.append(column)
                self.groups[column] = (column,)
            else:
                names = {name.strip() for value in values for name in value.split("|")} - {""}
                self.groups[column] = tuple(sorted(names))

    def gather(self) -> list[ImportedImage]:
        """All rows, those of one image together."""
        found: dict[tuple[Path, int], _Gathered] = {}
        for number, row in enumerate(self._rows, start=2):
            name = row.get(self._roles["image"][0], "")
            if not name:
                self.problems.append((self._path, f"{self._path}, line {number}: no image is named."))
                continue
            path = (self._path.parent / name).resolve()
            frame = self._cell(row, "frame")
            gathered = found.setdefault((path, int(frame) if frame.isdigit() else 0), _Gathered())
            try:
                self._take(gathered, row)
            except (AppError, ValueError) as error:
                self.problems.append((path, f"{self._path}, line {number}: {error}"))
        return [
            ImportedImage(
                path=path,
                frame_index=frame_index,
                patient_id=gathered.patient_id,
                verdicts=gathered.verdicts,
                named=gathered.named,
                shapes=tuple(gathered.shapes),
                tags=gathered.tags,
            )
            for (path, frame_index), gathered in found.items()
        ]

    def _cell(self, row: Mapping[str, str], role: str) -> str:
        columns = self._roles[role]
        return row.get(columns[0], "") if columns else ""

    def _take(self, gathered: _Gathered, row: Mapping[str, str]) -> None:
        if self._roles["patient"]:
            gathered.patient_id = self._cell(row, "patient")
        used = {column for columns in self._roles.values() for column in columns}
        gathered.tags.update({key: value for key, value in row.items() if key not in used and value})
        if self.has_boxes:
            self._take_box(gathered, row)
        else:
            self._take_labels(gathered, row)
        mask_name = self._cell(row, "mask")
        if mask_name:
            label = self._mask_label(row)
            self.region_labels[label] = None
            gathered.shapes.append(ImportedShape(label=label, shape=read_mask(self._path.parent / mask_name)))

    def _mask_label(self, row: Mapping[str, str]) -> str:
        named = self._roles["mask_label"][0] if self._roles["mask_label"] else "mask"
        return row.get(named, named) or "mask"

    def _take_labels(self, gathered: _Gathered, row: Mapping[str, str]) -> None:
        for column in self._roles["label"]:
            value = row.get(column, "")
            if not value:
                continue
            if column in self._yes_no:
                gathered.verdicts[column] = _WORDS[value.casefold()]
            else:
                names = tuple(name.strip() for name in value.split("|") if name.strip())
                gathered.named[column] = tuple(dict.fromkeys((*gathered.named.get(column, ()), *names)))

    def _take_box(self, gathered: _Gathered, row: Mapping[str, str]) -> None:
        corners = len(self._corners) == 4
        cells = [row.get(column, "") for column in (self._corners if corners else self._extent)]
        if not any(cells):
            return  # an image that was looked at and has no box
        a, b, c, d = (float(cell) for cell in cells)
        box = Box(x0_px=a, y0_px=b, x1_px=c if corners else a + c, y1_px=d if corners else b + d)
        label = self._cell(row, "label") or "box"
        self.region_labels[label] = None
        gathered.shapes.append(ImportedShape(label=label, shape=box))


def _own_shape(row: Mapping[str, str]) -> Shape | None:
    """The shape of a row that `write` wrote."""
    if row["kind"] == "box":
        x0, y0, x1, y1 = (float(row[name]) for name in ("x0_px", "y0_px", "x1_px", "y1_px"))
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
    if row["kind"] == "polygon":
        return Polygon(points_px=tuple((x, y) for x, y in json.loads(row["points_px"])))
    if row["kind"] == "mask":
        facts = json.loads(row["mask_runs"])
        runs = np.asarray(facts["runs"], np.int32).reshape(-1, 3)
        return MaskRuns(rows=facts["rows"], cols=facts["cols"], runs=runs)
    return None


def _read_own(path: Path, rows: Sequence[Mapping[str, str]]) -> ImportBatch:
    """A table that `write` wrote."""
    found: dict[tuple[Path, int], _Gathered] = {}
    groups: dict[str, tuple[str, ...]] = {}
    regions: dict[str, None] = {}
    problems: list[tuple[Path, str]] = []
    for number, row in enumerate(rows, start=2):
        image = (path.parent / row["path"]).resolve()
        gathered = found.setdefault((image, int(row["frame_index"] or 0)), _Gathered(patient_id=row["patient_id"]))
        try:
            if row["kind"] == "image label":
                gathered.verdicts[row["label"]] = Verdict(row["verdict"])
                groups[row["label"]] = (row["label"],)
            shape = _own_shape(row)
        except (AppError, ValueError, KeyError) as error:
            problems.append((path, f"{path}, line {number}: {error}"))
            continue
        if shape is not None:
            regions[row["label"]] = None
            gathered.shapes.append(ImportedShape(label=row["label"], shape=shape))
    images = tuple(
        ImportedImage(
            path=image,
            frame_index=frame_index,
            patient_id=one.patient_id,
            verdicts=one.verdicts,
            shapes=tuple(one.shapes),
        )
        for (image, frame_index), one in found.items()
    )
    return ImportBatch(images=images, groups=groups, region_labels=tuple(regions), problems=tuple(problems))


def _read_batch(path: Path, given: ColumnMap) -> ImportBatch:
    """Read a table. Raises BadFile when it cannot be read, BadRequest when a column that was named is not there."""
    columns, rows = _read_rows(path)
    if not given and set(EXPORT_COLUMNS) <= set(columns):
        return _read_own(path, rows)
    reader = _TableReader(path, rows, _columns(path, columns, given))
    images = tuple(reader.gather())
    return ImportBatch(
        images=images,
        groups=reader.groups,
        region_labels=tuple(reader.region_labels),
        problems=tuple(reader.problems),
    )


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of the file. Raises BadFile when it cannot be read at all."""
    yield from items_of(_read_batch(path, options.columns("map")))


_MAP = Option(
    name="map",
    title="Columns",
    help="which column plays which role, e.g. image=path,patient=group_id,label=label; may be repeated",
    roles=tuple(RECOGNISED),
    several=True,
    metavar="ROLE=COLUMN,...",
)
IMPORTER = Importer(title="Table (CSV)", read=read, options=(_MAP,), suffixes=(".csv", ".tsv", ".txt"))
