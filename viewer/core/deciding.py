"""From scores to an answer: the one decision rule of each kind of task, for figures, proposals and words alike.

    rule = decision_rule(kind, labels, exclusive=...)   # or `Prediction.rule`, `Card.rule`
    rule.answer(scores, threshold)       one image's {label: score}  -> the labels that the answer says
    rule.said(scores, threshold)         (case, label) scores        -> (case, label) bool
    rule.inside(probability, threshold)  (label, row, col)           -> (label, row, col) bool
    rule.proposes(label, score, scores, threshold)   whether one proposal of an answer is proposed at a threshold
    rule.has_cut, rule.is_cut(label)     whether another threshold gives another answer (is there a slider to move?)
    rule.words(threshold)                "PNEUMONIA when its score is at least 0.42, else NORMAL"
    rule.why(label, scores, threshold)   why one proposal is proposed: "PNEUMONIA 0.40, below its cut 0.42"
    rule.leading(scores), rule.margin(scores, threshold)   whose score stands for it, and how far it is from another one
    score_words(score, cut), cut_words(cut, scores)   a score and the cut it is held against, told apart by their digits

A threshold is a cut in 0..1, and "at or above" counts everywhere. A score that is no number decides nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from viewer.core.registry import load
from viewer.core.task_kinds import TASK_KINDS

Bools = NDArray[np.bool_]
LEAST_DIGITS, MOST_DIGITS = 2, 9  # of a score and of its cut
Floats = NDArray[np.floating]


class Decides(StrEnum):
    """How scores become an answer, one row a kind; the values stand in model cards."""

    SECOND = "second label at or above the cut, else the first"  # two exclusive labels of an image
    HIGHEST = "the most probable label"  # three or more exclusive labels of an image
    EACH = "each label at or above the cut"  # labels of an image, each for itself
    BOXES = "each box at or above the cut"
    BEST_MASK = "per pixel the most probable label, at or above the cut"  # exclusive masks of several labels
    EACH_MASK = "per pixel each label at or above the cut"
    NUMBER = "the number itself"  # of an image, which no score stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """How one model decides. labels: in the order of its outputs; () where they were not kept (see `remembered`)."""

    by: Decides
    labels: tuple[str, ...]

    @property
    def remembered(self) -> bool:
        """Whether the labels are known. An answer from before they were kept is read as it was then: each label of
        its scores for itself."""
        return bool(self.labels)

    @property
    def has_cut(self) -> bool:
        """Whether another threshold gives another answer. Masks were cut when the model was asked: they have none."""
        return self.by in (Decides.SECOND, Decides.EACH, Decides.BOXES)

    @property
    def never_cuts(self) -> bool:
        """Whether no threshold decides anything, neither here nor when the model was asked."""
        return self.by in (Decides.HIGHEST, Decides.NUMBER)

    @property
    def is_of_image(self) -> bool:
        """Whether scores are of labels of the whole image."""
        return self.by in (Decides.SECOND, Decides.HIGHEST, Decides.EACH)

    @property
    def cuts_pixels(self) -> bool:
        """Whether masks are cut out of an image, when the model is asked."""
        return self.by in (Decides.BEST_MASK, Decides.EACH_MASK)

    @property
    def is_one_of(self) -> bool:
        """Whether the answer for an image is exactly one of its labels, whatever the threshold."""
        return self.by in (Decides.SECOND, Decides.HIGHEST)

    def is_cut(self, label: str) -> bool:
        """Whether this label's own score is held against the threshold (a line at the threshold means something)."""
        return self.has_cut and (self.by is not Decides.SECOND or label == self.labels[1])

    def said(self, scores: Floats, threshold: ArrayLike) -> Bools:
        """(case, label) what is said of each case. scores: (case, label); threshold: one, or one per case.

        A row of exclusive labels with a score that is no number says nothing, and of a number no label is said.
        """
        cut = np.broadcast_to(np.asarray(threshold, np.float64), (len(scores),))
        if self.by is Decides.NUMBER:
            return np.zeros(scores.shape, np.bool_)
        if not self.is_one_of:
            return np.asarray(scores >= cut[:, None])
        chosen = (scores[:, 1] >= cut).astype(np.intp) if self.by is Decides.SECOND else _highest(scores)
        said = np.asarray(np.arange(scores.shape[1])[None, :] == chosen[:, None])
        is_sound = np.asarray(~np.isnan(scores).any(axis=1), np.bool_)
        return np.asarray(said & is_sound[:, None], np.bool_)

    def answer(self, scores: Mapping[str, float], threshold: float) -> tuple[str, ...]:
        """The labels that are said of one image, in the order of the outputs. scores: probability by label.

        Empty where nothing is said: no scores, or none at or above the threshold where each label is for itself.
        """
        labels = self.labels or tuple(scores)
        if not scores or not labels:
            return ()
        row = np.array([[scores.get(label, np.nan) for label in labels]], np.float64)
        return tuple(label for label, holds in zip(labels, self.said(row, threshold)[0], strict=True) if holds)

    def inside(self, probability: Floats, threshold: float) -> Bools:
        """The pixels of each label. probability, result: (label, row, col)."""
        inside = np.asarray(probability >= threshold)
        if self.by is Decides.BEST_MASK:
            inside &= np.arange(len(probability))[:, None, None] == probability.argmax(axis=0)[None]
        return inside

    def proposes(self, label: str, score: float, scores: Mapping[str, float], threshold: float) -> bool:
        """Whether one proposal of an answer is proposed at this threshold.

        label, score: the proposal's; scores: of its whole image, by label (empty for regions).
        """
        if self.cuts_pixels:
            return True
        if self.by is Decides.BOXES or not scores:
            return score >= threshold
        return label in self.answer(scores, threshold)

    def held(self, scores: Mapping[str, float]) -> tuple[float, ...]:
        """Of the scores of an image by label, those that are held against the threshold."""
        return tuple(score for label, score in scores.items() if self.is_cut(label))

    def leading(self, scores: Mapping[str, float]) -> str:
        """The label whose score stands for an answer: of two that exclude each other the second, which is held against
        the cut; else that of the highest score, the first of equal ones. "" of no scores."""
        if self.by is Decides.SECOND and self.remembered:
            return self.labels[1] if self.labels[1] in scores else ""
        return max(scores, key=lambda label: scores[label], default="")

    def margin(self, scores: Mapping[str, float], threshold: float) -> float | None:
        """How far an answer is from another one, 0..1; the less, the less certain it is. Of labels that exclude each
        other and have no cut between the two highest scores, else from the cut to the nearest score that is held
        against it. None where no score decides, and of masks: their pixels were cut before.

        scores: by label of the whole image, or of boxes by anything that tells them apart.
        """
        if self.by is Decides.HIGHEST:
            first, second = [*sorted(scores.values(), reverse=True), np.nan, np.nan][:2]
            far = first - second
        else:
            held = self.held(scores) if self.is_of_image else tuple(scores.values()) if self.has_cut else ()
            far = min((abs(score - threshold) for score in held), default=np.nan)
        return None if np.isnan(far) else float(far)

    def why(self, label: str, scores: Mapping[str, float], threshold: float, *, beside: Iterable[float] = ()) -> str:
        """Why a label is proposed of which `proposes` says so, for people; "" where no score decides.

        scores: of its whole image, by label (empty for regions). threshold: for masks the one they were cut at. beside:
        every score that stands beside the cut.
        """
        cut = cut_words(threshold, beside)
        match self.by:
            case Decides.SECOND if self.remembered and not self.is_cut(label):
                other = self.labels[1]
                return f"{other} {score_words(scores.get(other, np.nan), threshold)}, below its cut {cut}"
            case Decides.SECOND | Decides.EACH | Decides.BOXES:
                return f"at least its cut {cut}"
            case Decides.HIGHEST:
                return f"the highest of {len(scores)} scores"
            case Decides.BEST_MASK:
                return f"where it scores highest, at least {cut}"
            case Decides.EACH_MASK:
                return f"where it scores at least {cut}"
            case Decides.NUMBER:
                return ""

    def words(self, threshold: float, *, beside: Iterable[float] = ()) -> str:
        """What the answer is, for people. beside: every score that stands beside the cut."""
        cut = cut_words(threshold, beside)
        alone = self.labels[0] if len(self.labels) == 1 else ""
        match self.by:
            case Decides.SECOND:
                return f"{self.labels[1]} when its score is at least {cut}, else {self.labels[0]}"
            case Decides.HIGHEST:
                return f"the highest scored of the {len(self.labels)} labels"
            case Decides.BOXES:
                return f"each box whose score is at least {cut}"
            case Decides.BEST_MASK:
                return f"each pixel's label with the highest score, where its score is at least {cut}"
            case Decides.EACH_MASK:
                return f"{alone or 'of each label'}: the pixels whose score is at least {cut}"
            case Decides.NUMBER:
                return f"the number of {alone or 'each label'} as the model gives it"
            case Decides.EACH:
                return (
                    f"{alone} when its score is at least {cut}" if alone
                    else f"each label whose score is at least {cut}"
                )  # fmt: skip


