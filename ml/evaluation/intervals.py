"""Patient bootstrap: cases of one patient come and go together, because they are alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Value, low, high."""
        return {"value": self.value, "low": self.low, "high": self.high}


def patient_weights(patients: Sequence[str], *, draws: int = DRAWS, seed: int = 1) -> Floats:
    """(draws, case): how often each case is drawn when as many patients are drawn with replacement as there are."""
    names, index = np.unique(np.asarray(patients, dtype=object).astype(str), return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    result: Floats = counts[:, index].astype(np.float64)
    return result


def interval(value: float, drawn: Floats) -> Figure:
    """The percentile interval of the draws in which the figure is defined."""
    sound = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(sound) < 0.5 * len(drawn):
        return Figure(value=value, low=float("nan"), high=float("nan"))
    low, high = np.percentile(sound, [50 * (1 - LEVEL), 100 - 50 * (1 - LEVEL)])
    return Figure(value=value, low=float(low), high=float(high))
