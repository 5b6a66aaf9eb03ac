"""COCO's average precision under weights, so that the bootstrap need not match boxes again for every draw.

Matching is per image and does not depend on the weights; only the running sums do. With weights of 1 it equals
faster-coco-eval (a test compares them).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.boxes import BoxCase, matched
from ml.evaluation.metrics import box_iou

Floats = NDArray[np.float64]

THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
RECALLS = np.linspace(0, 1, 101)
_DRAWS_AT_ONCE = 200


def weighted_precision(cases: Sequence[BoxCase], labels: int, weights: Floats) -> dict[str, Floats]:
    """map, map50, map75. weights: (draw, case). Returns (draw,) each, NaN without true boxes."""
    values = np.full((len(THRESHOLDS), labels, len(weights)), np.nan)
    for label in range(labels):
        case_of, scores, hits = _matches(cases, label)
        wanted = weights @ np.array([float((case.truth_labels == label).sum()) for case in cases])
        order = np.argsort(-scores, kind="stable")
        for start in range(0, len(weights), _DRAWS_AT_ONCE):
            part = slice(start, start + _DRAWS_AT_ONCE)
            w = weights[part][:, case_of[order]]
            for t in range(len(THRESHOLDS)):
                values[t, label, part] = _precision(w, hits[t, order], wanted[part])
    known = ~np.isnan(values)
    means = np.nansum(values, axis=1) / np.maximum(known.sum(axis=1), 1)
    means[~known.any(axis=1)] = np.nan
    return {"map": means.mean(axis=0), "map50": means[0], "map75": means[THRESHOLDS.index(0.75)]}


def _matches(cases: Sequence[BoxCase], label: int) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Case (n,), score (n,) and hit (threshold, n) of every prediction of a label; greedy by score, as in COCO."""
    case_of: list[int] = []
    scores: list[float] = []
    hits: list[NDArray[np.bool_]] = []
    for number, case in enumerate(cases):
        mine = np.nonzero(case.labels == label)[0]
        mine = mine[np.argsort(-case.scores[mine], kind="stable")]
        overlap = box_iou(case.boxes[mine], case.truth[case.truth_labels == label])
        case_of += [number] * len(mine)
        scores += case.scores[mine].tolist()
        hits.append(np.stack([matched(overlap, cut) for cut in THRESHOLDS]))
    joined = np.concatenate(hits, axis=1) if hits else np.zeros((len(THRESHOLDS), 0), np.bool_)
    return np.array(case_of, np.int64), np.array(scores, np.float64), joined


def _precision(weights: Floats, hit: NDArray[np.bool_], wanted: Floats) -> Floats:
    """(draw,) 101-point interpolated precision. weights: (draw, prediction) by falling score."""
    result = np.full(len(wanted), np.nan)
    true = np.cumsum(weights * hit, axis=1)
    false = np.cumsum(weights * ~hit, axis=1)
    for draw in np.nonzero(wanted > 0)[0].tolist():
        if not weights.shape[1]:
            result[draw] = 0.0
            continue
        recall = true[draw] / wanted[draw]
        precision = true[draw] / np.maximum(true[draw] + false[draw], 1e-12)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        place = np.searchsorted(recall, RECALLS, side="left")
        result[draw] = np.where(place < len(precision), precision[np.minimum(place, len(precision) - 1)], 0.0).mean()
    return result
