"""How many more labels? A learning curve gone on with by an inverse power law, or why that says nothing.

The error of a model falls with the number of training cases as a + b n^-c (Cortes, Jackel, Solla, Vapnik and Denker,
NIPS 1993), which Figueroa, Zeng-Treitler, Kandula and Ngo (BMC Medical Informatics and Decision Making 12:8, 2012) fit
to the first points of a curve to foretell the later ones. The interval is that of the fit (its covariance, Student's
t): of the spread of trainings about the curve, and of nothing else.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import LEVEL
from ml.learning_curve.asked import FEWEST_SIZES, FEWEST_TRAININGS
from ml.metric_words import lower_is_better, metric_title, number_text
from viewer.core.text.counting import counted

Floats = NDArray[np.float64]

TIMES = (2, 4)  # as many patients as there are
RISES_BELOW = 0.05  # the p of the rank correlation, above which nothing rises
LAW = "inverse power law a + b n^-c"
HOW = (
    f"More patients: by an {LAW} through all trainings (Figueroa 2012); the interval is that of the fit, "
    f"{100 * LEVEL:.0f} %, and knows nothing of other validation patients."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is expected of so many patients, with the interval of the fit."""

    patients: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """ahead: of the multiples of `TIMES`; empty where nothing can be said, and why. line: (patients, figure) of the
    fitted curve, to draw. said: the answer to "how many more labels?" in sentences."""

    said: str
    ahead: tuple[Ahead, ...] = ()
    line: tuple[tuple[float, float], ...] = ()
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the curve's file."""
        ahead = [{"patients": one.patients, "value": one.value, "low": one.low, "high": one.high} for one in self.ahead]
        return {
            "law": LAW,
            "sentence": self.said,
            "why": self.why,
            "ahead": ahead,
            "line": [list(at) for at in self.line],
        }


def outlook(patients: Sequence[int], values: Sequence[float], metric: str, *, cases_each: float) -> Outlook:
    """Of trainings with so many patients each, which reached these figures (NaN: none).

    cases_each: labelled cases of a patient, to say the number of labels too.
    """
    n, figure = np.asarray(patients, np.float64), np.asarray(values, np.float64)
    n, figure = n[np.isfinite(figure)], figure[np.isfinite(figure)]
    sign = 1.0 if lower_is_better(metric) else -1.0
    error = sign * figure
    why = _why_none(n, error, metric)
    if why:
        return _none(why)
    law = _Law.fitted(n, error, floor=0.0 if sign > 0 else -1.0)
    if law is None:
        return _none("no curve of this form fits the points")
    most = int(n.max())
    ahead = []
    for times in TIMES:
        value, half = law.at(most * times)
        ends = sorted((sign * max(value - half, law.floor), sign * (value + half)))
        ahead.append(Ahead(patients=most * times, value=sign * value, low=ends[0], high=ends[1]))
    gained = abs(figure[n == n.max()].mean() - figure[n == n.min()].mean())
    if ahead[0].high - ahead[0].low > gained:
        return _none(
            f"at twice as many patients the interval ({number_text(ahead[0].low)} to {number_text(ahead[0].high)}) "
            f"is wider than all that was gained so far ({number_text(float(gained))}); more repeats or "
            "more parts make it narrower"
        )
    at = np.geomspace(n.min(), most * TIMES[-1], 60)
    line = tuple((float(x), float(sign * law.at(x)[0])) for x in at)
    return Outlook(said=_sentence(ahead, figure, n, metric, cases_each), ahead=tuple(ahead), line=line)


def _none(why: str) -> Outlook:
    return Outlook(said=f"How many more labels would help cannot be said: {why}.", why=why)


def _why_none(n: Floats, error: Floats, metric: str) -> str:
    from scipy.stats import spearmanr

    sizes = len(np.unique(n))
    if sizes < FEWEST_SIZES or len(n) < FEWEST_TRAININGS:
        return (
            f"{counted(sizes, 'part')} with a figure, {counted(len(n), 'training')} in all, are too few; it takes "
            f"{FEWEST_SIZES} parts and {FEWEST_TRAININGS} trainings"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same figure everywhere has no rank correlation
        found = spearmanr(n, error)
    if not (found.statistic < 0 and found.pvalue < RISES_BELOW):
        return f"{metric_title(metric)} does not clearly get better with more patients (Spearman's rank correlation)"
    return ""


def _sentence(ahead: Sequence[Ahead], figure: Floats, n: Floats, metric: str, cases_each: float) -> str:
    title, now = metric_title(metric), float(figure[n == n.max()].mean())
    parts: list[str] = []
    for times, one in zip(("twice", "four times"), ahead, strict=True):
        cases = counted(round(one.patients * cases_each), "labelled case")
        reaches = f"{number_text(one.value)} ({number_text(one.low)} to {number_text(one.high)})"
        be = "" if parts else "it would be "
        parts.append(f"with {times} as many ({one.patients} patients, about {cases}) {be}about {reaches}")
    return f"{title} is {number_text(now)} with all {counted(int(n.max()), 'training patient')}; {', '.join(parts)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """error = a + b (n / most)^-c."""

    best: Floats
    covariance: Floats
    most: float
    freedom: int
    floor: float

    @classmethod
    def fitted(cls, n: Floats, error: Floats, *, floor: float) -> "_Law | None":
        from scipy.optimize import OptimizeWarning, curve_fit

        most, range_ = float(n.max()), float(np.ptp(error)) or 1.0
        start = (max(floor, float(error.min()) - 0.1 * range_), 0.3 * range_, 0.5)
        low, high = (floor - 1e-9, 0.0, 0.02), (float(error.max()) + 1e-9, 1e3 * range_, 5.0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", OptimizeWarning)
                best, covariance = curve_fit(
                    _error, n / most, error, p0=np.clip(start, low, high), bounds=(low, high), max_nfev=20_000
                )
        except (RuntimeError, OptimizeWarning):
            return None
        if not np.isfinite(covariance).all():
            return None
        return cls(best=best, covariance=covariance, most=most, freedom=len(n) - 3, floor=floor)

    def at(self, patients: float) -> tuple[float, float]:
        """(error, half the width of its interval), by the first derivatives of the law."""
        from scipy.stats import t as student

        x = patients / self.most
        a, b, c = (float(one) for one in self.best)
        falls = x**-c
        slope = np.array([1.0, falls, -b * falls * np.log(x)])
        spread = float(np.sqrt(max(0.0, slope @ self.covariance @ slope)))
        return a + b * falls, float(student.ppf((1 + LEVEL) / 2, self.freedom)) * spread


def _error(x: Floats, a: float, b: float, c: float) -> Floats:
    result: Floats = a + b * x**-c
    return result
