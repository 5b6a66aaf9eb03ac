"""Figures of scores that any program gave: of one yes-or-no question, from the truth and the score of each case.

The same measures as those of a model of one label. Loads no torch and no scikit-learn; tests hold each to the latter.
"""

import numpy as np

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.figures.class_measures import LabelAnswers, answer_measures
from ml.evaluation.figures.class_measures import score_measures as label_scores
from ml.evaluation.figures.prevalence import at_prevalence
from ml.evaluation.intervals import FEWEST_OF_A_CLASS
from ml.evaluation.measures import (
    NOTHING_COUNTS,
    NOTHING_THERE,
    Bools,
    Computed,
    Floats,
    Measure,
    Ranking,
    Share,
)

NO_CUT = "no cut was given (--threshold)"
AT_THE_CUT = (
    "accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "f1", "kappa",
)  # fmt: skip
AT_PREVALENCE = ("ppv", "npv")
SAME_MIX = "same mix of cases assumed"


def score_measures(truth: Floats, scores: Floats) -> dict[str, Measure]:
    """AUC, average precision, Brier score and expected calibration error.

    truth: (case,) 1, 0, NaN where unknown. scores: (case,), finite where the truth is known.
    """
    if np.isnan(truth).all():
        return dict.fromkeys(("auc", "average_precision", "brier", "ece"), _nothing(len(truth), NOTHING_COUNTS))
    found = label_scores(_answers(truth, scores, np.inf))
    return {"auc": Ranking(truth=truth, scores=scores), **found}


def cut_measures(
    truth: Floats, scores: Floats, cut: float | None, prevalence: float | None = None
) -> dict[str, Measure]:
    """The figures of the answers that a cut makes of the scores; none of them without a cut.

    cut: a score at or above it says yes. prevalence: PPV and NPV where that share of the cases has it; None: where as
    many have it as in the table.
    """
    known = np.asarray(~np.isnan(truth))
    if cut is None or not known.any():
        return dict.fromkeys(AT_THE_CUT, _nothing(len(truth), NO_CUT if cut is None else NOTHING_COUNTS))
    answers = _answers(truth, scores, cut)
    yes, said = answers.yes[:, 0], answers.said[:, 0]
    hit, missed, false, rest = (
        (known & way).astype(np.float64) for way in (yes & said, yes & ~said, ~yes & said, ~yes & ~said)
    )
    found = answer_measures(answers)
    found["accuracy"] = Share(top=hit + rest, bottom=known.astype(np.float64), counted=True)
    found["f1"] = Share(
        top=2 * hit,
        bottom=2 * hit + missed + false,
        hit_weight=2,
        undefined=NOTHING_THERE,
        fewest=FEWEST_OF_A_CLASS,
        classes=(truth,),
    )
    if prevalence is not None:
        found |= {
            name: at_prevalence(_outcome(truth, scores, cut), prevalence)[f"{name}_there"] for name in AT_PREVALENCE
        }
    return {name: found[name] for name in AT_THE_CUT}


def _answers(truth: Floats, scores: Floats, cut: float) -> LabelAnswers:
    said: Bools = np.nan_to_num(scores, nan=-np.inf) >= cut
    return LabelAnswers(
        truth=truth[:, None], said=said[:, None], scores=scores[:, None], labels=("",), exclusive=False
    )  # fmt: skip


def _nothing(cases: int, why: str) -> Measure:
    nowhere = np.zeros(cases, np.bool_)
    return Computed(function=lambda weights: np.full(len(weights), np.nan), counts=nowhere, undefined=why)


def _outcome(truth: Floats, scores: Floats, cut: float) -> ClassOutcome:
    return ClassOutcome(
        truth=truth[:, None], scores=scores[:, None], thresholds=np.full(len(truth), cut),
        folds=np.zeros(len(truth), np.int64), labels=("",), exclusive=False,
    )  # fmt: skip
