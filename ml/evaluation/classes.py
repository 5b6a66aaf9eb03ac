"""Figures of whole-image labels: AUC, accuracy, macro F1; unknown labels are left out."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.metrics import accuracy_threshold, auc, aucs, f1, f1_threshold

Floats = NDArray[np.float64]


def choose_threshold(truth: Floats, scores: Floats, *, exclusive: bool) -> float:
    """The operating point, from validation cases.

    Two exclusive labels: the cut on the second label's score with the highest accuracy. Several independent labels:
    the cut with the highest F1 over all of them. More exclusive labels need none (the highest wins): 0.5.
    """
    if exclusive and truth.shape[1] == 2:
        known = ~np.isnan(truth[:, 1])
        return accuracy_threshold(truth[known, 1] == 1, scores[known, 1]) if known.any() else 0.5
    if exclusive:
        return 0.5
    known = ~np.isnan(truth)
    return f1_threshold(truth[known] == 1, scores[known]) if known.any() else 0.5


def guesses(scores: Floats, threshold: float | Floats, *, exclusive: bool) -> NDArray[np.bool_]:
    """(case, label) what the model says at its operating point. threshold: one, or one per case."""
    cut = np.broadcast_to(np.asarray(threshold, np.float64), (len(scores),))
    if exclusive and scores.shape[1] == 2:
        second = scores[:, 1] >= cut
        return np.stack([~second, second], axis=1)
    if exclusive:
        return np.asarray(np.eye(scores.shape[1], dtype=np.bool_)[scores.argmax(axis=1)])
    return np.asarray(scores >= cut[:, None])


def figures(
    truth: Floats,
    scores: Floats,
    threshold: float | Floats,
    labels: Sequence[str],
    *,
    exclusive: bool,
    weights: Floats | None = None,
) -> dict[str, float]:
    """auc, accuracy, macro_f1, and auc:LABEL where there are more than two outputs.

    truth: (case, label) 1, 0 or NaN. scores: (case, label). NaN stands for "only one class here".
    """
    w = np.ones(len(truth)) if weights is None else weights
    known = ~np.isnan(truth)
    said = guesses(scores, threshold, exclusive=exclusive)
    per_auc, per_f1 = [], []
    for i in range(len(labels)):
        k = known[:, i]
        positive = truth[k, i] == 1
        per_auc.append(auc(positive, scores[k, i], w[k]))
        per_f1.append(f1(positive, said[k, i], w[k]))
    if exclusive:
        k = known.all(axis=1)
        right = (said[k] == (truth[k] == 1)).all(axis=1)
        accuracy = _mean(right.astype(np.float64), w[k])
    else:
        right = (said == (truth == 1))[known]
        accuracy = _mean(right.astype(np.float64), np.broadcast_to(w[:, None], known.shape)[known])
    binary = exclusive and len(labels) == 2
    result = {
        "auc": per_auc[1] if binary else _nanmean(per_auc),
        "accuracy": accuracy,
        "macro_f1": _nanmean(per_f1),
    }
    if not binary and len(labels) > 1:
        result.update({f"auc:{label}": value for label, value in zip(labels, per_auc, strict=True)})
    return result


def bootstrap_aucs(truth: Floats, scores: Floats, weights: Floats, *, exclusive: bool) -> Floats:
    """`figures`' auc for many weightings. weights: (draw, case). Returns (draw,)."""
    known = ~np.isnan(truth)
    columns = [1] if exclusive and truth.shape[1] == 2 else range(truth.shape[1])
    values = [aucs(truth[known[:, i], i] == 1, scores[known[:, i], i], weights[:, known[:, i]]) for i in columns]
    stacked = np.stack(values)
    some = ~np.isnan(stacked).all(axis=0)
    result = np.full(stacked.shape[1], np.nan)
    result[some] = np.nanmean(stacked[:, some], axis=0)
    return result


def single_class_note(truth: Floats, labels: Sequence[str], *, exclusive: bool) -> str:
    """A sentence where the AUC is not defined, "" elsewhere."""
    known = ~np.isnan(truth)
    alone = [
        label
        for i, label in enumerate(labels)
        if len(np.unique(truth[known[:, i], i])) < 2 and not (exclusive and len(labels) == 2 and i == 0)
    ]
    if not alone:
        return ""
    return f"No AUC for {', '.join(alone)}: the cases hold one class only."


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum() / total) if total > 0 else math.nan


def _nanmean(values: Sequence[float]) -> float:
    sound = [v for v in values if not math.isnan(v)]
    return float(np.mean(sound)) if sound else math.nan
