"""Figures, in numpy. Weights let the bootstrap draw cases without copying them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def auc(truth: Bools, scores: Floats, weights: Floats | None = None) -> float:
    """Area under the ROC curve, ties counted half; NaN when only one class is there.

    truth, scores, weights: (case,).
    """
    values = aucs(truth, scores, np.ones((1, len(scores))) if weights is None else weights[None])
    return float(values[0])


def aucs(truth: Bools, scores: Floats, weights: Floats) -> Floats:
    """`auc` for many weightings at once. weights: (draw, case).

    Returns (draw,), NaN where a class is missing or a score is no number: that has no place in an order.
    """
    if not len(scores) or np.isnan(scores).any():
        return np.full(len(weights), np.nan)
    order = np.argsort(scores, kind="stable")
    sorted_scores, positive = scores[order], truth[order]
    weights = weights[:, order]
    starts = np.concatenate([[0], np.nonzero(np.diff(sorted_scores))[0] + 1])
    up = np.add.reduceat(weights * positive, starts, axis=1)
    down = np.add.reduceat(weights * ~positive, starts, axis=1)
    below = np.cumsum(down, axis=1) - down
    pairs = up.sum(axis=1) * down.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.where(pairs > 0, (up * (below + down / 2)).sum(axis=1) / pairs, np.nan)
    return result


def f1(truth: Bools, guess: Bools, weights: Floats | None = None) -> float:
    """2 TP / (2 TP + FP + FN); 0 when there is nothing to find and nothing was found."""
    w = np.ones(len(truth)) if weights is None else weights
    hit = float((w * (truth & guess)).sum())
    total = float((w * truth).sum() + (w * guess).sum())
    return 2 * hit / total if total > 0 else 0.0


def dice(truth: Bools, guess: Bools) -> float:
    """2 |A and B| / (|A| + |B|). The empty rule: one empty is 0, both empty is not defined (NaN), in no mean."""
    total = int(truth.sum()) + int(guess.sum())
    return 2.0 * int((truth & guess).sum()) / total if total else float("nan")


def box_iou(a: Floats, b: Floats) -> Floats:
    """(n, 4) and (m, 4) boxes x0 y0 x1 y1 to (n, m) intersection over union."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    union = area_a[:, None] + area_b[None] - inter
    result: Floats = np.where(union > 0, inter / np.maximum(union, 1e-12), 0.0)
    return result


def matched_ious(
    truth: Floats, truth_labels: NDArray[np.int64], boxes: Floats, labels: NDArray[np.int64], scores: Floats
) -> Floats:
    """(truth,) the overlap of each true box with its own prediction.

    Per label, as many predictions as there are true boxes (the highest scores), each matched to one true box so
    that the overlaps' sum is largest; a true box without one counts 0.
    """
    from scipy.optimize import linear_sum_assignment

    result = np.zeros(len(truth))
    for label in np.unique(truth_labels):
        mine = np.nonzero(truth_labels == label)[0]
        theirs = np.nonzero(labels == label)[0]
        theirs = theirs[np.argsort(-scores[theirs], kind="stable")][: len(mine)]
        if len(theirs):
            overlap = box_iou(truth[mine], boxes[theirs])
            rows, cols = linear_sum_assignment(-overlap)
            result[mine[rows]] = overlap[rows, cols]
    return result


def accuracy_threshold(truth: Bools, scores: Floats) -> float:
    """The cut with the highest accuracy (score >= cut is positive), the middle of the best stretch nearest to 0.5."""
    edges = np.unique(scores)
    if not len(edges):
        return 0.5
    middles = (edges[1:] + edges[:-1]) / 2
    cuts = np.concatenate([[edges[0] / 2], middles, [(edges[-1] + 1) / 2 + 1e-9]])
    right = np.array([np.mean((scores >= cut) == truth) for cut in cuts])
    best = cuts[right >= right.max() - 1e-12]
    return float(np.clip(best[np.argmin(np.abs(best - 0.5))], 0.0, 1.0))


def f1_threshold(truth: Bools, scores: Floats) -> float:
    """The cut with the highest F1, the nearest to 0.5 of the best."""
    if not truth.any():
        return 0.5
    edges = np.unique(scores)
    cuts = np.concatenate([(edges[1:] + edges[:-1]) / 2, [0.5, edges[0] / 2]])
    values = np.array([f1(truth, scores >= cut) for cut in cuts])
    best = cuts[values >= values.max() - 1e-12]
    return float(best[np.argmin(np.abs(best - 0.5))])
