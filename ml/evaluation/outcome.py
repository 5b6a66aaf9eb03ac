"""What a model (or a control) said of some cases: the measures of it, and a row for each case and label."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.average_precision import weighted_precision
from ml.evaluation.boxes import BoxCase, hits
from ml.evaluation.classes import bootstrap_aucs, guesses
from ml.evaluation.measures import (
    NO_BOX,
    NO_NUMBER,
    NO_TRUE_BOX,
    NOTHING_THERE,
    ONE_CLASS,
    Computed,
    Measure,
    Ranking,
    Share,
    mean_of_defined,
    ratio,
)
from ml.evaluation.metrics import matched_ious

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case's one label in the table. score: None where the case is left out of the figure.

    truth, answer: what is there and what was said. false: proposed boxes without a true one, None for other kinds.
    """

    label: str
    score: float | None
    truth: str
    answer: str
    false: int | None = None


class Outcome(Protocol):
    """One kind's answers; `primary` names the figure that decides."""

    __slots__ = ()

    @property
    def primary(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def measures(self) -> dict[str, Measure]:
        """Every figure."""
        ...

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """Every figure for many weightings. weights: (draw, case). Returns (draw,) each, NaN where not defined."""
        return {name: measure.values(weights) for name, measure in self.measures().items()}

    def rows(self) -> list[list[CaseRow]]:
        """Per case one row for each label, what is empty or unknown included."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassOutcome(Outcome):
    """truth: (case, label) 1, 0, NaN. scores: (case, label). thresholds, folds: (case,)."""

    truth: Floats
    scores: Floats
    thresholds: Floats
    folds: Ints
    labels: tuple[str, ...]
    exclusive: bool
    primary: str = "auc"

    def measures(self) -> dict[str, Measure]:
        """auc (pooled), auc_fold_mean, accuracy, macro_f1, and auc:LABEL where there are several outputs.

        macro_f1 is the mean over the labels that occur, in the truth or in the answers (as scikit-learn's f1_score).
        """
        known = ~np.isnan(self.truth)
        some = np.asarray(known.any(axis=1))
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        yes = self.truth == 1
        result: dict[str, Measure] = {"auc": self._ranking()}
        if len(np.unique(self.folds)) > 1:
            result["auc_fold_mean"] = Computed(function=self._fold_mean, counts=some, undefined=ONE_CLASS)
        if self.exclusive:
            whole = known.all(axis=1)
            right = (said == yes).all(axis=1) & whole
            result["accuracy"] = Share(top=right.astype(float), bottom=whole.astype(float), counted=True)
        else:
            right = ((said == yes) & known).sum(axis=1)
            result["accuracy"] = Share(top=right.astype(float), bottom=known.sum(axis=1).astype(float), counted=True)

        def macro_f1(weights: Floats) -> Floats:
            hit = weights @ (said & yes & known)
            total = weights @ (said & known) + weights @ (yes & known)
            return mean_of_defined(ratio(2 * hit, total).T)

        result["macro_f1"] = Computed(function=macro_f1, counts=some, undefined=NOTHING_THERE)
        if len(self.labels) > (2 if self.exclusive else 1):
            for i, label in enumerate(self.labels):
                result[f"auc:{label}"] = Ranking(truth=self.truth[:, i], scores=self.scores[:, i])
        return self._sound(result, known)

    def _sound(self, measures: dict[str, Measure], known: Bools) -> dict[str, Measure]:
        """No figure of scores that are no numbers: an order or a cut makes one of them all the same."""
        if np.isfinite(self.scores[known]).all():
            return measures
        nothing = Computed(
            function=lambda weights: np.full(len(weights), np.nan),
            counts=np.asarray(known.any(axis=1)),
            undefined=NO_NUMBER,
        )
        return dict.fromkeys(measures, nothing)

    def _ranking(self) -> Measure:
        """The area under the curve of the one label that says it all, or the mean over the labels."""
        column = 1 if self.exclusive and len(self.labels) == 2 else 0
        if len(self.labels) == 1 or column:
            return Ranking(truth=self.truth[:, column], scores=self.scores[:, column])
        return Computed(function=self._aucs, counts=np.asarray(~np.isnan(self.truth).all(axis=1)), undefined=ONE_CLASS)

    def _aucs(self, weights: Floats) -> Floats:
        return bootstrap_aucs(self.truth, self.scores, weights, exclusive=self.exclusive)

    def _fold_mean(self, weights: Floats) -> Floats:
        return mean_of_defined(np.stack([self._aucs(weights * (self.folds == fold)) for fold in np.unique(self.folds)]))

    def rows(self) -> list[list[CaseRow]]:
        """Each label's probability, unknown ones too; the answer is what is said at the operating point."""
        words = {1.0: YES, 0.0: NO}
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        return [
            [
                CaseRow(
                    label=label,
                    score=float(self.scores[case, i]),
                    truth=words.get(float(self.truth[case, i]), UNKNOWN),
                    answer=YES if said[case, i] else NO,
                )
                for i, label in enumerate(self.labels)
            ]
            for case in range(len(self.truth))
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskOutcome(Outcome):
    """dice: (case, label) at native size, NaN where unknown. present: (case, label) whether the true mask holds any."""

    dice: Floats
    present: Bools
    labels: tuple[str, ...]
    primary: str = "dice"

    def measures(self) -> dict[str, Measure]:
        """dice: mean over cases of the mean over known labels; dice:LABEL with several."""
        known = ~np.isnan(self.dice)
        some = known.any(axis=1)
        case = np.where(some, np.nansum(self.dice, axis=1) / np.maximum(known.sum(axis=1), 1), 0.0)
        result: dict[str, Measure] = {"dice": Share(top=case, bottom=some.astype(float))}
        if len(self.labels) > 1:
            for i, label in enumerate(self.labels):
                result[f"dice:{label}"] = Share(top=np.nan_to_num(self.dice[:, i]), bottom=known[:, i].astype(float))
        return result

    def rows(self) -> list[list[CaseRow]]:
        """Each label's Dice; a label that is not known of a case has none."""
        return [[self._row(case, i) for i in range(len(self.labels))] for case in range(len(self.dice))]

    def _row(self, case: int, i: int) -> CaseRow:
        value = float(self.dice[case, i])
        there = "present" if self.present[case, i] else "empty"
        known = not np.isnan(value)
        return CaseRow(
            label=self.labels[i], score=value if known else None, truth=there if known else UNKNOWN, answer=""
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxOutcome(Outcome):
    """cases: one per image, in image points. thresholds: (case,) the operating points.

    The figure that decides is the F1 of the boxes that a reader is shown: it counts what is missed and what is proposed
    where nothing is. The mean overlap of true boxes counts neither look-alikes nor boxes beyond the true number.
    """

    cases: Sequence[BoxCase]
    thresholds: Floats
    labels: tuple[str, ...]
    primary: str = "f1"
    _precision: list[tuple[Floats, dict[str, Floats]]] = field(default_factory=list)

    def measures(self) -> dict[str, Measure]:
        """f1, precision, recall, false_positives at the operating point; iou; map, map50, map75 as COCO."""
        true, said, right = self._counts().sum(axis=2).astype(np.float64)
        overlaps = [matched_ious(c.truth, c.truth_labels, c.boxes, c.labels, c.scores) for c in self.cases]
        found = np.array([o.sum() for o in overlaps])
        every = np.ones(len(self.cases))
        result: dict[str, Measure] = {
            "f1": Share(top=2 * right, bottom=true + said, undefined=NO_BOX),
            "precision": Share(top=right, bottom=said, counted=True, undefined="no box is proposed"),
            "recall": Share(top=right, bottom=true, counted=True, undefined=NO_TRUE_BOX),
            "false_positives": Share(top=said - right, bottom=every),
            "iou": Share(top=found, bottom=true, undefined=NO_TRUE_BOX),
        }
        for name in ("map", "map50", "map75"):
            result[name] = Computed(
                function=lambda weights, name=name: self._precisions(weights)[name],  # type: ignore[misc]
                counts=every > 0,
                undefined=NO_TRUE_BOX,
            )
        return result

    def _precisions(self, weights: Floats) -> dict[str, Floats]:
        """The three together, remembered for the draws asked last: most of the work is the same."""
        if len(weights) == 1:
            return weighted_precision(self.cases, len(self.labels), weights)
        if not self._precision or self._precision[0][0] is not weights:
            self._precision[:] = [(weights, weighted_precision(self.cases, len(self.labels), weights))]
        return self._precision[0][1]

    def _counts(self) -> Ints:
        """(3, case, label): true boxes, boxes at or above the cut, and how many of these are right."""
        counts = np.zeros((3, len(self.cases), len(self.labels)), np.int64)
        for number, (case, cut) in enumerate(zip(self.cases, self.thresholds.tolist(), strict=True)):
            shown = case.scores >= cut
            for kind, labels in enumerate((case.truth_labels, case.labels[shown], case.labels[shown & hits(case)])):
                counts[kind, number] = np.bincount(labels, minlength=len(self.labels))
        return counts

    def rows(self) -> list[list[CaseRow]]:
        """Each label's mean overlap, number of true boxes, of boxes shown and of false ones; images without any too."""
        table = []
        for case, true, shown, right in zip(self.cases, *self._counts(), strict=True):
            overlaps = matched_ious(case.truth, case.truth_labels, case.boxes, case.labels, case.scores)
            table.append(
                [
                    CaseRow(
                        label=label,
                        score=float(overlaps[case.truth_labels == i].mean()) if true[i] else None,
                        truth=f"{true[i]}",
                        answer=f"{shown[i]}",
                        false=int(shown[i] - right[i]),
                    )
                    for i, label in enumerate(self.labels)
                ]
            )
        return table
