"""Tables: one row per image, or per instance.

Roles (--map role=column; without a map, the column names in the second list are recognised, in any case):

    image       path, image_path, image, file_name, filename, file      relative to the table's folder
    sop         sop_instance_uid                                        names a DICOM image of the project
    patient     patient_id, patient                                     text; leading zeros stay
    label       label, labels, sublabel, class, finding                 may be given several times; `label=` for none
    reader      reader, reader_id, reader_name                          whose reading the row is of
    object      (no column)                                             shapes of one name are one object
    part        (no column)                                             of a split: train, validation, test, fold 3
    mask        mask_path, mask                                         a picture of the image's size
    mask_label  (no column) the region label of `mask`: a column's name, or else the label itself; default "mask"
    frame       frame_index, frame                                      0-based in the file
    x0 y0 x1 y1 x0_px.., x0.., xmin ymin xmax ymax                      corners, (0, 0) = outer corner of first pixel
    x y width height x, y, w, h                                         the same as corner and extent

A label column of numbers or of yes and no is one label of its name (`label_columns`); otherwise it holds names,
several with `|`. In a table with boxes, `label` names the box. Every other column is kept with the image as a tag.
The export writes one row per thing (kind: label, image, image label, box, polygon, mask) and reads back the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.text.counting import counted
from viewer.exchange.answer_columns import OPTION as ANSWER_OPTION
from viewer.exchange.answer_columns import AnswerColumns
from viewer.exchange.importer import (
    Declared,
    ImageName,
    ImportedShape,
    Importer,
    Item,
    Outcome,
    Record,
    Remark,
    guessed,
    left_out,
    note,
)
from viewer.exchange.label_columns import OPTIONS as LABEL_OPTIONS
from viewer.exchange.label_columns import Kind, LabelColumn
from viewer.exchange.mask_picture import MASK_OPTIONS_BESIDE, mask_choice, read_regions
from viewer.exchange.options import Option, Options
from viewer.exchange.own_rows import read_own
from viewer.exchange.own_table import BOXES, EXPORT_COLUMNS, NO_READER, UNNAMED, named_reader
from viewer.exchange.pictures import Pictures
from viewer.exchange.table import Numbers, Row, Table, as_whole
from viewer.exchange.table_columns import RECOGNISED, Columns
from viewer.exchange.words_for_nothing import WordsForNothing

_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d{2,}")  # how Excel shows, and then saves, a number of twelve digits or more
_PATIENTS = Option(
    name="patients",
    title="Empty patient cells",
    help="an empty patient cell means the patient above (merged cells), or that there is none; without it an image "
    "whose rows name no patient, in a table that names others', is left out by name",
    choices=("above", "none"), unsaid="left out",
)  # fmt: skip
_DECIMAL = Option(
    name="decimal",
    title="Decimal sign",
    help="whether 1,234 is a decimal comma; without it the table's other numbers tell, or the row is left out by name",
    choices=("comma", "point"), unsaid="by the other numbers",
)  # fmt: skip
_ENCODING = Option(
    name="encoding",
    title="Encoding",
    help="how the table's letters are written, when it is not UTF-8 (cp1252 is what older spreadsheets write)",
    choices=("cp1252", "latin-1", "utf-16", "shift_jis", "gb18030", "cp1251"), unsaid="UTF-8",
)  # fmt: skip


class _Refused(AppError):
    """A part of a row that does not come in."""

    def __init__(self, reason: str, rule: str, outcome: Outcome = Outcome.LEFT_OUT, settle: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.outcome = outcome
        self.settle = settle


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What is counted for the sentences at the end."""

    above: dict[str, str] = field(default_factory=dict)
    no_box: int = 0
    pandas_patients: bool = False
    outside: dict[str, None] = field(default_factory=dict)


