"""COCO's average precision under weights, so that no box is matched again for each weighting of the cases.

Matching is per image and does not depend on the weights; only running sums do, and of those only the ones at right
boxes: between two of them precision falls. With weights of 1 it equals faster-coco-eval (a test compares them).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.boxes import BoxCase, matched
from ml.evaluation.metrics import box_iou

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
RECALLS = np.linspace(0, 1, 101)
BLOCK_BYTES = 32 << 20  # of the sums that exist at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Matches:
    """Boxes of some cases beside the true ones. labels: how many there are."""

    cases: Sequence[BoxCase]
    labels: int

    def precisions(self, weights: Floats) -> dict[str, Floats]:
        """map, map50, map75. weights: (draw, case). Returns (draw,) each, NaN without true boxes."""
        values = np.full((len(THRESHOLDS), self.labels, len(weights)), np.nan)
        for label, one in enumerate(self._each):
            rows = max(1, BLOCK_BYTES // (8 * max(1, one.segments.shape[0])))
            for start in range(0, len(weights), rows):
                part = slice(start, start + rows)
                values[:, label, part] = one.precisions(weights[part])
        known = ~np.isnan(values)
        means = np.nansum(values, axis=1) / np.maximum(known.sum(axis=1), 1)
        means[~known.any(axis=1)] = np.nan
        return {"map": means.mean(axis=0), "map50": means[0], "map75": means[THRESHOLDS.index(0.75)]}

    @cached_property
    def _each(self) -> list["_OfLabel"]:
        return [_of_label(self.cases, label) for label in range(self.labels)]


def weighted_precision(cases: Sequence[BoxCase], labels: int, weights: Floats) -> dict[str, Floats]:
    """See `Matches.precisions`."""
    return Matches(cases=cases, labels=labels).precisions(weights)


@dataclass(frozen=True, kw_only=True, eq=False)
class _OfLabel:
    """One label. wanted: (case,) true boxes. case_of: (right,) of each box that is right at any threshold, best score
    first. right: (threshold, right). segments: (right, case) how many boxes of each case come after the right one
    before, this one included; a sparse matrix, for most are 0."""

    wanted: Floats
    case_of: Ints
    right: Bools
    segments: Any

    def precisions(self, weights: Floats) -> Floats:
        """(threshold, draw) 101-point interpolated precision, NaN without true boxes. weights: (draw, case)."""
        wanted = weights @ self.wanted
        result = np.full((len(THRESHOLDS), len(weights)), np.nan)
        said = np.cumsum((self.segments @ weights.T).T, axis=1)
        each = weights[:, self.case_of]
        for t, right in enumerate(self.right):
            true = np.cumsum(each[:, right], axis=1)
            precision = true / np.maximum(said[:, right], 1e-12)
            precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
            for draw in np.nonzero(wanted > 0)[0].tolist():
                if not right.any():
                    result[t, draw] = 0.0
                    continue
                place = np.searchsorted(true[draw] / wanted[draw], RECALLS, side="left")
                there = place < precision.shape[1]
                result[t, draw] = precision[draw, place[there]].sum() / len(RECALLS)
        return result


def _of_label(cases: Sequence[BoxCase], label: int) -> _OfLabel:
    """Greedy by score, as in COCO; boxes of one score in the order of their cases."""
    from scipy.sparse import coo_matrix

    case_of: list[Ints] = [np.zeros(0, np.int64)]
    scores: list[Floats] = [np.zeros(0)]
    hits: list[Bools] = [np.zeros((len(THRESHOLDS), 0), np.bool_)]
    for number, case in enumerate(cases):
        mine = np.nonzero(case.labels == label)[0]
        mine = mine[np.argsort(-case.scores[mine], kind="stable")]
        overlap = box_iou(case.boxes[mine], case.truth[case.truth_labels == label])
        right = np.zeros((len(THRESHOLDS), len(mine)), np.bool_)
        able = np.nonzero((overlap >= THRESHOLDS[0]).any(axis=1))[0]  # the others are right nowhere and take nothing
        if len(able):
            right[:, able] = [matched(overlap[able], cut) for cut in THRESHOLDS]
        case_of.append(np.full(len(mine), number, np.int64))
        scores.append(case.scores[mine])
        hits.append(right)
    order = np.argsort(-np.concatenate(scores), kind="stable")
    whose, right = np.concatenate(case_of)[order], np.concatenate(hits, axis=1)[:, order]
    some = np.nonzero(right.any(axis=0))[0]
    segment = np.searchsorted(some, np.arange(len(whose)))
    kept = segment < len(some)  # what comes after the last right box lowers no precision that counts
    ones = np.ones(int(kept.sum()))
    return _OfLabel(
        wanted=np.array([float((case.truth_labels == label).sum()) for case in cases]),
        case_of=whose[some],
        right=right[:, some],
        segments=coo_matrix((ones, (segment[kept], whose[kept])), shape=(len(some), len(cases))).tocsr(),
    )