def decision_rule(kind: str, labels: tuple[str, ...], *, exclusive: bool) -> DecisionRule:
    """The rule of a task: its kind, labels and whether they exclude each other. Raises UnknownName for another kind."""
    return _rule(kind, TASK_KINDS.get(kind, ""), tuple(labels), exclusive=exclusive)


@lru_cache(maxsize=256)
def _rule(kind: str, _row: str, labels: tuple[str, ...], *, exclusive: bool) -> DecisionRule:
    """One of each for as long as the kind has this row in the table: each finding of a list asks for its own."""
    return DecisionRule(by=load(TASK_KINDS, kind).decides(labels, exclusive=exclusive), labels=labels)


def cut_words(threshold: float, beside: Iterable[float] = ()) -> str:
    """A cut with two digits, a third where it has one, and as many as tell it from each score that stands beside it."""
    text = f"{threshold:.3f}"
    text = text[:-1] if text.endswith("0") else text
    digits = max((_digits(score, threshold) for score in beside), default=LEAST_DIGITS)
    return text if len(text) >= len(f"{threshold:.{digits}f}") else f"{threshold:.{digits}f}"


def score_words(score: float, cut: float | None = None) -> str:
    """A score with two digits, and with as many as tell it from the cut that it is held against; None: from none."""
    return f"{score:.{LEAST_DIGITS if cut is None else _digits(score, cut)}f}"


def _digits(score: float, cut: float) -> int:
    """How many tell a score from its cut: with as many, the rounded ones are in the order of the true ones."""
    if np.isnan(score) or score == cut:
        return LEAST_DIGITS
    every = range(LEAST_DIGITS, MOST_DIGITS)
    return next((digits for digits in every if f"{score:.{digits}f}" != f"{cut:.{digits}f}"), MOST_DIGITS)


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """(positive, negative) by Bayes' rule: the share of right answers among those that say yes, and among those that
    say no.

    All are shares of 0 to 1. Sensitivity and specificity are taken to stay as they are, which holds where cases with
    and without the label are of the same mix as those judged. NaN where no answer of the kind is given, or where what
    it takes is NaN.
    """
    right, wrong = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    spared, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return (
        right / (right + wrong) if right + wrong > 0 else np.nan,
        spared / (spared + missed) if spared + missed > 0 else np.nan,
    )


def _highest(scores: Floats) -> NDArray[np.intp]:
    """(case,) the place of the highest score, the first of equal ones."""
    return np.asarray(np.where(np.isnan(scores), -np.inf, scores).argmax(axis=1), np.intp)
