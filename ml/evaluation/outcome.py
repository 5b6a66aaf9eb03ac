"""What a model (or a control) said of some cases: the measures of it, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.case_tables import CaseTable
from ml.evaluation.confusion import Confusion
from ml.evaluation.curves import Curve
from ml.evaluation.measures import Measure

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case's one label in the table. score: None where the case is left out of the figure.

    truth, answer: what is there and what was said. false: proposed boxes without a true one, None for other kinds.
    """

    label: str
    score: float | None
    truth: str
    answer: str
    false: int | None = None


class Outcome(Protocol):
    """One kind's answers; `primary` names the figure that decides."""

    __slots__ = ()

    @property
    def primary(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def measures(self) -> dict[str, Measure]:
        """Every figure."""
        ...

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """Every figure for many weightings. weights: (draw, case). Returns (draw,) each, NaN where not defined."""
        return {name: measure.values(weights) for name, measure in self.measures().items()}

    def of_cases(self, places: Ints) -> "Outcome | None":
        """The same of some of the cases; None where a kind cannot be divided, and has no figures of groups."""
        return None

    def rows(self) -> list[list[CaseRow]]:
        """Per case one row for each label, what is empty or unknown included."""
        ...

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """Those of a report. names: (case,) the file of each."""
        ...

    def held(self) -> Floats:
        """The scores that a report shows and that were held against a cut, which is written so that it tells from
        each. None where no table shows such a score."""
        return np.zeros(0)

    def at_cuts(self, cuts: Floats) -> dict[str, Measure]:
        """What an operating point is judged by, at other cuts (case,); nothing where none is cut."""
        return {}

    def positive_ways(self) -> Floats | None:
        """(case, 4) of the one label that says it all: found, there, rightly left out, absent; None of several."""
        return None

    def confusion(self) -> Confusion | None:
        """Which label was taken for which, in boxes or pixels; None of a kind that counts its answers in cases."""
        return None

    def curves(self) -> tuple[Curve, ...]:
        """Those of a report; none where there is nothing to draw."""
        ...
