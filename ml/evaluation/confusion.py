"""Which label was taken for which, in boxes or in pixels, with the cases of each number. Loads no torch.

Boxes are matched by the one rule of all figures (`boxes.hits`: best score first, at an overlap of 0.5, within a label);
what is left over on both sides is then matched in the same way whatever its label: a thing that was found, and called
something else. Pixels that are truly of one label and were said to be of another, which is not there, count likewise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.boxes import RIGHT_IOU, BoxCase, hits
from ml.evaluation.case_tables import CaseTable
from ml.evaluation.metrics import box_iou
from viewer.core.checked import Fields

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BOXES, PIXELS = "boxes", "pixels"
NOTHING_THERE, NOT_FOUND = "nothing there", "not found"
MOST_LABELS, MOST_CELL_CASES = 12, 100  # of a table that can be read; of the cases that a number lists
MOST_COUNT = 10**15
_NOTES = {
    BOXES: "A true box is found where a shown one of its label overlaps it by 0.5 or more; one that is left over and "
    "overlaps one of another label as much was taken for that.",
    PIXELS: "Pixels of all cases together, at the images' own size: large things weigh more than small ones here.",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Confusion:
    """unit: BOXES or PIXELS. each: (case, label + 1, label + 1) what is there against what was said of it; the last
    row is where nothing is there, the last column where nothing was said. Nothing against nothing is 0, not counted."""

    unit: str
    labels: tuple[str, ...]
    each: Ints

    def to_json(self, images: Sequence[str]) -> dict[str, Any]:
        """{"unit", "labels", "counts", "cells"}; a cell is {"row", "column", "cases": [[image id, count], ...]}, those
        of most first. images: (case,) ids."""
        cells = []
        for row, column in np.argwhere(self.each.sum(axis=0)).tolist():
            counts = self.each[:, row, column]
            most = np.argsort(-counts, kind="stable")[:MOST_CELL_CASES]
            cases = [[images[case], int(counts[case])] for case in most.tolist() if counts[case]]
            cells.append({"row": row, "column": column, "cases": cases})
        counts = self.each.sum(axis=0).tolist()
        return {"unit": self.unit, "labels": list(self.labels), "counts": counts, "cells": cells}

    def table(self) -> CaseTable:
        """For the page."""
        heads = ("Truth", *(f"taken for {label}" for label in self.labels), NOT_FOUND)
        counts = self.each.sum(axis=0).tolist()
        names = (*self.labels, NOTHING_THERE)
        rows = [(name, *map(str, row)) for name, row in zip(names, counts, strict=True)]
        rows[-1] = (*rows[-1][:-1], "")
        return CaseTable(
            title=f"Truth and answers, in {self.unit}", columns=heads, rows=tuple(rows), note=_NOTES[self.unit]
        )


def box_confusion(cases: Sequence[BoxCase], cuts: Sequence[float], labels: tuple[str, ...]) -> Confusion:
    """Of the boxes that are shown. cuts: (case,)."""
    nothing = len(labels)
    each = np.zeros((len(cases), nothing + 1, nothing + 1), np.int64)
    for number, (case, cut) in enumerate(zip(cases, cuts, strict=True)):
        shown = case.scores >= cut
        right = hits(case)[shown]
        boxes, said = case.boxes[shown], case.labels[shown]
        scores, counts = case.scores[shown], each[number]
        counts[np.diag_indices(nothing)] += np.bincount(said[right], minlength=nothing)
        found = _found(case, boxes[right], said[right], scores[right])
        free_boxes, free_said = boxes[~right], said[~right]
        order = np.argsort(-scores[~right], kind="stable")
        overlap = box_iou(free_boxes[order], case.truth[~found])
        true = case.truth_labels[~found].copy()
        for place, label in enumerate(free_said[order].tolist()):
            open_overlap = overlap[place]
            best = int(open_overlap.argmax()) if len(open_overlap) else -1
            if best >= 0 and open_overlap[best] >= RIGHT_IOU:
                counts[true[best], label] += 1
                overlap[:, best] = -1.0
                true[best] = -1
            else:
                counts[nothing, label] += 1
        counts[:nothing, nothing] += np.bincount(true[true >= 0], minlength=nothing)
    return Confusion(unit=BOXES, labels=labels, each=each)


def _found(case: BoxCase, boxes: NDArray[np.float64], labels: Ints, scores: NDArray[np.float64]) -> Bools:
    """(n,) which true boxes the right ones found: each took the free one of its label that it overlaps most."""
    found = np.zeros(len(case.truth), np.bool_)
    for label in np.unique(labels):
        mine = np.nonzero(labels == label)[0]
        mine = mine[np.argsort(-scores[mine], kind="stable")]
        places = np.nonzero(case.truth_labels == label)[0]
        for row in box_iou(boxes[mine], case.truth[places]):
            free = np.where(found[places], -1.0, row)
            found[places[int(free.argmax())]] = True
    return found


def pixel_counts(truth: Sequence[Bools | None], said: Sequence[Bools]) -> Ints:
    """(label + 1, label + 1) of one image. truth, said: of each label (row, col), None where it is not known.

    A pixel of a label that was not said there counts for each other label that was said there and is not there; it was
    not found where there is none. What was said where it is not there is false unless it stands for such a label.
    """
    count = len(said)
    counts = np.zeros((count + 1, count + 1), np.int64)
    known = [i for i, mask in enumerate(truth) if mask is not None]
    missed_any = np.zeros(said[0].shape, np.bool_) if count else np.zeros((0, 0), np.bool_)
    wrong = {j: said[j] & ~_of(truth, j) for j in known}
    for i in known:
        true = _of(truth, i)
        missed = true & ~said[i]
        missed_any |= missed
        counts[i, i] = int((true & said[i]).sum())
        instead = np.zeros_like(missed)
        for j in known:
            if j != i:
                taken = missed & wrong[j]
                counts[i, j] = int(taken.sum())
                instead |= taken
        counts[i, count] = int((missed & ~instead).sum())
    for j in known:
        counts[count, j] = int((wrong[j] & ~missed_any).sum())
    return counts


def _of(truth: Sequence[Bools | None], label: int) -> Bools:
    mask = truth[label]
    assert mask is not None
    return mask


def add_confusion(document: dict[str, Any], confusion: Confusion | None, images: Sequence[str]) -> None:
    """Put it into a report's document: "confusion", and first of its tables. images: (case,) ids."""
    if confusion is not None:
        document["confusion"] = confusion.to_json(images)
        document["tables"].insert(0, confusion.table().to_json())


