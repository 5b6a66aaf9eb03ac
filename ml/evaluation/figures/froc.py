"""FROC: the share of true boxes that are found at so many false positives per image, over all cuts of the scores.

As in the challenges that made it known (Setio et al., Medical Image Analysis 42, 2017): the points of every cut joined
by lines, read at 1/8, 1/4, 1/2, 1, 2, 4 and 8; beyond the last cut nothing more is found. A box is right from an
overlap of 0.5 with a true box of its label on, each true box counts once, and the labels are counted together.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.boxes import BoxCase, hits
from ml.evaluation.curves import FROC, Curve, Line
from ml.evaluation.intervals import SHARE
from ml.evaluation.measures import NO_TRUE_BOX, Computed, Measure

Floats = NDArray[np.float64]

# What stands behind "froc_" in the name of each figure: false positives per image.
RATES = {"0125": 0.125, "025": 0.25, "05": 0.5, "1": 1.0, "2": 2.0, "4": 4.0, "8": 8.0}


def froc_measures(cases: Sequence[BoxCase]) -> dict[str, Measure]:
    """froc, the mean over the rates, and froc_RATE of each."""
    found = _Found(cases)
    rates = np.array(list(RATES.values()))
    every = np.ones(len(cases), np.bool_)

    def measure(read: Callable[[Floats], Floats]) -> Measure:
        return Computed(
            function=lambda weights: read(found.sensitivities(weights, rates)), counts=every, undefined=NO_TRUE_BOX,
            span=SHARE,
        )  # fmt: skip

    each = {f"froc_{name}": measure(lambda values, i=i: values[:, i]) for i, name in enumerate(RATES)}  # type: ignore[misc]
    return {"froc": measure(lambda values: np.asarray(values.mean(axis=1))), **each}


def froc_curve(cases: Sequence[BoxCase], of: str) -> Curve | None:
    """The curve as far as the last rate; None without a true box or a proposed one."""
    found = _Found(cases)
    if not found.wanted.sum() or not len(found.scores):
        return None
    false, right = found.points(np.ones(len(cases)))
    last = max(RATES.values())
    kept = false <= last
    x, y = false[kept], right[kept]
    if len(x) < len(false):
        x, y = np.append(x, last), np.append(y, np.interp(last, false, right))
    if len(x) > MOST_STEPS:
        place = np.unique(np.linspace(0, len(x) - 1, MOST_STEPS).round().astype(int))
        x, y = x[place], y[place]
    return Curve(kind=FROC, of=of, lines=(Line(x=tuple(x.tolist()), y=tuple(y.tolist())),))


MOST_STEPS = 400


class _Found:
    """Every proposed box, the best score first: its case, and whether it is right. wanted: (case,) true boxes."""

    def __init__(self, cases: Sequence[BoxCase]) -> None:
        scores = np.concatenate([np.zeros(0), *(case.scores for case in cases)])
        order = np.argsort(-scores, kind="stable")
        self.scores = scores[order]
        self.right = np.concatenate([np.zeros(0, np.bool_), *map(hits, cases)])[order]
        self.case_of = np.repeat(np.arange(len(cases)), [len(case.scores) for case in cases])[order]
        self.wanted = np.array([len(case.truth) for case in cases], np.float64)
        # Boxes of one score pass a cut together.
        self.last = np.append(np.nonzero(np.diff(self.scores))[0], len(scores) - 1) if len(scores) else np.zeros(0, int)
        self._answered: tuple[Floats, Floats] | None = None

    def points(self, weights: Floats, upto: float = np.inf) -> tuple[Floats, Floats]:
        """(false positives per image, share found) at every cut, from (0, 0). weights: (case,). upto: false positives
        per image, beyond which some cuts may be left out."""
        images, wanted = weights.sum(), weights @ self.wanted
        most = len(self.last)
        # Most boxes of a detector have low scores and lie beyond: as few as are enough, then twice as many.
        size = most if np.isinf(upto) else min(most, max(64, int(2 * upto * len(self.wanted))))
        while True:
            last = self.last[:size]
            kept = slice(0, int(last[-1]) + 1 if size else 0)
            each, right = weights[self.case_of[kept]], self.right[kept]
            false = np.cumsum(each * ~right)[last] / images
            if size == most or false[-1] > upto:
                found = np.cumsum(each * right)[last] / wanted
                return np.concatenate([[0.0], false]), np.concatenate([[0.0], found])
            size = min(most, 2 * size)

    def sensitivities(self, weights: Floats, rates: Floats) -> Floats:
        """(draw, rate), NaN without true boxes. weights: (draw, case); the answer for those asked last is kept, for
        each rate is a figure of its own."""
        if self._answered is None or self._answered[0] is not weights:
            result = np.full((len(weights), len(rates)), np.nan)
            for draw in np.nonzero(weights @ self.wanted > 0)[0].tolist():
                result[draw] = np.interp(rates, *self.points(weights[draw], float(rates.max())))
            self._answered = (weights, result)
        return self._answered[1]
