"""Intervals: the method that holds for a figure, or the reason why it has none.

Cases of one patient come and go together, because they are alike: what is counted is patients. A figure that is a share
of cases, one of each patient, has the exact interval of a binomial (Clopper and Pearson 1934). Every other one has that
of its spread when each patient is left out in turn (Tukey 1958; Efron and Stein 1981: such a spread is never too small
on average), on a scale where the figure has no ends (the logit of a share), with Student's t. How many degrees of
freedom the spread itself has is read from how unequally the patients make it up (Satterthwaite 1946, with the moments
of O'Neill, The American Statistician 68, 2014): where few patients err, few tell of it.

No share is less certain than one of whole patients would be, all of whose cases are alike: its interval ends at the
latest where the exact one of so many patients does (of an area under the curve, of those of its smaller class: its
variance is at most A(1 - A) over these, van Dantzig 1951, Birnbaum and Klose 1957). Nor is a difference less certain
than one of two figures that each lie anywhere in their own interval.

Percentiles of resampled patients were used before. Of 50 patients with several films they hold the truth 85 to 93 % of
the time where they say 95, the least near 1; `tests/evaluation/coverage.py` measures both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.text.counting import counted

Floats = NDArray[np.float64]
Span = tuple[float, float]

LEVEL = 0.95
# Below these an interval that is not exact holds too little: a figure takes as many patients, and one that needs
# classes as many of each. So does a difference.
FEWEST_PATIENTS = 30
FEWEST_OF_A_CLASS = 10
FEWEST_TO_COMPARE = FEWEST_PATIENTS

SHARE: Span = (0.0, 1.0)
AMOUNT: Span = (0.0, float("inf"))
ANY: Span = (-float("inf"), float("inf"))

LEFT_OUT = "each patient left out in turn, Student's t"
EXACT = "exact binomial"
EXACT_PATIENTS = "exact binomial of {}"  # patients of whom every case is the same
WITHIN = ", within the exact binomial of {}"  # patients
APART = ", within the intervals of both figures"
EXACT_PAIRS = "exact binomial of {} of patients"  # pairs
ORDER = "exact by order of the patients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its 95 % interval. value, low, high: NaN where not defined; `why` says why, `method` how.

    p: of a difference, how often chance alone would make one as large where there is none; NaN elsewhere.
    """

    value: float
    low: float = float("nan")
    high: float = float("nan")
    method: str = ""
    why: str = ""
    p: float = float("nan")

    @property
    def has_interval(self) -> bool:
        """Whether there is one."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def to_json(self) -> dict[str, Any]:
        """Value, low and high (None where not defined), method and why; p where there is one."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high")}
        plain = {name: float(number) if np.isfinite(number) else None for name, number in numbers.items()}
        chance = {"p": float(self.p)} if np.isfinite(self.p) else {}
        return {**plain, "method": self.method, "why": self.why, **chance}


def interval(value: float, left_out: Floats, *, span: Span = ANY) -> Figure:
    """The interval by the spread of a figure when patients are left out, or why there is none.

    left_out: (group,) the figure without each patient (or group of patients) in turn, NaN where it is not defined
    then. span: the ends that the figure cannot pass, and the scale by them.
    """
    if not np.isfinite(left_out).all():
        return Figure(value=value, why="without one of the patients there is no such figure")
    error, freedom = spread(value, left_out)
    if error < 1e-12 * max(1.0, abs(value)):
        return Figure(value=value, why="it is the same whichever patient is left out")
    if value in span:
        return Figure(value=value, why=f"it is {value:g}, and cannot be more or less")
    from scipy.stats import t as student

    half = float(student.ppf((1 + LEVEL) / 2, freedom)) * error
    low, high = ends(value, half, span)
    chance = float(2 * student.sf(abs(value) / error, freedom)) if span == ANY else float("nan")
    return Figure(value=value, low=low, high=high, method=LEFT_OUT, p=chance)


def within_trials(figure: Figure, trials: float) -> Figure:
    """The figure, a share, with an interval that ends at the latest where the exact one of so many trials does.

    trials: of whole patients of unequal weight the number of equal ones that would tell as much (Kish 1965), which
    need not be whole. NaN where nothing is known of it.
    """
    if not figure.has_interval or not trials >= 1:
        return figure
    least, most = _beta_interval(figure.value * trials, trials)
    if figure.low >= least and figure.high <= most:
        return figure
    low, high = max(figure.low, least), min(figure.high, most)
    method = figure.method + WITHIN.format(_patients(max(1, round(trials))))
    return replace(figure, low=low, high=high, method=method)


