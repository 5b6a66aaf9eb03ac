"""Whole-image labels: the operating point, what the model says at it, and AUCs; unknown labels are left out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.metrics import accuracy_threshold, f1_threshold
from ml.operating_points import Counts, counts_of
from viewer.core.deciding import Decides, DecisionRule, decision_rule

Floats = NDArray[np.float64]


def choose_threshold(truth: Floats, scores: Floats, *, exclusive: bool) -> float:
    """The operating point, from validation cases.

    Two exclusive labels: the cut on the second label's score with the highest accuracy. Several independent labels:
    the cut with the highest F1 over all of them. More exclusive labels need none (the highest wins): 0.5.
    """
    by = rule_of(tuple(map(str, range(truth.shape[1]))), exclusive=exclusive).by
    if by is Decides.SECOND:
        known = ~np.isnan(truth[:, 1])
        return accuracy_threshold(truth[known, 1] == 1, scores[known, 1]) if known.any() else 0.5
    if by is Decides.HIGHEST:
        return 0.5
    known = ~np.isnan(truth)
    return f1_threshold(truth[known] == 1, scores[known]) if known.any() else 0.5


def class_counts(truth: Floats, scores: Floats, *, exclusive: bool) -> Counts | None:
    """What each cut says of the known labels together; None where no score is cut. truth, scores: (case, label)."""
    by = rule_of(tuple(map(str, range(truth.shape[1]))), exclusive=exclusive).by
    if by is Decides.HIGHEST:
        return None
    columns = slice(1, 2) if by is Decides.SECOND else slice(None)
    known = ~np.isnan(truth[:, columns])
    positive = truth[:, columns][known] == 1
    return counts_of(positive, scores[:, columns][known], negatives=float((~positive).sum()))


def rule_of(labels: tuple[str, ...], *, exclusive: bool) -> DecisionRule:
    """How scores of whole-image labels become the answers."""
    return decision_rule("classification", labels, exclusive=exclusive)


def guesses(scores: Floats, threshold: float | Floats, *, exclusive: bool) -> NDArray[np.bool_]:
    """(case, label) what the model says at its operating point. threshold: one, or one per case."""
    labels = tuple(str(number) for number in range(scores.shape[1]))
    return rule_of(labels, exclusive=exclusive).said(scores, threshold)


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
