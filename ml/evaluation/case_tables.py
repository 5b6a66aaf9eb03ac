"""Tables of a report beside its figures: truth against answers, and the cases, those that are wrong first.

They are text, made once from the cases that the figures count, and read back as text. Loads no torch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.evaluation.classes import guesses
from ml.evaluation.outcome import UNKNOWN, BoxOutcome, CaseRow, ClassOutcome, Outcome
from ml.metric_words import number_text
from viewer.core.checked import Fields
from viewer.core.text.counting import counted

MOST_CASES = 100  # told on the page; all of them are in cases.csv
MOST_LABELS = 12  # of a table of truth against answers: more columns are no table to read
MOST_TABLES, MOST_COLUMNS = 10, 50
ANSWER_GIVEN = "answered {}"


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
class _Told:
    """One row, and where it stands: what is wrong first, and of that what the model was surest of."""

    cells: tuple[str, ...]
    wrong: bool
    place: float


def case_tables(outcome: Outcome, names: Sequence[str]) -> tuple[CaseTable, ...]:
    """names: (case,) the file of each."""
    return (*_truth_and_answers(outcome), *_cases(outcome, names))


def _truth_and_answers(outcome: Outcome) -> Iterator[CaseTable]:
    if not isinstance(outcome, ClassOutcome) or len(outcome.labels) > MOST_LABELS:
        return
    known, yes = ~np.isnan(outcome.truth), outcome.truth == 1
    said = guesses(outcome.scores, outcome.thresholds, exclusive=outcome.exclusive)
    labels = outcome.labels
    if outcome.exclusive:
        whole = known.all(axis=1) & yes.any(axis=1)
        counts = yes[whole].T.astype(int) @ said[whole].astype(int)
        rows = tuple((label, *map(str, row)) for label, row in zip(labels, counts.tolist(), strict=True))
        heads = ("Truth", *(ANSWER_GIVEN.format(label) for label in labels))
    else:
        heads = ("Label", "there and found", "there and missed", "false alarm", "neither")
        kinds = [yes & said, yes & ~said, ~yes & said, ~yes & ~said]
        each = np.stack([(kind & known).sum(axis=0) for kind in kinds], axis=1).tolist()
        rows = tuple((label, *map(str, row)) for label, row in zip(labels, each, strict=True))
    yield CaseTable(title="Truth and answers, in cases", columns=heads, rows=rows)


def _cases(outcome: Outcome, names: Sequence[str]) -> Iterator[CaseTable]:
    told = [row for name, rows in zip(names, outcome.rows(), strict=True) for row in _told(outcome, name, rows)]
    told.sort(key=lambda row: (not row.wrong, row.place))
    if not told:
        return
    wrong, what = sum(row.wrong for row in told), "case" if _one_row(outcome) else "answer"
    note = f"{wrong} of {counted(len(told), what)} {'is' if wrong == 1 else 'are'} wrong."
    if not isinstance(outcome, ClassOutcome | BoxOutcome):
        note = "Those with the least overlap stand first."
    if len(told) > MOST_CASES:
        note += f" These are the first {MOST_CASES}; all are in cases.csv."
    score = "Score" if isinstance(outcome, ClassOutcome) else "Overlap"
    of_label = () if _one_row(outcome) else ("Label",)
    right = () if not isinstance(outcome, ClassOutcome | BoxOutcome) else ("",)
    yield CaseTable(
        title="The cases, wrong ones first" if right else "The cases",
        columns=("Case", *of_label, "Truth", *(("Answer",) if right else ()), score, *right),
        rows=tuple(row.cells for row in told[:MOST_CASES]),
        note=note,
        of_cases=True,
    )


def _one_row(outcome: Outcome) -> bool:
    """Whether a case has one answer, so that one row says it."""
    return isinstance(outcome, ClassOutcome) and outcome.exclusive


def _told(outcome: Outcome, name: str, rows: Sequence[CaseRow]) -> Iterator[_Told]:
    cells: tuple[str, ...]
    if _one_row(outcome):
        truth, answer = (next((r for r in rows if getattr(r, of) == "yes"), None) for of in ("truth", "answer"))
        if truth is not None and answer is not None:
            cells = (name, truth.label, answer.label, number_text(answer.score))
            yield _row(cells, wrong=truth.label != answer.label, sure=answer.score or 0.0)
        return
    for row in rows:
        if isinstance(outcome, ClassOutcome):
            if row.truth != UNKNOWN:
                score = row.score or 0.0
                cells = (name, row.label, row.truth, row.answer, number_text(score))
                yield _row(cells, wrong=row.truth != row.answer, sure=abs(score - 0.5))
        elif isinstance(outcome, BoxOutcome):
            false = row.false or 0
            answer_words = counted(int(row.answer), "box", "boxes") + (f", {false} false" if false else "")
            cells = (name, row.label, counted(int(row.truth), "box", "boxes"), answer_words, _overlap(row.score))
            missed = int(row.truth) - (int(row.answer) - false)
            yield _row(cells, wrong=bool(false or missed), sure=float(false + missed))
        elif row.score is not None:
            yield _Told(cells=(name, row.label, row.truth, _overlap(row.score)), wrong=False, place=row.score)


def _overlap(score: float | None) -> str:
    return "" if score is None else number_text(score)


def _row(cells: tuple[str, ...], *, wrong: bool, sure: float) -> _Told:
    """Of the wrong the surest first, of the right the least sure."""
    return _Told(cells=(*cells, "wrong" if wrong else "right"), wrong=wrong, place=-sure if wrong else sure)


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
    """The same with a number for each case, where names are hidden."""
    return [
        {**one, "rows": [[f"case {place}", *row[1:]] for place, row in enumerate(one["rows"], 1)]}
        if one["of_cases"]
        else dict(one)
        for one in tables
    ]
