"""Tables of a report beside its figures: truth against answers, and the cases, those that are wrong first.

They are text, made once from the cases that the figures count, and read back as text. Loads no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.core.checked import Fields
from viewer.core.text.counting import counted

MOST_CASES = 100  # told on the page; all of them are in cases.csv
RIGHT_OR_WRONG = "Right or wrong"  # over what `ordered` ends a row in
MOST_TABLES, MOST_COLUMNS = 100, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTable:
    """columns: their heads. rows: as many cells each. of_cases: the first cell of each row names a case."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    of_cases: bool = False

    def to_json(self) -> dict[str, Any]:
        """For figures.json; `read_tables` reads it back."""
        rows = [list(row) for row in self.rows]
        head = {"title": self.title, "columns": list(self.columns), "note": self.note, "of_cases": self.of_cases}
        return {**head, "rows": rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row, and where it stands: what is wrong first, and of that what the model was surest of."""

    cells: tuple[str, ...]
    wrong: bool
    place: float


def ordered(cells: tuple[str, ...], *, wrong: bool, sure: float) -> Told:
    """A row that ends in whether it is wrong: of the wrong the surest first, of the right the least sure."""
    return Told(cells=(*cells, "wrong" if wrong else "right"), wrong=wrong, place=-sure if wrong else sure)


def cases_table(
    columns: tuple[str, ...], told: Sequence[Told], *,
    title: str = "The cases, wrong ones first", note: str = "", what: str = "answer",
) -> CaseTable:  # fmt: skip
    """The cases in their order, as many as can be read. note: "" says how many are wrong. what: one row is."""
    rows = sorted(told, key=lambda row: (not row.wrong, row.place))
    if not note:
        wrong = sum(row.wrong for row in rows)
        note = f"{wrong} of {counted(len(rows), what)} {'is' if wrong == 1 else 'are'} wrong."
    if len(rows) > MOST_CASES:
        note += f" These are the first {MOST_CASES}; all are in cases.csv."
    cells = tuple(row.cells for row in rows[:MOST_CASES])
    return CaseTable(title=title, columns=columns, rows=cells, note=note, of_cases=True)


def in_order(own: Sequence[CaseTable], more: Sequence[CaseTable]) -> list[CaseTable]:
    """The tables of a report: those of cases last, however long they are."""
    return [*(one for one in own if not one.of_cases), *more, *(one for one in own if one.of_cases)]


def read_tables(document: Sequence[object], where: str) -> tuple[CaseTable, ...]:
    """Those of a report. Raises BadFile."""
    return tuple(_table(Fields(one, where, advice="evaluate the run again")) for one in document[:MOST_TABLES])


def _table(fields: Fields) -> CaseTable:
    columns = fields.texts("columns", most=1000)
    rows = fields.plain_value("rows")
    if not isinstance(rows, list) or not 0 < len(columns) <= MOST_COLUMNS or len(rows) > MOST_CASES:
        raise fields.refuse("rows", f"at most {MOST_CASES} rows")
    if any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
        raise fields.refuse("rows", "as many cells in each row as there are columns")
    return CaseTable(
        title=fields.text("title", most=500),
        columns=tuple(columns),
        rows=tuple(tuple(map(str, row)) for row in rows),
        note=fields.text("note", "", most=1000),
        of_cases=fields.flag("of_cases", False),
    )


def without_names(tables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same where names are hidden: a case is a row of its table, for "Case 1" is the first of the list of cases."""
    return [
        {**one, "rows": [[f"row {place} of this table", *row[1:]] for place, row in enumerate(one["rows"], 1)]}
        if one["of_cases"]
        else dict(one)
        for one in tables
    ]
