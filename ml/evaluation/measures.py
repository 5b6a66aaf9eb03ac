"""A figure as something that can be computed under any weighting of the cases, and that knows its exact interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import (
    EXACT,
    EXACT_PAIRS,
    EXACT_PATIENTS,
    Figure,
    exact_interval,
    interval,
    one_patient,
)
from ml.evaluation.metrics import aucs
from viewer.core.text.counting import counted

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NOTHING_COUNTS = "no case counts for it"
ONE_CLASS = "the cases hold one class only"
NOTHING_THERE = "no label occurs, neither in the truth nor in the answers"
NO_BOX = "there is no box, neither true nor proposed"
NO_TRUE_BOX = "there is no true box"
NO_NUMBER = "a score is no number"


class Measure(Protocol):
    """One figure of some cases."""

    @property
    def counts(self) -> Bools:
        """(case,) which cases count for it at all."""
        ...

    @property
    def undefined(self) -> str:
        """Why it is not defined, where it is not."""
        ...

    @property
    def certain(self) -> bool:
        """Whether it would be the same of any other patients, as the area of one score for all is."""
        ...

    def values(self, weights: Floats) -> Floats:
        """The figure for many weightings. weights: (draw, case). Returns (draw,), NaN where it is not defined."""
        ...

    def exact(self, patients: NDArray[np.object_]) -> Figure | None:
        """The figure with its exact interval, where there is one; patients: (case,). None: resample."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """Sum of `top` over sum of `bottom`. counted: both count the same things, so that it is a share of them."""

    top: Floats
    bottom: Floats
    counted: bool = False
    undefined: str = NOTHING_COUNTS
    certain: bool = False

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(self.bottom > 0)

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return ratio(weights @ self.top, weights @ self.bottom)

    def exact(self, patients: NDArray[np.object_]) -> Figure | None:
        """Where each patient has one thing, or where all things of all patients are hits, or none is."""
        if not self.counted:
            return None
        names, index = np.unique(patients[self.counts].astype(str), return_inverse=True)
        hits = np.bincount(index, self.top[self.counts], minlength=len(names))
        totals = np.bincount(index, self.bottom[self.counts], minlength=len(names))
        value = float(hits.sum() / totals.sum())
        if (totals == 1).all():
            low, high = exact_interval(round(hits.sum()), len(names))
            return Figure(value=value, low=low, high=high, method=EXACT)
        # Several things of a patient are alike and no independent trials; whole patients are.
        if value in (0.0, 1.0):
            low, high = exact_interval(round(value) * len(names), len(names))
            return Figure(value=value, low=low, high=high, method=EXACT_PATIENTS.format(counted(len(names), "patient")))
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Area under the ROC curve of one label. truth: (case,) 1, 0, NaN where unknown. scores: (case,)."""

    truth: Floats
    scores: Floats
    undefined: str = ONE_CLASS

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(~np.isnan(self.truth))

    @property
    def certain(self) -> bool:
        """See `Measure`."""
        return len(np.unique(self.scores[self.counts])) == 1

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        known = self.counts
        return aucs(self.truth[known] == 1, self.scores[known], weights[:, known])

    def exact(self, patients: NDArray[np.object_]) -> Figure | None:
        """Where every score is the same; and where all are in order, from pairs that share no patient.

        Each pair of a patient with and one without the label is in order with a chance that is the area, so as many
        pairs as can be made of different patients are a binomial trial each.
        """
        known = self.counts
        if self.certain:
            return Figure(value=0.5, why="every case has the same score, so nothing is ranked")
        value = float(self.values(np.ones((1, len(self.truth))))[0])
        if value not in (0.0, 1.0):
            return None
        names = patients.astype(str)
        with_it, without = (len(set(names[self.truth == side])) for side in (1, 0))
        pairs = min(with_it, without, len(set(names[known])) // 2)
        if not pairs:
            return None
        low, high = exact_interval(round(value) * pairs, pairs)
        return Figure(value=value, low=low, high=high, method=EXACT_PAIRS.format(counted(pairs, "pair")))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed:
    """Any other figure, by its function of weights (draw, case) to (draw,); it has no exact interval."""

    function: Callable[[Floats], Floats]
    counts: Bools
    undefined: str = NOTHING_COUNTS
    certain: bool = False

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return self.function(weights)

    def exact(self, patients: NDArray[np.object_]) -> Figure | None:
        """None."""
        return None


def figure_of(measure: Measure, patients: Sequence[str], weights: Floats) -> Figure:
    """The figure with the interval that holds for it. weights: those of `patient_weights` for these patients."""
    value = float(measure.values(np.ones((1, len(patients))))[0])
    if not np.isfinite(value):
        return Figure(value=float("nan"), why=measure.undefined)
    named = np.asarray(patients, dtype=object)
    count = len(set(named[measure.counts].astype(str)))
    if count < 2:
        return Figure(value=value, why=one_patient())
    return measure.exact(named) or interval(value, measure.values(weights), count)


def ratio(top: Floats, bottom: Floats) -> Floats:
    """top / bottom, NaN where bottom is 0."""
    result = np.full(np.shape(top), np.nan)
    np.divide(top, bottom, out=result, where=np.asarray(bottom) > 0)
    return result


def mean_of_defined(values: Floats) -> Floats:
    """Mean over the first axis of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    return ratio(np.nansum(values, axis=0), known.sum(axis=0).astype(np.float64))