def within_both(gap: Figure, first: Figure, second: Figure) -> Figure:
    """The difference second minus first, no wider than both figures' own intervals allow.

    Both are outside at once, one above and one below, at most as often as one interval misses; where that makes the
    difference other than 0, chance makes as large a one in at most 1 of 20 cases.
    """
    if not (gap.has_interval and first.has_interval and second.has_interval):
        return gap
    low, high = max(gap.low, second.low - first.high), min(gap.high, second.high - first.low)
    if (low, high) == (gap.low, gap.high):
        return gap
    p = min(gap.p, 1 - LEVEL) if low > 0 or high < 0 else gap.p
    return replace(gap, low=low, high=high, p=p, method=gap.method + APART)


def spread(value: float, left_out: Floats) -> tuple[float, float]:
    """Standard error of a figure, and the degrees of freedom that this error has.

    left_out: (group,). The factor is n / (n - 1), not (n - 1) / n: measured, the latter holds too little of 50.
    """
    count = len(left_out)
    off = left_out - value
    error = float(np.sqrt((off**2).sum() * count / (count - 1)))
    around = off - off.mean()
    second = float((around**2).mean())
    if second == 0:
        return error, 1.0
    kurtosis = float((around**4).mean()) / second**2
    freedom = 2 * count / max(kurtosis - (count - 3) / (count - 1), 1e-9)
    return error, float(np.clip(freedom, 1, count - 1))


def ends(value: float, half: float, span: Span) -> tuple[float, float]:
    """value minus and plus `half`, both taken on the scale where the figure has no ends: the logit between two, the
    logarithm from one, none without. half: in the figure's own unit."""
    low, high = span
    if np.isfinite([low, high]).all():
        place = (value - low) / (high - low)
        step = half / ((high - low) * place * (1 - place))
        at = np.log(place / (1 - place))
        # exp of too much is no number; tanh ends well.
        under, over = (float(0.5 + 0.5 * np.tanh((at + sign * step) / 2)) for sign in (-1, 1))
        return low + (high - low) * under, low + (high - low) * over
    if np.isfinite(low):
        factor = float(np.exp(min(half / (value - low), 700.0)))
        return low + (value - low) / factor, low + (value - low) * factor
    if np.isfinite(high):
        factor = float(np.exp(min(half / (high - value), 700.0)))
        return high - (high - value) * factor, high - (high - value) / factor
    return value - half, value + half


def exact_interval(hits: int, total: int, hit_weight: float = 1.0) -> tuple[float, float]:
    """Clopper-Pearson's two-sided interval of a share of independent things. Raises ValueError where there are none.

    hit_weight: how many times as much a hit counts as a miss, as 2 in F1, which is 2p / (2p + 1 - p) of their share p.
    """
    if not 0 <= hits <= total or total < 1:
        raise ValueError(f"{hits} of {total} is no share.")
    low, high = (hit_weight * p / (hit_weight * p + 1 - p) for p in _beta_interval(hits, total))
    return low, high


def _beta_interval(hits: float, total: float) -> tuple[float, float]:
    """The same of numbers that need not be whole."""
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, hits, total - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, total - hits)) if hits < total else 1.0
    return low, high


def median_interval(values: Floats) -> tuple[float, float] | None:
    """The interval of a median by order statistics (David and Nagaraja, Order Statistics, 2003, 7.1), exact whatever
    the distribution. values: (patient,) one each. None where there are too few for 95 %."""
    from scipy.stats import binom

    count = len(values)
    # From the k-th smallest to the k-th largest; missed where fewer than k lie on one side of the median.
    k = int(binom.ppf((1 - LEVEL) / 2, count, 0.5))
    if k < 1 or 2 * binom.cdf(k - 1, count, 0.5) > 1 - LEVEL:
        return None
    ordered = np.sort(values)
    return float(ordered[k - 1]), float(ordered[count - k])


def holm(chances: Sequence[float]) -> list[float]:
    """The p of each of several comparisons with all of them allowed for (Holm, Scandinavian Journal of Statistics 6,
    1979). chances: NaN where there is no comparison; it counts as none."""
    found = [float("nan")] * len(chances)
    known = sorted((chance, place) for place, chance in enumerate(chances) if np.isfinite(chance))
    reached = 0.0
    for rank, (chance, place) in enumerate(known):
        reached = max(reached, min(1.0, chance * (len(known) - rank)))
        found[place] = reached
    return found


def too_few(patients: int, fewest: int = FEWEST_PATIENTS, of: str = "") -> str:
    """Why a figure of so few patients has no interval. of: which patients, where not all are meant."""
    return f"{_patients(patients)}{of} {'is' if patients == 1 else 'are'} too few, it takes {fewest}"


def one_patient() -> str:
    """Why a figure of one patient has no interval."""
    return f"{_patients(1)}, who says nothing of others"


def _patients(count: int) -> str:
    return counted(count, "patient")
