"""What a model (or a control) said of some cases, and the figures of it under any weighting of the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.average_precision import weighted_precision
from ml.evaluation.boxes import BoxCase, mean_precision
from ml.evaluation.classes import bootstrap_aucs, guesses
from ml.evaluation.metrics import matched_ious

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Outcome(Protocol):
    """One kind's answers; `primary` names the figure that decides."""

    @property
    def primary(self) -> str: ...

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """Every figure for many weightings. weights: (draw, case). Returns (draw,) each."""
        ...

    def rows(self) -> list[list[tuple[str, float, str]]]:
        """Per case (label, score, truth) for the table."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassOutcome:
    """truth: (case, label) 1, 0, NaN. scores: (case, label). thresholds, folds: (case,)."""

    truth: Floats
    scores: Floats
    thresholds: Floats
    folds: Ints
    labels: tuple[str, ...]
    exclusive: bool
    primary: str = "auc"

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """auc (pooled), auc_fold_mean, accuracy, macro_f1, and auc:LABEL where there are several outputs."""
        known = ~np.isnan(self.truth)
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        yes = self.truth == 1
        result = {"auc": self._auc(weights)}
        folds = np.unique(self.folds)
        if len(folds) > 1:
            each = np.stack([self._auc(weights * (self.folds == fold)) for fold in folds])
            result["auc_fold_mean"] = _column_means(each)
        if self.exclusive:
            whole = known.all(axis=1)
            right = (said == yes).all(axis=1)
            result["accuracy"] = _ratio(weights @ (right & whole), weights @ whole)
        else:
            result["accuracy"] = _ratio(weights @ ((said == yes) & known).sum(axis=1), weights @ known.sum(axis=1))
        hit = weights @ (said & yes & known)
        total = weights @ (said & known) + weights @ (yes & known)
        result["macro_f1"] = np.where(total > 0, 2 * hit / np.maximum(total, 1e-12), 0.0).mean(axis=1)
        if len(self.labels) > (2 if self.exclusive else 1):
            for i, label in enumerate(self.labels):
                alone = ClassOutcome(
                    truth=self.truth[:, [i]],
                    scores=self.scores[:, [i]],
                    thresholds=self.thresholds,
                    folds=self.folds,
                    labels=(label,),
                    exclusive=False,
                )
                result[f"auc:{label}"] = alone._auc(weights)
        return result

    def _auc(self, weights: Floats) -> Floats:
        return bootstrap_aucs(self.truth, self.scores, weights, exclusive=self.exclusive)

    def rows(self) -> list[list[tuple[str, float, str]]]:
        """Each label's probability."""
        words = {1.0: "yes", 0.0: "no"}
        return [
            [
                (label, float(self.scores[case, i]), words.get(float(self.truth[case, i]), "unknown"))
                for i, label in enumerate(self.labels)
            ]
            for case in range(len(self.truth))
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskOutcome:
    """dice: (case, label) at native size, NaN where unknown. present: (case, label) whether the true mask holds any."""

    dice: Floats
    present: NDArray[np.bool_]
    labels: tuple[str, ...]
    primary: str = "dice"

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """dice: mean over cases of the mean over known labels; dice:LABEL with several."""
        known = ~np.isnan(self.dice)
        some = known.any(axis=1)
        case = np.where(some, np.nansum(self.dice, axis=1) / np.maximum(known.sum(axis=1), 1), 0.0)
        result = {"dice": _ratio(weights @ case, weights @ some)}
        if len(self.labels) > 1:
            for i, label in enumerate(self.labels):
                result[f"dice:{label}"] = _ratio(weights @ np.nan_to_num(self.dice[:, i]), weights @ known[:, i])
        return result

    def rows(self) -> list[list[tuple[str, float, str]]]:
        """Each label's Dice."""
        return [
            [
                (label, float(self.dice[case, i]), "present" if self.present[case, i] else "empty")
                for i, label in enumerate(self.labels)
                if not np.isnan(self.dice[case, i])
            ]
            for case in range(len(self.dice))
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxOutcome:
    """cases: one per image, in image points."""

    cases: Sequence[BoxCase]
    labels: tuple[str, ...]
    primary: str = "iou"

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """iou: mean overlap of true boxes; map, map50, map75 (COCO)."""
        overlaps = [matched_ious(c.truth, c.truth_labels, c.boxes, c.labels, c.scores) for c in self.cases]
        total = np.array([o.sum() for o in overlaps])
        count = np.array([float(len(o)) for o in overlaps])
        result = {"iou": _ratio(weights @ total, weights @ count)}
        if len(weights) == 1 and (weights == 1).all():
            exact = mean_precision(self.cases, len(self.labels))
            return result | {name: np.array([value]) for name, value in exact.items()}
        return result | weighted_precision(self.cases, len(self.labels), weights)

    def rows(self) -> list[list[tuple[str, float, str]]]:
        """Each label's mean overlap, where the image has boxes of it."""
        table = []
        for case in self.cases:
            overlaps = matched_ious(case.truth, case.truth_labels, case.boxes, case.labels, case.scores)
            table.append(
                [
                    (label, float(overlaps[case.truth_labels == i].mean()), f"{int((case.truth_labels == i).sum())}")
                    for i, label in enumerate(self.labels)
                    if (case.truth_labels == i).any()
                ]
            )
        return table


def _ratio(top: Floats, bottom: Floats) -> Floats:
    result: Floats = np.where(bottom > 0, top / np.maximum(bottom, 1e-12), np.nan)
    return result


def _column_means(values: Floats) -> Floats:
    """Mean over the first axis of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    return _ratio(np.nansum(values, axis=0), known.sum(axis=0).astype(np.float64))
