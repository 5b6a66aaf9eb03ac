"""The figures of whole-image labels at their operating points, and of their scores as probabilities.

Each label has its own precision and recall; of three or more labels, or of several that stand each for itself, the mean
over them is told too. One label alone, or the second of a pair, says it all in figures of the scores.
"""

from dataclasses import dataclass, replace

import numpy as np

from ml.evaluation.figures.agreement import ONE_ANSWER, kappa_columns, kappa_of_sums
from ml.evaluation.figures.average_precision import NO_POSITIVE, AveragePrecision
from ml.evaluation.figures.probabilities import NO_PROBABILITY, CalibrationError, is_probability
from ml.evaluation.intervals import FEWEST_OF_A_CLASS, SHARE
from ml.evaluation.measures import (
    NOTHING_THERE,
    ONE_CLASS,
    Computed,
    MeanOf,
    Measure,
    OfSums,
    Share,
    mean_of_defined,
    ratio,
)
from ml.evaluation.outcome import Bools, Floats

NO_NEGATIVE = "every case has the label"
NONE_SAID, ALL_SAID = "no answer says the label", "every answer says the label"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelAnswers:
    """truth: (case, label) 1, 0, NaN where unknown. said: (case, label) at the operating point. scores: as truth."""

    truth: Floats
    said: Bools
    scores: Floats
    labels: tuple[str, ...]
    exclusive: bool

    @property
    def is_pair(self) -> bool:
        """Whether the second label says it all."""
        return self.exclusive and len(self.labels) == 2

    @property
    def positive(self) -> int | None:
        """The column that says it all; None of several labels."""
        return 1 if self.is_pair else 0 if len(self.labels) == 1 else None

    @property
    def known(self) -> Bools:
        """(case, label)"""
        return np.asarray(~np.isnan(self.truth))

    @property
    def yes(self) -> Bools:
        """(case, label)"""
        return np.asarray(self.truth == 1)


def answer_measures(of: LabelAnswers) -> dict[str, Measure]:
    """balanced_accuracy and kappa; ppv, sensitivity, specificity, npv and label_f1 of each label, means of several."""
    some = np.asarray(of.known.any(axis=1))
    result: dict[str, Measure] = {"balanced_accuracy": _balanced(of, some)}
    if len(of.labels) == 1:
        result |= _shares(of, 0)
    elif not of.is_pair:
        result |= {name: _mean(of, name, some) for name in ("ppv", "sensitivity", "specificity")}
    result["kappa"] = _kappa(of, some)
    if len(of.labels) > 1:
        for i, label in enumerate(of.labels):
            result[f"label_f1:{label}"] = _f1(of, i)
            # Specificity and NPV of the first of a pair are recall and precision of the second.
            kept = ("ppv", "sensitivity") if of.is_pair and i == 0 else tuple(WAYS)
            result |= {f"{name}:{label}": each for name, each in _shares(of, i).items() if name in kept}
    return result


# A share of the cases that ... among those that ...: (hit, of these, why there may be none).
WAYS = {
    "ppv": ("yes", "said", NONE_SAID),
    "sensitivity": ("said", "yes", NO_POSITIVE),
    "specificity": ("silent", "no", NO_NEGATIVE),
    "npv": ("no", "silent", ALL_SAID),
}


def _sides(of: LabelAnswers) -> dict[str, Bools]:
    """(case, label) of each word of `WAYS`, where the label is known."""
    return {
        "yes": of.yes & of.known, "no": ~of.yes & of.known, "said": of.said & of.known, "silent": ~of.said & of.known,
    }  # fmt: skip


def _shares(of: LabelAnswers, i: int) -> dict[str, Measure]:
    """Of one label."""
    sides = {word: side[:, i] for word, side in _sides(of).items()}
    return {
        name: Share(
            top=sides[hit] & sides[among], bottom=np.ascontiguousarray(sides[among]), counted=True,
            undefined=why, fewest=FEWEST_OF_A_CLASS,
        )
        for name, (hit, among, why) in WAYS.items()
    }  # fmt: skip


def _f1(of: LabelAnswers, i: int) -> Measure:
    sides = {word: side[:, i] for word, side in _sides(of).items()}
    hit, either = (sides["yes"] & sides["said"]).astype(np.int8), sides["yes"].astype(np.int8) + sides["said"]
    return Share(top=2 * hit, bottom=either, hit_weight=2, undefined=NOTHING_THERE, fewest=FEWEST_OF_A_CLASS)


def _mean(of: LabelAnswers, name: str, some: Bools) -> Measure:
    """The mean of a share over the labels that have one."""
    sides, (hit, among, _), labels = _sides(of), WAYS[name], len(of.labels)
    columns = np.concatenate([sides[hit] & sides[among], sides[among]], axis=1)
    return OfSums(
        columns=columns, counts=some, span=SHARE,
        function=lambda sums: mean_of_defined(ratio(sums[:, :labels], sums[:, labels:]).T),
    )  # fmt: skip


def _balanced(of: LabelAnswers, some: Bools) -> Measure:
    """The mean recall of the labels that occur; of labels that stand each for itself that of "yes" and of "no"."""
    if of.exclusive:
        mean = _mean(of, "sensitivity", some)
        assert isinstance(mean, OfSums)
        return replace(mean, classes=_classes(of))
    sides, labels = _sides(of), len(of.labels)
    yes, no = sides["yes"], sides["no"]
    columns = np.concatenate([yes & sides["said"], yes, no & sides["silent"], no], axis=1)

    def values(sums: Floats) -> Floats:
        found, there, left, absent = (sums[:, i * labels : (i + 1) * labels] for i in range(4))
        # A label of which all cases are alike has no mean of two recalls: NaN goes through.
        return mean_of_defined(((ratio(found, there) + ratio(left, absent)) / 2).T)

    return OfSums(
        columns=columns, function=values, counts=some, undefined=ONE_CLASS, span=SHARE, classes=_classes(of)
    )  # fmt: skip


