"""Scores as probabilities: how far they are from what happens (Brier 1950), and the reliability curve with its error.

Of exclusive labels the second of a pair speaks for both; of more the answer, with its own score ("top label", Guo et
al. 2017). Of labels that stand each for itself each has its own figure, and the mean over them is told.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import FEWEST_PATIENTS, SHARE, Figure, Span
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import NOTHING_COUNTS, BySpread, mean_of_defined, ratio

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 10  # of the reliability curve and its error, all of one width
NO_PROBABILITY = "a score is below 0 or above 1, so it is no probability"
TOO_HIGH = "chance alone moves each bin off the diagonal, so that it comes out too high of few cases"


def is_probability(scores: Floats) -> bool:
    """Whether every score lies in 0..1."""
    return bool(np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all())


def bins_of(scores: Floats) -> NDArray[np.intp]:
    """The bin of each probability: [0, 0.1) is the first, [0.9, 1] the last."""
    # Rounded first: 0.7 * 10 is a little below 7.
    return np.asarray(np.minimum(np.floor(np.round(scores * BINS, 9)), BINS - 1), np.intp)


def calibration_errors(truth: Bools, scores: Floats, weights: Floats) -> Floats:
    """ECE: the mean distance of mean score and share of positive cases in each bin, bins weighed by their cases.

    truth, scores: (case,). weights: (draw, case). Returns (draw,), NaN without a case.
    """
    off = np.zeros((len(scores), BINS))
    off[np.arange(len(scores)), bins_of(scores)] = scores - truth
    return ratio(np.abs(weights @ off).sum(axis=1), weights.sum(axis=1))


def reliability_points(truth: Bools, scores: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """(mean score, share of positive cases, how many cases) of each bin that holds any, lowest first."""
    place = bins_of(scores)
    count = np.bincount(place, minlength=BINS)
    there = count > 0
    mean = np.bincount(place, scores, minlength=BINS)[there] / count[there]
    share = np.bincount(place, truth.astype(np.float64), minlength=BINS)[there] / count[there]
    return mean, share, count[there]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationError(BySpread):
    """A `Measure`: ECE, the mean over columns. truth, scores: (case, column); truth 1, 0, NaN where unknown."""

    truth: Floats
    scores: Floats
    undefined: str = NOTHING_COUNTS
    certain: bool = False
    span: Span = SHARE
    fewest: int = FEWEST_PATIENTS
    classes: tuple[Floats, ...] = ()

    @property
    def counts(self) -> Bools:
        """See `Measure`."""
        return np.asarray((~np.isnan(self.truth)).any(axis=1))

    def values(self, weights: Floats) -> Floats:
        """See `Measure`."""
        each = []
        for truth, scores in zip(self.truth.T, self.scores.T, strict=True):
            known = ~np.isnan(truth)
            each.append(calibration_errors(truth[known] == 1, scores[known], weights[:, known]))
        return mean_of_defined(np.stack(each))

    def left_out(self, groups: Groups) -> Floats:
        """See `Measure`."""
        return groups.through(self.values)

    def exact(self, patients: NDArray[np.object_]) -> Figure | None:
        """The figure, and why it has no interval: chance alone moves each bin off the diagonal, so that it is not the
        error of other patients that a spread lies around."""
        return Figure(value=float(self.values(np.ones((1, len(self.truth))))[0]), why=TOO_HIGH)
