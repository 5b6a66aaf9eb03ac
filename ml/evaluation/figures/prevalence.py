"""Where a label is as common as a reader says: predictive values and scores by prior shift.

Sensitivity and specificity stay as they are, and the odds of a score change with those of the label (Elkan, IJCAI
2001); both hold only where cases that have the label, and cases that do not, are of the same mix as those judged.
"""

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import SHARE
from ml.evaluation.measures import Measure, OfSums, ratio
from ml.evaluation.outcome import Outcome
from viewer.core.errors import BadRequest

Floats = NDArray[np.float64]

UNDEFINED = "it takes cases with and without the label, and answers of that kind"


def assure_prevalence(prevalence: float) -> None:
    """Raises BadRequest where it is none."""
    if not 0 < prevalence < 1:
        raise BadRequest(f"A prevalence lies between 0 and 1, not at {prevalence:g}; write --prevalence 0.05.")


def at_prevalence(outcome: Outcome, prevalence: float) -> dict[str, Measure]:
    """ppv_there and npv_there. Raises BadRequest where no one label says it all, or the prevalence is none."""
    assure_prevalence(prevalence)
    ways = outcome.positive_ways()
    if ways is None:
        raise BadRequest("A prevalence is of one label; choose a task of one label, or of two that exclude each other.")
    found, there, left, absent = ways.T
    columns = np.stack([found, there, left, absent], axis=1)
    classes = (np.where(there > 0, 1.0, np.where(absent > 0, 0.0, np.nan)),)

    def values(sums: Floats, of: str) -> Floats:
        sensitivity, specificity = ratio(sums[:, 0], sums[:, 1]), ratio(sums[:, 2], sums[:, 3])
        if of == "ppv":
            right, wrong = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
        else:
            right, wrong = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
        return ratio(right, right + wrong)

    return {
        f"{name}_there": OfSums(
            columns=columns, function=lambda sums, name=name: values(sums, name), counts=(there + absent) > 0,  # type: ignore[misc]
            undefined=UNDEFINED, span=SHARE, classes=classes,
        )
        for name in ("ppv", "npv")
    }  # fmt: skip


def shifted(scores: Floats, share: float, prevalence: float) -> Floats:
    """Probabilities where `share` of the cases had the label, at another prevalence. scores: (case,)."""
    yes, no = scores * prevalence / share, (1 - scores) * (1 - prevalence) / (1 - share)
    return np.asarray(yes / (yes + no), np.float64)