def _classes(of: LabelAnswers) -> tuple[Floats, ...]:
    """The truth of each label of which there are cases of both kinds."""
    columns = of.truth[:, [of.positive]] if of.positive is not None else of.truth
    return tuple(column for column in columns.T if {0.0, 1.0} <= set(column.tolist()))


def _kappa(of: LabelAnswers, some: Bools) -> Measure:
    """Of one of several labels; of labels that stand each for itself the mean of each, yes against no."""
    sides = _sides(of)
    if of.exclusive:
        whole = np.asarray(of.known.all(axis=1))[:, None]
        each = [((sides["yes"] & whole), (sides["said"] & whole))]
    else:
        each = [
            (np.stack([sides["yes"][:, i], sides["no"][:, i]], axis=1),
             np.stack([sides["said"][:, i], sides["silent"][:, i]], axis=1))
            for i in range(len(of.labels))
        ]  # fmt: skip
    columns = np.concatenate([kappa_columns(truth, said) for truth, said in each], axis=1)

    def values(sums: Floats) -> Floats:
        return mean_of_defined(np.stack([kappa_of_sums(part) for part in np.split(sums, len(each), axis=1)]))

    return OfSums(
        columns=columns, function=values, counts=some, undefined=ONE_ANSWER, span=(-1.0, 1.0), classes=_classes(of)
    )  # fmt: skip


def score_measures(of: LabelAnswers) -> dict[str, Measure]:
    """average_precision (and of each label), brier and ece: of the scores, wherever they are cut."""
    some = np.asarray(of.known.any(axis=1))
    columns = range(len(of.labels)) if of.positive is None else [of.positive]
    each = [AveragePrecision(truth=of.truth[:, i], scores=of.scores[:, i]) for i in columns]
    result: dict[str, Measure] = {"average_precision": each[0]}
    if of.positive is None:
        result["average_precision"] = MeanOf(parts=tuple(each), undefined=NO_POSITIVE, classes=_classes(of))
        result |= {f"average_precision:{label}": one for label, one in zip(of.labels, each, strict=True)}
    return result | _probability_measures(of, some)


def _probability_measures(of: LabelAnswers, some: Bools) -> dict[str, Measure]:
    if not is_probability(of.scores[of.known]):
        nothing = Computed(
            function=lambda weights: np.full(len(weights), np.nan), counts=some, undefined=NO_PROBABILITY
        )
        return {"brier": nothing, "ece": nothing}
    if of.positive is not None:
        truth, scores = of.truth[:, [of.positive]], of.scores[:, [of.positive]]
    else:
        truth, scores = of.truth, of.scores
    known, labels = ~np.isnan(truth), truth.shape[1]
    apart = np.where(known, (scores - np.nan_to_num(truth)) ** 2, 0.0)
    if of.exclusive and of.positive is None:
        whole = known.all(axis=1)
        # Brier's own sum over the labels, 0 to 2; and the answer's score against whether it is right.
        brier = Share(top=np.where(whole, apart.sum(axis=1), 0.0), bottom=whole.astype(float), amount=True)
        top = np.arange(labels)[None] == np.nan_to_num(scores, nan=-1.0).argmax(axis=1)[:, None]
        right = np.where(whole, (top & (truth == 1)).any(axis=1), np.nan)
        error = CalibrationError(truth=right[:, None], scores=np.where(top, scores, 0.0).sum(axis=1)[:, None])
        return {"brier": brier, "ece": error}
    own: Measure = Share(top=apart[:, 0], bottom=known[:, 0].astype(float))
    if labels > 1:
        own = OfSums(
            columns=np.concatenate([apart, known.astype(float)], axis=1), counts=some, span=SHARE,
            function=lambda sums: mean_of_defined(ratio(sums[:, :labels], sums[:, labels:]).T),
        )  # fmt: skip
    return {"brier": own, "ece": CalibrationError(truth=truth, scores=scores)}


def calibrated_measures(of: LabelAnswers) -> dict[str, Measure]:
    """brier_after and ece_after, of scores that were calibrated on validation."""
    found = _probability_measures(of, np.asarray(of.known.any(axis=1)))
    return {f"{name}_after": measure for name, measure in found.items()}


def point_measures(of: LabelAnswers) -> dict[str, Measure]:
    """By what an operating point is judged: recall, specificity, precision and NPV of the label that says it all; of
    several, means."""
    if of.positive is not None:
        own, behind = _shares(of, of.positive), f":{of.labels[of.positive]}" if of.is_pair else ""
        return {f"{name}{behind}": own[name] for name in ("sensitivity", "specificity", "ppv", "npv")}
    some = np.asarray(of.known.any(axis=1))
    return {name: _mean(of, name, some) for name in ("sensitivity", "specificity", "ppv")}


def ways_of_positive(of: LabelAnswers) -> Floats | None:
    """See `Outcome.positive_ways`."""
    if of.positive is None:
        return None
    sides = {word: side[:, of.positive] for word, side in _sides(of).items()}
    yes, no = sides["yes"], sides["no"]
    return np.stack([yes & sides["said"], yes, no & sides["silent"], no], axis=1).astype(np.float64)