def read_confusion(report: Fields) -> dict[str, Any] | None:
    """That of a report, each part of the type that it must be; None where it has none."""
    if report.plain_or_none("confusion") is None:
        return None
    fields = report.inner("confusion")
    labels = fields.texts("labels", most=1000)
    side = len(labels) + 1
    counts, cells = fields.plain_value("counts"), fields.plain_value("cells")
    if (
        not isinstance(counts, list)
        or len(counts) != side
        or any(
            not isinstance(row, list) or len(row) != side or not all(_is_count(one) for one in row) for row in counts
        )
    ):
        raise fields.refuse("counts", f"{side} rows of {side} whole numbers")
    if not isinstance(cells, list) or len(cells) > side * side:
        raise fields.refuse("cells", f"a list of at most {side * side} cells")
    return {
        "unit": fields.word("unit", (BOXES, PIXELS)),
        "labels": list(labels),
        "counts": counts,
        "cells": [_cell(fields.among(cell, "cells"), side) for cell in cells],
    }


def _cell(cell: Fields, side: int) -> dict[str, Any]:
    cases = cell.plain_value("cases")
    if (
        not isinstance(cases, list)
        or len(cases) > MOST_CELL_CASES
        or any(
            not isinstance(one, list) or len(one) != 2 or not isinstance(one[0], str) or not _is_count(one[1])
            for one in cases
        )
    ):
        raise cell.refuse("cases", f"at most {MOST_CELL_CASES} images, each with a whole number")
    return {"row": cell.integer("row", 0, side - 1), "column": cell.integer("column", 0, side - 1), "cases": cases}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT
