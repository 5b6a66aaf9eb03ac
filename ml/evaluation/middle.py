"""The median of scores, which only an order of patients gives an interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import ANY, FEWEST_PATIENTS, ORDER, Figure, Span, median_interval, too_few
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import NOTHING_COUNTS, Bools, BySpread, Floats, how_many

FEWEST_ORDERED = 6  # of five the smallest and the largest hold the median 94 % of the time


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Middle(BySpread):
    """The median of scores: (case,), NaN where unknown. Its spread when a patient is left out says nothing (it jumps
    from one score to the next), so that it has the exact interval by order, of one score a patient, or none."""

    scores: Floats
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    span: Span = ANY
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray(~np.isnan(self.scores))

    def values(self, weights: Floats) -> Floats:
        """The weighted median: the middle of the scores that half of the weight lies at or below, and above."""
        known = self.counts
        order = np.argsort(self.scores[known], kind="stable")
        ordered, running = self.scores[known][order], np.cumsum(weights[:, known][:, order], axis=1)
        if not len(ordered):
            return np.full(len(weights), np.nan)
        half = running[:, -1:] / 2
        first = ordered[np.minimum((running < half).sum(axis=1), len(ordered) - 1)]
        second = ordered[np.minimum((running <= half).sum(axis=1), len(ordered) - 1)]
        return np.where(half[:, 0] > 0, (first + second) / 2, np.nan)

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        return groups.through(self.values)

    def exact(self, patients: NDArray[Any]) -> Figure | None:
        """See the class."""
        known = self.counts
        value = float(self.values(np.ones((1, len(known))))[0])
        if how_many(patients[known]) < known.sum():
            return Figure(value=value, why="no interval is known to hold for the median of several cases of a patient")
        found = median_interval(self.scores[known])
        if found is None:
            return Figure(value=value, why=too_few(int(known.sum()), FEWEST_ORDERED))
        if found[0] == found[1]:
            return Figure(value=value, why="most scores are the same")
        return Figure(value=value, low=found[0], high=found[1], method=ORDER)
