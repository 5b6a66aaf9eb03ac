"""A figure as something that can be computed under any weighting of the cases, and that knows its exact interval."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import (
    AMOUNT,
    ANY,
    EXACT,
    EXACT_PAIRS,
    EXACT_PATIENTS,
    FEWEST_OF_A_CLASS,
    FEWEST_PATIENTS,
    SHARE,
    Figure,
    Span,
    exact_interval,
    interval,
    one_patient,
    too_few,
    within_trials,
)
from ml.evaluation.leaving_out import Groups, equal_patients
from ml.evaluation.metrics import aucs
from viewer.core.text.counting import counted

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
# What is added up: floats, or counts at an eighth of their memory (100,000 cases of 14 labels: a thousand columns).
Amounts = NDArray[Any]

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

    @property
    def span(self) -> Span:
        """The ends that it cannot pass."""
        ...

    @property
    def fewest(self) -> int:
        """How many patients must count for it before it has an interval that is not exact."""
        ...

    @property
    def classes(self) -> tuple[Floats, ...]:
        """Each truth, (case,) 1, 0 or NaN, of which it takes patients of both kinds."""
        ...

    def values(self, weights: Floats) -> Floats:
        """The figure for many weightings. weights: (draw, case). Returns (draw,), NaN where it is not defined."""
        ...

    def left_out(self, groups: Groups) -> Floats:
        """(group,) the figure without each, NaN where it is not defined."""
        ...

    def exact(self, patients: NDArray[Any]) -> Figure | None:
        """The figure with its exact interval, where there is one; patients: (case,) the number of each case's. None: by
        the spread."""
        ...

    def trials(self, patients: NDArray[Any]) -> float:
        """Of how many equal patients it would be the share if all cases of each were alike; NaN where it is none."""
        ...


class BySpread:
    """Of `Measure`: a figure of which nothing but its spread tells."""

    __slots__ = ()

    def exact(self, patients: NDArray[Any]) -> Figure | None:
        """None."""
        return None

    def trials(self, patients: NDArray[Any]) -> float:
        """NaN."""
        return float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """Sum of `top` over sum of `bottom`. counted: both count the same things, so that it is a share of them.

    amount: it may be more than 1, though it happens not to be (errors in mm, false boxes for each image). hit_weight:
    how many times as much a hit counts as a miss, 2 in F1.
    fewest: fewer patients are enough for a share of one class, of which a table holds others.
    """

    top: Amounts
    bottom: Amounts
    counted: bool = False
    amount: bool = False
    hit_weight: float = 1.0
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(self.bottom > 0)

    @property
    def span(self) -> Span:
        """A share where no top is more than its bottom; an amount where none is less than nothing."""
        if not (self.top >= 0).all():
            return ANY
        return SHARE if not self.amount and (self.top <= self.bottom).all() else AMOUNT

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return ratio(weights @ self.top, weights @ self.bottom)

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        tops, bottoms = groups.sums(np.stack([self.top, self.bottom], axis=1)).T
        return ratio(tops.sum() - tops, bottoms.sum() - bottoms)

    def exact(self, patients: NDArray[Any]) -> Figure | None:
        """Where each patient has one thing, or where all things of all patients are hits, or none is.

        A mean of scores that are all 1 (or all 0) is at least the share of patients who have nothing else.
        """
        names, index = np.unique(patients[self.counts], return_inverse=True)
        if self.span != SHARE or (not self.counted and len(names) < self.fewest):
            return None
        hits = np.bincount(index, self.top[self.counts], minlength=len(names))
        totals = np.bincount(index, self.bottom[self.counts], minlength=len(names))
        value = float(hits.sum() / totals.sum())
        if self.counted and (totals == 1).all():
            low, high = exact_interval(round(hits.sum()), len(names))
            return Figure(value=value, low=low, high=high, method=EXACT)
        if value in (0.0, 1.0):
            low, high = exact_interval(round(value) * len(names), len(names), self.hit_weight)
            return Figure(value=value, low=low, high=high, method=EXACT_PATIENTS.format(counted(len(names), "patient")))
        return None

    def trials(self, patients: NDArray[Any]) -> float:
        """See `Measure`."""
        return equal_patients(patients, self.bottom) if self.span == SHARE else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Area under the ROC curve of one label. truth: (case,) 1, 0, NaN where unknown. scores: (case,)."""

    truth: Floats
    scores: Floats
    undefined: str = ONE_CLASS
    span: Span = SHARE
    fewest: int = FEWEST_PATIENTS

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(~np.isnan(self.truth))

    @property
    def classes(self) -> tuple[Floats, ...]:
        """See `Measure`."""
        return (self.truth,)

    @property
    def certain(self) -> bool:
        """See `Measure`."""
        return len(np.unique(self.scores[self.counts])) == 1

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        known = self.counts
        return aucs(self.truth[known] == 1, self.scores[known], weights[:, known])

    def left_out(self, groups: Groups) -> Floats:
        """All pairs less those that each group has a part in: one sort for all groups.

        The spread of these is that of Obuchowski (Biometrics 53, 1997) for clustered cases, but for the pairs within
        one patient, which are left out twice there.
        """
        groups.tick()
        known = self.counts
        truth, scores, index = self.truth[known] == 1, self.scores[known], groups.index[known]
        if np.isnan(scores).any():
            return np.full(groups.count, np.nan)
        places = np.unique(scores, return_inverse=True)[1].reshape(-1)
        up, down = places[truth], places[~truth]
        over, under = _below(up, np.sort(down)), len(up) - _below(down, np.sort(up))
        own, other = index[truth], index[~truth]
        # Within a group: the same, with the group before the place in one order.
        wide = int(places.max(initial=0)) + 1
        ordered = np.sort(other * wide + down)
        inside = _below(own * wide + up, ordered) - np.searchsorted(ordered, own * wide)
        count = groups.count
        taken = (
            np.bincount(own, over, minlength=count)
            + np.bincount(other, under, minlength=count)
            - np.bincount(own, inside, minlength=count)
        )
        ups = len(up) - np.bincount(own, minlength=count)
        downs = len(down) - np.bincount(other, minlength=count)
        return ratio(over.sum() - taken, (ups * downs).astype(np.float64))

    def exact(self, patients: NDArray[Any]) -> Figure | None:
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
        with_it, without = (how_many(patients[self.truth == side]) for side in (1, 0))
        pairs = min(with_it, without, how_many(patients[known]) // 2)
        if not pairs:
            return None
        low, high = exact_interval(round(value) * pairs, pairs)
        return Figure(value=value, low=low, high=high, method=EXACT_PAIRS.format(counted(pairs, "pair")))

    def trials(self, patients: NDArray[Any]) -> float:
        """See `Measure`."""
        return min(equal_patients(patients, (self.truth == side).astype(np.float64)) for side in (1, 0))


def _below(places: NDArray[np.int64], ordered: NDArray[np.int64]) -> Floats:
    """How many of `ordered` lie below each place, equal ones counted half."""
    left, right = (np.searchsorted(ordered, places, side=side) for side in ("left", "right"))
    result: Floats = (left + right) / 2
    return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfSums(BySpread):
    """A function of sums over the cases. columns: (case, column). function: (draw, column) sums to (draw,)."""

    columns: Amounts
    function: Callable[[Floats], Floats]
    counts: Bools
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    span: Span = ANY
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return self.function(weights @ self.columns)

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        sums = groups.sums(self.columns)
        return self.function(sums.sum(axis=0) - sums)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeanOf(BySpread):
    """The mean of those of several figures that are defined. classes: those that it takes as a whole."""

    parts: tuple[Measure, ...]
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    span: Span = SHARE
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(np.logical_or.reduce([part.counts for part in self.parts]))

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return mean_of_defined(np.stack([part.values(weights) for part in self.parts]))

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        return mean_of_defined(np.stack([part.left_out(groups) for part in self.parts]))

    def trials(self, patients: NDArray[Any]) -> float:
        """Of the part that has fewest: the error of a mean of shares is at most that of one of so many."""
        return float(np.min([part.trials(patients) for part in self.parts if part.counts.any()] or [np.nan]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed(BySpread):
    """Any other figure, by its function of weights (draw, case) to (draw,); it has no exact interval."""

    function: Callable[[Floats], Floats]
    counts: Bools
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    span: Span = ANY
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        return self.function(weights)

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        return groups.through(self.function)


def figure_of(measure: Measure, groups: Groups) -> Figure:
    """The figure with the interval that holds for it. groups: of the patients of its cases."""
    value = float(measure.values(np.ones((1, len(groups.patients))))[0])
    if not np.isfinite(value):
        return Figure(value=float("nan"), why=measure.undefined)
    if how_many(groups.patients[measure.counts]) < 2:
        return Figure(value=value, why=one_patient())
    exact = measure.exact(groups.patients)
    if exact is not None:
        return exact
    lacking = lacks(groups, measure)
    if lacking:
        return Figure(value=value, why=lacking)
    return spread_of(measure, groups, value, measure.left_out(groups))


def spread_of(measure: Measure, groups: Groups, value: float, left_out: Floats) -> Figure:
    """The figure with the interval by its spread. left_out: (group,) what it is without each."""
    found = interval(value, left_out[of_counting(groups, measure.counts)], span=measure.span)
    return within_trials(found, measure.trials(groups.patients)) if found.has_interval else found


def of_counting(groups: Groups, counts: Bools) -> Bools:
    """(group,) those of which any case counts: the others change nothing, and are no part of a spread."""
    return np.bincount(groups.index[counts], minlength=groups.count) > 0


def how_many(patients: NDArray[Any]) -> int:
    """Of different patients. patients: (case,) by number."""
    return int(np.count_nonzero(np.bincount(patients))) if len(patients) else 0


def lacks(groups: Groups, *measures: Measure) -> str:
    """Why there are too few patients for an interval that is not exact; "" where there are enough.

    Of several measures, those who count for all of them.
    """
    counts = np.logical_and.reduce([measure.counts for measure in measures])
    count, fewest = how_many(groups.patients[counts]), max(measure.fewest for measure in measures)
    if count < fewest:
        return too_few(count, fewest)
    every = how_many(groups.patients)
    if every < FEWEST_PATIENTS:
        return too_few(every)
    for measure in measures:
        for truth in measure.classes:
            for side, of in ((1, " with it"), (0, " without it")):
                there = how_many(groups.patients[(truth == side) & counts])
                if there < FEWEST_OF_A_CLASS:
                    return too_few(there, FEWEST_OF_A_CLASS, of)
    return ""


def ratio(top: Floats, bottom: Floats) -> Floats:
    """top / bottom, NaN where bottom is 0."""
    result = np.full(np.shape(top), np.nan)
    np.divide(top, bottom, out=result, where=np.asarray(bottom) > 0)
    return result


def mean_of_defined(values: Floats) -> Floats:
    """Mean over the first axis of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    return ratio(np.nansum(values, axis=0), known.sum(axis=0).astype(np.float64))
