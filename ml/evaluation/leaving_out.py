"""Patients left out in turn: which cases go together, and the weights of the others, never all at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_GROUPS = 2000
# Of the weights that exist at once: those of 100,000 cases and 2,000 groups would be 1.6 GB.
BLOCK_BYTES = 16 << 20


def _nothing() -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Whose each case is. patients: (case,) its patient by number. index: (case,) its group, from 0. count: of these.

    A group is one patient, or from 2,000 patients on several, by chance of a fixed seed. tick: called before each piece
    of work; what it raises ends it.
    """

    patients: Ints
    index: Ints
    count: int
    tick: Callable[[], None] = _nothing
    # The one block of a small table, kept so that figures that share their work see the same weights.
    _kept: list[Floats] = field(default_factory=list)

    @classmethod
    def of(cls, patients: Sequence[str], *, tick: Callable[[], None] = _nothing) -> "Groups":
        """patients: (case,)."""
        names, index = np.unique(np.asarray(patients, dtype=object).astype(str), return_inverse=True)
        numbers: Ints = index.reshape(-1).astype(np.int64)
        groups, count = numbers, len(names)
        if count > MOST_GROUPS:
            order = np.random.default_rng(1).permutation(count)
            groups, count = order[numbers] % MOST_GROUPS, MOST_GROUPS
        return cls(patients=numbers, index=groups, count=count, tick=tick)

    def only(self, places: Ints) -> "Groups":
        """Of some of the cases: groups keep their number, so that figures of two parts are left out together."""
        return Groups(patients=self.patients[places], index=self.index[places], count=self.count, tick=self.tick)

    def sums(self, columns: NDArray[Any]) -> Floats:
        """(group, column) of (case, column), of floats or of what is counted."""
        result = np.empty((self.count, columns.shape[1]))
        for place in range(columns.shape[1]):
            result[:, place] = np.bincount(self.index, columns[:, place], minlength=self.count)
        return result

    def through(self, function: Callable[[Floats], Floats]) -> Floats:
        """(group,) what a function of weights (draw, case) gives without each group."""
        parts = []
        for weights in self._blocks():
            self.tick()
            parts.append(function(weights))
        return np.concatenate(parts)

    def _blocks(self) -> Iterator[Floats]:
        if self._kept:
            yield self._kept[0]
            return
        rows = max(1, BLOCK_BYTES // (8 * max(1, len(self.index))))
        for start in range(0, self.count, rows):
            left = np.arange(start, min(start + rows, self.count))
            weights = (self.index[None, :] != left[:, None]).astype(np.float64)
            if len(left) == self.count:
                self._kept.append(weights)
            yield weights


def equal_patients(patients: NDArray[Any], weights: NDArray[Any]) -> float:
    """How many patients of equal weight tell as much as these do (Kish, Survey Sampling, 1965); 0 of none.

    patients: (case,) whose each is, by number. weights: (case,).
    """
    held = np.bincount(patients, weights.astype(np.float64)) if len(patients) else np.zeros(1)
    return float(held.sum() ** 2 / (held**2).sum()) if (held > 0).any() else 0.0
