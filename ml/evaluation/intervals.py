"""Intervals: the method that holds for a figure, or the reason why it has none.

Cases of one patient come and go together, because they are alike: what is counted is patients. A figure that is a share
of cases, one of each patient, has the exact interval of a binomial (Clopper and Pearson 1934); every other one that of
resampled patients. Resampling never leaves the range of what was seen, so it says nothing of a figure that is the same
in every draw (a perfect score), and too little of few patients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.text.counting import counted

Floats = NDArray[np.float64]

DRAWS = 2000
LEVEL = 0.95
# Percentiles of the draws of a mean hold 95 % only nearly with 10 patients, and far less with fewer.
FEWEST_PATIENTS = 10
# A difference is given an interval, and words, from this many patients on.
FEWEST_TO_COMPARE = 20

RESAMPLED = f"patient bootstrap, {DRAWS} draws"
EXACT = "exact binomial"
EXACT_PATIENTS = "exact binomial of {}"  # patients of whom every case is the same
EXACT_PAIRS = "exact binomial of {} of patients"  # pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its 95 % interval. value, low, high: NaN where not defined; `why` says why, `method` how."""

    value: float
    low: float = float("nan")
    high: float = float("nan")
    method: str = ""
    why: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether there is one."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def to_json(self) -> dict[str, Any]:
        """Value, low and high (None where not defined), method and why."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high")}
        plain = {name: float(number) if np.isfinite(number) else None for name, number in numbers.items()}
        return {**plain, "method": self.method, "why": self.why}


def patient_weights(patients: Sequence[str], *, draws: int = DRAWS, seed: int = 1) -> Floats:
    """(draws, case): how often each case is drawn when as many patients are drawn with replacement as there are."""
    names, index = np.unique(np.asarray(patients, dtype=object).astype(str), return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    result: Floats = counts[:, index].astype(np.float64)
    return result


def interval(value: float, drawn: Floats, patients: int, *, fewest: int = FEWEST_PATIENTS) -> Figure:
    """The percentile interval of the draws in which the figure is defined, or why there is none.

    drawn: (draw,), NaN where the figure is not defined. patients: how many the figure counts.
    """
    if patients < fewest:
        return Figure(
            value=value, why=f"there {'is' if patients == 1 else 'are'} {_patients(patients)}, and it takes {fewest}"
        )
    sound = drawn[np.isfinite(drawn)]
    # Were more draws without a figure than the interval leaves out, it would be one of other draws.
    if len(sound) < LEVEL * len(drawn):
        share = 1 - len(sound) / len(drawn)
        return Figure(value=value, why=f"{share:.0%} of the draws of patients have no such figure")
    low, high = np.percentile(sound, [50 * (1 - LEVEL), 100 - 50 * (1 - LEVEL)])
    if high - low < 1e-12:
        return Figure(value=value, why="it is the same in every draw of patients")
    return Figure(value=value, low=float(low), high=float(high), method=RESAMPLED)


def exact_interval(hits: int, total: int) -> tuple[float, float]:
    """Clopper-Pearson's two-sided interval of a share of independent things. Raises ValueError where there are none."""
    from scipy.stats import beta

    if not 0 <= hits <= total or total < 1:
        raise ValueError(f"{hits} of {total} is no share.")
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, hits, total - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, total - hits)) if hits < total else 1.0
    return low, high


def one_patient() -> str:
    """Why a figure of one patient has no interval."""
    return f"{_patients(1)}, who says nothing of others"


def _patients(count: int) -> str:
    return counted(count, "patient")
