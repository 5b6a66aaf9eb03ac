"""Average precision of whole-image scores under weights, as scikit-learn defines it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def average_precisions(truth: Bools, scores: Floats, weights: Floats) -> Floats:
    """The sum over the cuts of precision times what recall gains there; cases of one score pass a cut together.

    No line is drawn between two cuts, which would be too good (Davis and Goadrich 2006). truth, scores: (case,).
    weights: (draw, case). Returns (draw,), NaN without a positive case, or where a score is no number.
    """
    if not len(scores) or np.isnan(scores).any():
        return np.full(len(weights), np.nan)
    order = np.argsort(-scores, kind="stable")
    starts = np.concatenate([[0], np.nonzero(np.diff(scores[order]))[0] + 1])
    weights, positive = weights[:, order], truth[order]
    gained = np.add.reduceat(weights * positive, starts, axis=1)
    hits = np.cumsum(gained, axis=1)
    called = np.cumsum(np.add.reduceat(weights, starts, axis=1), axis=1)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    total = hits[:, -1]
    result = np.full(len(weights), np.nan)
    np.divide((gained * precision).sum(axis=1), total, out=result, where=total > 0)
    return result
