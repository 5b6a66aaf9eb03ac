"""Figures of scores that any program gave: of one yes-or-no question, from the truth and the score of each case.

Loads no torch and no scikit-learn; tests hold each to scikit-learn.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import FEWEST_OF_A_CLASS, SHARE
from ml.evaluation.measures import NOTHING_COUNTS, ONE_CLASS, Computed, Measure, OfSums, Ranking, Share, ratio

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Guo et al. (ICML 2017), and what torchmetrics begins with.
ECE_BINS = 15
# Distances add up, so that of few cases it is too high, by how much nobody knows: the interval of its spread holds 66 %
# of 50 patients, and nothing where the scores are calibrated (`tests/evaluation/coverage.py`).
NO_ECE_INTERVAL = "chance alone makes it too high, and no interval is known to hold"
OUTSIDE = "a score lies outside 0 to 1, so it is no probability"
NO_CUT = "no cut was given (--threshold)"
NONE_WITH_IT, NONE_WITHOUT = "no case has it", "every case has it"
NONE_FOUND, ALL_FOUND = "no score reaches the cut", "every score reaches the cut"
OF_SCORES = ("auc", "average_precision", "brier", "ece")
AT_THE_CUT = (
    "accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "f1", "kappa",
)  # fmt: skip
AT_PREVALENCE = ("ppv", "npv")
SAME_MIX = "same mix of cases assumed"
KAPPA_SPAN = (-1.0, 1.0)


def score_measures(truth: Floats, scores: Floats) -> dict[str, Measure]:
    """AUC, average precision, Brier score and expected calibration error.

    truth: (case,) 1, 0, NaN where unknown. scores: (case,), finite where the truth is known.
    """
    known = np.asarray(~np.isnan(truth))
    result: dict[str, Measure] = {
        "auc": Ranking(truth=truth, scores=scores),
        "average_precision": Computed(
            function=partial(_average_precisions, truth, scores),
            counts=known,
            undefined=NONE_WITH_IT,
            span=SHARE,
            classes=(truth,),
        ),
    }
    if ((scores[known] < 0) | (scores[known] > 1)).any():
        return {**result, **dict.fromkeys(("brier", "ece"), _nothing(known, OUTSIDE))}
    off = np.where(known, scores - np.nan_to_num(truth), 0.0)
    result["brier"] = Share(top=off**2, bottom=known.astype(np.float64))
    result["ece"] = _calibration_error(off, scores, known)
    return result


def cut_measures(
    truth: Floats, scores: Floats, cut: float | None, prevalence: float | None = None
) -> dict[str, Measure]:
    """The figures of the answers that a cut makes of the scores; none of them without a cut.

    cut: a score at or above it says yes. prevalence: PPV and NPV where that share of the cases has it; None: where as
    many have it as in the table.
    """
    known = np.asarray(~np.isnan(truth))
    if cut is None:
        return dict.fromkeys(AT_THE_CUT, _nothing(known, NO_CUT))
    yes, said = truth == 1, np.nan_to_num(scores, nan=-np.inf) >= cut
    ways = [known & way for way in (yes & said, yes & ~said, ~yes & said, ~yes & ~said)]
    hit, missed, false, rest = (way.astype(np.float64) for way in ways)
    columns, kinds = np.stack([hit, missed, false, rest], axis=1), (truth,)

    def share(top: Floats, bottom: Floats, undefined: str) -> Share:
        return Share(top=top, bottom=bottom, counted=True, undefined=undefined, fewest=FEWEST_OF_A_CLASS)

    result: dict[str, Measure] = {
        "accuracy": Share(top=hit + rest, bottom=known.astype(np.float64), counted=True),
        "balanced_accuracy": OfSums(
            columns=columns, function=_balanced, counts=known, undefined=ONE_CLASS, span=SHARE, classes=kinds
        ),
        "sensitivity": share(hit, hit + missed, NONE_WITH_IT),
        "specificity": share(rest, rest + false, NONE_WITHOUT),
        "ppv": share(hit, hit + false, NONE_FOUND),
        "npv": share(rest, rest + missed, ALL_FOUND),
        "f1": Share(
            top=2 * hit, bottom=2 * hit + missed + false, undefined="no case has it, and no score reaches the cut",
            fewest=FEWEST_OF_A_CLASS, classes=kinds,
        ),
        "kappa": OfSums(
            columns=columns, function=_kappa, counts=known, undefined="truth and answers are all the same",
            span=KAPPA_SPAN, classes=kinds,
        ),
    }  # fmt: skip
    if prevalence is not None:
        for name, function in (("ppv", _ppv_at), ("npv", _npv_at)):
            result[name] = OfSums(
                columns=columns, function=partial(function, prevalence), counts=known, undefined=ONE_CLASS,
                span=SHARE, classes=kinds,
            )  # fmt: skip
    return result


def _nothing(known: Bools, why: str) -> Measure:
    nowhere = known if known.any() else np.zeros(len(known), np.bool_)
    return Computed(
        function=lambda weights: np.full(len(weights), np.nan),
        counts=nowhere,
        undefined=why if known.any() else NOTHING_COUNTS,
    )


def _average_precisions(truth: Floats, scores: Floats, weights: Floats) -> Floats:
    """(draw,) the mean of the precision at each step of recall, without interpolation; equal scores are one step."""
    known = np.nonzero(~np.isnan(truth))[0]
    order = known[np.argsort(-scores[known], kind="stable")]
    if not len(order):
        return np.full(len(weights), np.nan)
    ends = np.append(np.nonzero(np.diff(scores[order]))[0], len(order) - 1)
    drawn = weights[:, order]
    found = np.cumsum(drawn, axis=1)[:, ends]
    drawn *= truth[order]
    right = np.cumsum(drawn, axis=1, out=drawn)[:, ends]
    steps = np.diff(right, axis=1, prepend=0.0)
    precision = np.divide(right, found, out=np.zeros_like(right), where=found > 0)
    return ratio((steps * precision).sum(axis=1), right[:, -1])


def _calibration_error(off: Floats, scores: Floats, known: Bools) -> Measure:
    """Mean distance of the mean score from the share of cases that have it, over equal bins of the score weighted by
    their cases (Naeini et al., AAAI 2015). off: (case,) score minus truth, 0 where unknown."""
    edges = np.clip((np.nan_to_num(scores) * ECE_BINS).astype(np.int64), 0, ECE_BINS - 1)
    columns = np.zeros((len(off), ECE_BINS + 1))
    columns[np.arange(len(off)), edges] = off
    columns[:, -1] = known
    return OfSums(
        columns=columns,
        function=lambda sums: ratio(np.abs(sums[:, :-1]).sum(axis=1), sums[:, -1]),
        counts=known,
        span=SHARE,
        no_interval=NO_ECE_INTERVAL,
    )


def _balanced(sums: Floats) -> Floats:
    """Mean of sensitivity and specificity. sums: (draw, 4) found, missed, false alarm, neither."""
    hit, missed, false, rest = sums.T
    return (ratio(hit, hit + missed) + ratio(rest, rest + false)) / 2


def _kappa(sums: Floats) -> Floats:
    """Cohen's kappa: agreement above what the two frequencies alone would give."""
    hit, missed, false, rest = sums.T
    total = sums.sum(axis=1)
    by_chance = ratio((hit + missed) * (hit + false) + (rest + missed) * (rest + false), total**2)
    return ratio(ratio(hit + rest, total) - by_chance, 1 - by_chance)


def _ppv_at(prevalence: float, sums: Floats) -> Floats:
    """Bayes, from sensitivity and specificity, which do not hang on how many have it."""
    hit, missed, false, rest = sums.T
    right = prevalence * ratio(hit, hit + missed)
    return ratio(right, right + (1 - prevalence) * ratio(false, false + rest))


def _npv_at(prevalence: float, sums: Floats) -> Floats:
    hit, missed, false, rest = sums.T
    right = (1 - prevalence) * ratio(rest, false + rest)
    return ratio(right, right + prevalence * ratio(missed, hit + missed))