class _TableReader:
    """Reads one table with its roles fixed: once to see what its columns hold, once for its records."""

    def __init__(self, table: Table, columns: Columns, options: Options) -> None:
        self._table, self._columns, self._options = table, columns, options
        self._roles = roles = columns.roles
        self._corners = [roles[name][0] for name in ("x0", "y0", "x1", "y1") if roles[name]]
        self._extent = [roles[name][0] for name in ("x", "y", "width", "height") if roles[name]]
        self.has_boxes = len(self._corners) == 4 or len(self._extent) == 4
        self._as_corners = len(self._corners) == 4
        self._box_columns = self._corners if self._as_corners else self._extent if self.has_boxes else []
        self._labels = [] if self.has_boxes else [LabelColumn(name=name, options=options) for name in roles["label"]]
        self._numbers = Numbers(options.one("decimal"))
        self._with_box: set[str] = set()
        self._answers = AnswerColumns(table, options)
        self._used = {column for columns in roles.values() for column in columns} | self._answers.used
        self._tally = _Tally()
        self._words = WordsForNothing(options=options)
        self._naming = {column for role in ("label", "mask_label") for column in roles[role]}
        self._masks = Pictures(table.path)
        self._choice = mask_choice(options)
        self._last: ImageName | None = None

    def items(self) -> Iterator[Item]:
        """Every record and remark of the table."""
        self._look()
        yield from self._columns.remarks(self._table, self._answers.questions)
        yield from self._answers.asked()
        for column in self._labels:
            for name in column.labels():
                yield Declared(scope="image", name=name, group=column.name)
        if self.has_boxes and len(self._roles["label"]) > 1:
            rest = ", ".join(self._roles["label"][1:])
            yield note(f"A table of boxes has one label column; {rest} was not read.", rule="columns not read")
        for row in self._table.rows():
            if isinstance(row, Remark):
                yield row
            else:
                yield from self._row(row)
        yield from self._sums()

    # -- the first time through

    def _look(self) -> None:
        patients_as_numbers, patients = 0, 0
        read = [name for name in dict.fromkeys(self._table.columns) if name in self._used]
        for row in self._table.rows():
            if isinstance(row, Remark):
                continue
            for column in self._labels:
                text = self._words.name(row, column.name)
                if text:
                    column.counts[text] += 1
            self._answers.look(row)
            cells = [row.get(column) for column in self._box_columns]
            for cell in cells:
                self._numbers.look(cell)
            if cells and all(cells):
                self._with_box.add(self._name(row, "label"))
            patient = self._cell(row, "patient")
            patients += bool(patient)
            patients_as_numbers += patient.endswith(".0") and patient[:-2].isdigit()
            for name in read:
                self._words.see(row, name, of_labels=name in self._naming)
        self._tally.pandas_patients = 0 < patients == patients_as_numbers
        for column in self._labels:
            column.settle()
        named_by = (("image", "path"), ("sop", "sop_instance_uid"))
        self._table.blame_bad_rows({column: by for role, by in named_by for column in self._roles[role]})

    # -- the second time through

    def _cell(self, row: Row, role: str) -> str:
        columns = self._roles[role]
        return row.get(columns[0]) if columns else ""

    def _name(self, row: Row, role: str) -> str:
        columns = self._roles[role]
        return self._words.name(row, columns[0]) if columns else ""

    def _row(self, row: Row) -> Iterator[Item]:
        where = f"line {row.line}"
        what = f"{self._table.path}, {where}"
        path, sop = self._cell(row, "image"), self._cell(row, "sop")
        if not path and not sop:
            above = f" It may be of {self._last}, which a row above names; that stays open." if self._last else ""
            yield left_out(self._last, f"{what}: no image is named.{above}", rule="a row that names no image")
            return
        frame_cell = self._cell(row, "frame")
        frame = as_whole(frame_cell) if frame_cell else None
        self._last = name = ImageName(path=path, sop_instance_uid=sop, frame_index=frame)
        if frame_cell and frame is None:
            sentence = f"{what}: {frame_cell!r} is no frame number; the row was left out."
            unframed = ImageName(path=path, sop_instance_uid=sop)
            yield left_out(unframed, sentence, rule="no such frame", outcome=Outcome.OUT_OF_RANGE)
            return
        patient = self._cell(row, "patient")
        if _ROUNDED.fullmatch(patient):
            sentence = (
                f"{what}: the patient id {patient} was rounded by a spreadsheet, so several patients may have it."
            )
            yield left_out(
                name, f"{sentence} The row was left out.", rule="patient ids that a spreadsheet rounded",
                outcome=Outcome.AMBIGUOUS, settle="--map patient=",
            )  # fmt: skip
            return
        reader = named_reader(self._cell(row, "reader"), self._options) if self._roles["reader"] else None
        if self._roles["reader"] and reader is None:
            yield left_out(
                name, f"{what}: {NO_READER}; the row was left out.", rule=NO_READER, outcome=Outcome.AMBIGUOUS,
                settle=f"--{UNNAMED.name} shared",
            )  # fmt: skip
            return
        remarks: list[Remark] = []
        verdicts, named = self._labels_of(row, name, what, remarks)
        answers = self._answers.read(row, name, what, remarks)
        shapes = [*self._box_of(row, name, what, remarks), *self._masks_of(row, name, what, remarks)]
        if (of := self._cell(row, "object")) and len(shapes) == 1:
            shapes = [replace(shapes[0], object_name=of)]
        yield Record(
            image=name,
            where=where,
            patient_id=self._patient(row, path or sop),
            verdicts=verdicts,
            named=named,
            shapes=tuple(shapes),
            answers=answers,
            reader=reader,
            part=self._cell(row, "part"),
            tags={
                column: value
                for column in self._table.further_columns
                if column not in self._used and (value := row.cells.get(column, ""))
            },
        )
        yield from remarks

    def _patient(self, row: Row, image: str) -> str | None:
        if not self._roles["patient"]:
            return None
        patient = self._cell(row, "patient")
        if self._tally.pandas_patients:
            patient = patient.removesuffix(".0")
        choice = self._options.one("patients")
        if choice == "above":
            if patient:
                self._tally.above["patient"] = patient
            return patient or self._tally.above.get("patient", "")
        return None if not patient and choice == "none" else patient

    def _labels_of(
        self, row: Row, name: ImageName, what: str, remarks: list[Remark]
    ) -> tuple[dict[str, Verdict], dict[str, tuple[str, ...]]]:
        verdicts: dict[str, Verdict] = {}
        named: dict[str, tuple[str, ...]] = {}
        for column in self._labels:
            text = self._words.name(row, column.name)
            if not text:
                continue
            if column.denies(text):
                verdicts |= dict.fromkeys(column.labels(), Verdict.NO)
                continue
            if column.is_doubtful(text):
                holds = "numbers" if column.kind is Kind.NUMBERS else column.kind
                remarks.append(
                    left_out(
                        name, f"{what}: {text!r} in the column {column.name} (of {holds}) has no known meaning.",
                        rule=f"{text} in the column {column.name}", outcome=Outcome.AMBIGUOUS,
                        settle=column.settled_by(text), of_record=False,
                    )
                )  # fmt: skip
            elif column.kind is Kind.YES_NO:
                verdict = column.verdict(text)
                if verdict is not None:
                    verdicts[column.name] = verdict
            else:
                named[column.name] = tuple(dict.fromkeys(column.names(text)))
        return verdicts, named

    def _box_of(self, row: Row, name: ImageName, what: str, remarks: list[Remark]) -> list[ImportedShape]:
        if not self.has_boxes:
            return []
        label = self._name(row, "label")
        try:
            box = self._box(row, label)
        except _Refused as error:
            remarks.append(
                left_out(
                    name, f"{what}: {error}.", rule=error.rule, outcome=error.outcome, settle=error.settle,
                    of_record=False,
                )
            )  # fmt: skip
            return []
        if box is None:
            return []
        from_extent = not self._as_corners and not self._options.one("boxes")
        return [ImportedShape(label=label or "box", shape=box, from_extent=from_extent)]

    def _box(self, row: Row, label: str) -> Box | None:
        """The row's box; None for an image that was looked at and has none."""
        cells = [row.get(column) for column in self._box_columns]
        if not any(cells):
            if label and label in self._with_box:
                raise _Refused(
                    f"{label} is said without a box, and other rows have boxes of it", "a label without its box",
                    Outcome.AMBIGUOUS,
                )  # fmt: skip
            self._tally.no_box += bool(label)
            return None
        try:
            a, b, c, d = (self._numbers.read(cell) for cell in cells)
        except ValueError as error:
            outcome = Outcome.OUT_OF_RANGE if "finite" in str(error) else Outcome.LEFT_OUT
            raise _Refused(f"the box cannot be read, {error}", "a box that cannot be read", outcome) from error
        corners = self._options.one("boxes") == "corners" if self._options.one("boxes") else self._as_corners
        x1, y1 = (c, d) if corners else (a + c, b + d)
        if not (x1 > a and y1 > b):
            raise _Refused(
                f"the box from ({a:g}, {b:g}) to ({x1:g}, {y1:g}) has no width or no height",
                "a box without width or height", settle="--boxes extent" if corners else "",
            )  # fmt: skip
        return Box(x0_px=a, y0_px=b, x1_px=x1, y1_px=y1)

    def _masks_of(self, row: Row, name: ImageName, what: str, remarks: list[Remark]) -> list[ImportedShape]:
        written = self._cell(row, "mask")
        if not written:
            return []
        named = self._roles["mask_label"][0] if self._roles["mask_label"] else "mask"
        label = (self._words.name(row, named) if named in self._table.columns else named) or "mask"
        found = self._masks.find(written).paths
        if self._masks.leads_out(written):
            self._tally.outside[written] = None
        if len(found) > 1:
            sentence = f"{what}: the mask {written} may be several files that differ."
            remarks.append(left_out(name, sentence, rule="one name for several masks", outcome=Outcome.AMBIGUOUS))
            return []
        path = found[0] if found else self._table.path.parent / written
        try:
            with at_boundary(path):
                shapes, said = read_regions(path, label=label, choice=self._choice, image=name)
        except AppError as error:
            said, shapes = [left_out(name, f"{what}: {error}", rule="masks that cannot be read", of_record=False)], []
        remarks += said
        return shapes

    def _sums(self) -> Iterator[Item]:
        if self._tally.outside:
            yield self._masks.said_outside(list(self._tally.outside))
        if count := self._numbers.with_comma + self._answers.with_comma:
            sentence = f"{self._table.path}: {counted(count, 'number has', 'numbers have')} a decimal comma, read so."
            yield guessed(sentence, rule="decimal commas", count=count)
        if self._tally.pandas_patients:
            sentence = f"{self._table.path}: every patient id ends in .0 (12.0); it was taken as the number before it."
            yield guessed(sentence, rule="patient ids that passed through floating point")
        yes_no = frozenset(column.name for column in self._labels if column.kind is Kind.YES_NO)
        yield from self._words.remarks(self._table.path, yes_no)
        if self._tally.no_box:
            count = self._tally.no_box
            sentence = (
                f"{self._table.path}: {counted(count, 'row has', 'rows have')} a label and no box, and no row has a "
                "box of that label; such an image counts as looked at, without one."
            )
            yield guessed(sentence, rule="a label that never has a box", count=count)


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of a table. Raises BadFile when it is none, BadRequest when a column that was named is not there."""
    table = Table(path, options.one("encoding"))
    given = options.columns("map")
    if not given and set(EXPORT_COLUMNS) <= set(table.columns):
        yield from read_own(table)
    else:
        yield from _TableReader(table, Columns(table, given), options).items()


IMPORTER = Importer(
    title="Table (CSV)",
    read=read,
    suffixes=(".csv", ".tsv", ".txt"),
    options=(
        Option(
            name="map",
            leads=True,
            title="Columns",
            help="which column plays which role, e.g. image=path,patient=group_id,label=label,label=sublabel (with "
            "nothing after label= no column is taken as labels)",
            roles=tuple(RECOGNISED),
            several=True,
            metavar="ROLE=COLUMN,...",
        ),
        ANSWER_OPTION,
        *LABEL_OPTIONS,
        _PATIENTS,
        BOXES,
        UNNAMED,
        _DECIMAL,
        _ENCODING,
        *MASK_OPTIONS_BESIDE,
    ),
)
