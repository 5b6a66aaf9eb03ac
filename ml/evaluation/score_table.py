"""A table of scores that any program wrote: the truth, the score and the patient of each row, or why it is refused.

Loads no torch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile
from viewer.core.text.counting import counted
from viewer.exchange.importer import Remark
from viewer.exchange.table import Numbers, Row, Table, is_for_nothing, plain_column

Floats = NDArray[np.float64]

TRUTHS = {"1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "1.0": 1.0, "0.0": 0.0}
UNKNOWNS = ("", "unknown")
# Columns that name what a row is of: a row that is there twice is one case counted twice.
CASES = frozenset(
    plain_column(name)
    for name in ("image", "image_id", "image index", "path", "image_path", "file", "file_name", "sop_instance_uid",
                 "case", "case_id")
)  # fmt: skip
_LONGEST_LIST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What each column is called. by: that of the subgroups, "" for none."""

    truth: str
    score: str
    patient: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreTable:
    """Rows in the table's order. truth: (row,) 1, 0, NaN where unknown. scores: (row,), NaN only where the truth is
    unknown too. patients, groups: (row,) as written. notes: what a reader of its figures must know."""

    path: Path
    truth: Floats
    scores: Floats
    patients: Sequence[str]
    groups: Sequence[str]
    notes: tuple[str, ...]


def read_scores(path: Path, columns: Columns, *, encoding: str = "", decimal: str = "") -> ScoreTable:
    """Raises BadFile, which names the file and the row (as a spreadsheet counts, the names are row 1)."""
    table = Table(path, encoding)
    names = [_column(table, name) for name in (columns.truth, columns.score, columns.patient)]
    by = _column(table, columns.by) if columns.by else ""
    rows = list(_rows(table))
    if not rows:
        raise BadFile(f"{path} has names of columns and no row; there is nothing to judge.")
    numbers = _numbers([row.cells.get(names[1], "") for row in rows], decimal)
    truths = [_truth(path, row, names[0]) for row in rows]
    scores = [_score(path, row, names[1], numbers, true) for row, true in zip(rows, truths, strict=True)]
    unknown = sum(np.isnan(truths))
    left_out = f"{counted(int(unknown), 'row has', 'rows have')} no truth: in no figure." if unknown else ""
    commas = "The decimal commas of its scores were read so." if numbers.with_comma else ""
    return ScoreTable(
        path=path,
        truth=np.array(truths, np.float64),
        scores=np.array(scores, np.float64),
        patients=[_patient(path, row, names[2]) for row in rows],
        groups=[row.get(by) for row in rows] if by else [""] * len(rows),
        notes=tuple(filter(None, (left_out, commas, _doubled(table, rows)))),
    )


def _column(table: Table, name: str) -> str:
    """The column of this name, else the one that is written a little differently."""
    alike = [name] if name in table.columns else [c for c in table.columns if plain_column(c) == plain_column(name)]
    alike = [column for column in alike if column]
    if len(set(alike)) != 1:
        listed = ", ".join(table.further_columns)
        listed = listed if len(listed) <= _LONGEST_LIST else f"{listed[: _LONGEST_LIST - 3]}..."
        raise BadFile(f"{table.path} has no column {name}; it has {listed}.")
    if table.columns.count(alike[0]) > 1:
        raise BadFile(f"{table.path} has two columns {alike[0]}, and nothing tells which one is meant; rename one.")
    return alike[0]


def _rows(table: Table) -> list[Row]:
    rows = []
    for row in table.rows():
        if isinstance(row, Remark):  # a figure of the other rows would be one of another table
            raise BadFile(row.sentence.replace("; the row was left out", "").replace("; they were left out", ""))
        rows.append(row)
    return rows


def _numbers(cells: Sequence[str], decimal: str) -> Numbers:
    """A comma after a nought alone is a decimal one: no thousand begins so."""
    if not decimal and any(re.fullmatch(r"[+-]?0,\d+", cell) for cell in cells):
        decimal = "comma"
    numbers = Numbers(decimal)
    for cell in cells:
        numbers.look(cell)
    return numbers


def _truth(path: Path, row: Row, column: str) -> float:
    text = row.get(column).strip().casefold()
    if text in UNKNOWNS:
        return float("nan")
    if text not in TRUTHS:
        raise BadFile(
            f"{path}, row {row.line}: the truth is {row.get(column)!r}; it must be 1 or 0, yes or no, true or false, "
            "or empty where it is not known."
        )
    return TRUTHS[text]


def _score(path: Path, row: Row, column: str, numbers: Numbers, truth: float) -> float:
    text = row.cells.get(column, "")
    if not text and np.isnan(truth):
        return float("nan")
    try:
        if not text:
            raise ValueError("it is empty")
        return numbers.read(text)
    except ValueError as error:
        raise BadFile(f"{path}, row {row.line}: the score is no finite number: {error}.") from error


def _patient(path: Path, row: Row, column: str) -> str:
    text = row.cells.get(column, "")
    if not text or is_for_nothing(text):
        raise BadFile(
            f"{path}, row {row.line}: it names no patient, and whose a case is decides how wide an interval is."
        )
    return text


def _doubled(table: Table, rows: Sequence[Row]) -> str:
    """What is said of rows that are the same in every cell. Raises BadFile where they name one case twice."""
    named = [column for column in table.further_columns if plain_column(column) in CASES]
    first: dict[tuple[str, ...], int] = {}
    again = []
    for row in rows:
        key = tuple(row.cells.get(column, "") for column in table.columns)
        if key in first:
            if any(row.get(column) for column in named):
                raise BadFile(
                    f"{table.path}, row {row.line}: it is row {first[key]} again, one case in every cell; take one out."
                )
            again.append((row.line, first[key]))
        first.setdefault(key, row.line)
    if not again:
        return ""
    there = counted(len(again), "row is", "rows are")
    return (
        f"{there} the same as another in every cell (row {again[0][0]} as row {again[0][1]}), and no column names the "
        "case: each was counted as a case of its own."
    )
