"""The cases of a report as a page tells them: those that are wrong first, and of which answers they are. No Qt.

What a row of the table means is told by its own cells: labels that are there or not, boxes, masks or numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from ml.evaluation.confusion import BOXES, NOT_FOUND, NOTHING_THERE
from ml.evaluation.outcome import NO, UNKNOWN, YES
from ml.metric_words import number_text
from viewer.core.text.counting import counted

if TYPE_CHECKING:
    from ml.evaluation.kept_cases import KeptCases

THERE, EMPTY = "present", "empty"  # of a mask, as a report writes it
MOST_LABELS = 12  # of a matrix: more columns are none to read
WAYS = ("there and found", "there and missed", "false alarm", "neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer. label: whose, "" where the labels exclude each other. score: in words, with what it is.

    cell: (row, column) of the matrix that counts it, None where there is no matrix. wrong: None where an answer is
    better or worse, and not right or wrong. place: the least of each kind stands first. by: of several that answered,
    who said what, a line each ("a1b2: yes"); () of one.
    """

    image_id: str
    file: str
    label: str
    truth: str
    answer: str
    score: str
    wrong: bool | None
    place: float
    cell: tuple[int, int] | None = None
    by: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What is there, of which label."""
        return f"{self.label}: {self.truth}" if self.label else self.truth

    @property
    def words(self) -> str:
        """What is there, and what was said, in a line."""
        return f"{self.told}, answered {self.answer}" if self.answer else self.told


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Truth against answers. rows, columns: their heads. cells: by (row, column) the answers that it counts, or the
    cases of a number. unit: one of what is counted, and several. numbers: (row, column) where they are no cases."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[int, int], tuple[Judged, ...]]
    unit: tuple[str, str] = ("case", "cases")
    numbers: tuple[tuple[int, ...], ...] = ()

    def count(self, row: int, column: int) -> int:
        """How many a cell counts."""
        return self.numbers[row][column] if self.numbers else len(self.cells.get((row, column), ()))

    def is_right(self, row: int, column: int) -> bool:
        """Whether what a cell counts was answered as it is."""
        if self.columns == WAYS:
            return column in (0, 3)
        return row == column and not self.is_nothing(row, column)

    def is_nothing(self, row: int, column: int) -> bool:
        """Where nothing is there and nothing was said: of boxes and pixels that is not counted."""
        return bool(self.numbers) and row == len(self.rows) - 1 and column == len(self.columns) - 1

    def words(self, row: int, column: int) -> str:
        """What a cell counts."""
        if self.columns == WAYS:
            return f"{self.rows[row]}, {self.columns[column]}"
        if self.numbers and column == len(self.columns) - 1:
            return f"Truth {self.rows[row]}, {self.columns[column]}"
        return f"Truth {self.rows[row]}, answered {self.columns[column]}"


def judged_cases(cases: "KeptCases", *, exclusive: bool) -> tuple[Judged, ...]:
    """Every answer, the wrong ones first and of these those that the model was surest of; then the least sure."""
    told = _exclusive(cases) if exclusive and _of_labels(cases) else _each(cases)
    return tuple(sorted(told, key=lambda one: (one.wrong is False, one.place)))


def matrix_of(judged: Sequence[Judged], labels: tuple[str, ...], *, exclusive: bool) -> Matrix | None:
    """How often which truth was answered how; None where that is no table to read."""
    cells: dict[tuple[int, int], list[Judged]] = {}
    for one in judged:
        if one.cell is not None:
            cells.setdefault(one.cell, []).append(one)
    if not cells or len(labels) > MOST_LABELS:
        return None
    columns = labels if exclusive else WAYS
    return Matrix(rows=labels, columns=columns, cells={cell: tuple(each) for cell, each in cells.items()})


def matrix_of_confusion(confusion: Mapping[str, Any], cases: "KeptCases") -> Matrix:
    """Of boxes or pixels, as a report has it; each number with its cases, those of most first."""
    unit = ("box", "boxes") if confusion["unit"] == BOXES else ("pixel", "pixels")
    labels = tuple(confusion["labels"])
    files = dict(zip(cases.images, cases.files, strict=True))
    matrix = Matrix(rows=(*labels, NOTHING_THERE), columns=(*labels, NOT_FOUND), cells={}, unit=unit,
                    numbers=tuple(map(tuple, confusion["counts"])))  # fmt: skip
    for cell in confusion["cells"]:
        row, column = cell["row"], cell["column"]
        of_label = column < len(labels)
        matrix.cells[row, column] = tuple(
            Judged(image_id=image_id, file=files[image_id], label="", truth=matrix.rows[row],
                   answer=matrix.columns[column] if of_label else "", score=counted(count, *unit),
                   wrong=not matrix.is_right(row, column), place=-float(count))
            for image_id, count in cell["cases"]
            if image_id in files
        )  # fmt: skip
    return matrix


def _of_labels(cases: "KeptCases") -> bool:
    return all(cell in (YES, NO, UNKNOWN) for row in cases.truth for cell in row)


def _exclusive(cases: "KeptCases") -> Iterator[Judged]:
    for case, (truths, answers) in enumerate(zip(cases.truth, cases.answer, strict=True)):
        if YES not in truths or YES not in answers:
            continue
        truth, answer = truths.index(YES), answers.index(YES)
        score = float(cases.score[case, answer])
        wrong = truth != answer
        yield Judged(
            image_id=cases.images[case], file=cases.files[case], label="", truth=cases.labels[truth],
            answer=cases.labels[answer], score=f"score {number_text(score)}", wrong=wrong,
            place=-score if wrong else score, cell=(truth, answer),
        )  # fmt: skip


def _each(cases: "KeptCases") -> Iterator[Judged]:
    for case, image_id in enumerate(cases.images):
        for i, label in enumerate(cases.labels):
            one = _one(cases, case, i)
            if one is not None:
                truth, answer, score, wrong, place, cell = one
                yield Judged(image_id=image_id, file=cases.files[case], label=label, truth=truth, answer=answer,
                             score=score, wrong=wrong, place=place, cell=cell)  # fmt: skip


def _one(
    cases: "KeptCases", case: int, i: int
) -> tuple[str, str, str, bool | None, float, tuple[int, int] | None] | None:
    truth, answer, score = cases.truth[case][i], cases.answer[case][i], float(cases.score[case, i])
    false = float(cases.false[case, i])
    if truth in (YES, NO) and answer in (YES, NO):
        wrong = truth != answer
        sure = abs(score - 0.5)
        way = {(YES, YES): 0, (YES, NO): 1, (NO, YES): 2, (NO, NO): 3}[truth, answer]
        return truth, answer, f"score {number_text(score)}", wrong, -sure if wrong else sure, (i, way)
    if not isnan(false) and truth.isdigit() and answer.isdigit():
        missed = int(truth) - (int(answer) - int(false))
        words = counted(int(answer), "box", "boxes") + (f", {int(false)} false" if false else "")
        overlap = "" if isnan(score) else f"overlap {number_text(score)}"
        bad = false + missed
        return counted(int(truth), "box", "boxes"), words, overlap, bool(bad), -bad, None
    if truth == UNKNOWN or isnan(score):
        return None
    if truth in (THERE, EMPTY):
        return f"mask {truth}", f"mask {answer}" if answer else "", f"overlap {number_text(score)}", None, score, None
    return truth, answer, f"off by {score:.4g}", None, -score, None
