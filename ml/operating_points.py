"""Operating points: rules by which a cut of scores is chosen on validation, and what it reached there.

A rule is written as its name and its number: "recall:0.95", "precision:0.9", "youden", "cost:10". A new one is a row of
`RULES`. Loads no torch: a recipe names one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.checked import Fields
from viewer.core.errors import BadRequest

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STANDARD = ("recall:0.95", "precision:0.9", "youden")  # kept in every card that has a cut
ROUNDING = 1e-12  # 19 of 20 is 0.95, whatever the last digit says


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """What each cut says, the lowest cut first. hits, false: (cut,). negatives: None where nothing counts what is
    rightly left out (boxes)."""

    cuts: Floats
    hits: Floats
    false: Floats
    positives: float
    negatives: float | None

    @property
    def recall(self) -> Floats:
        """(cut,)"""
        return np.asarray(self.hits / self.positives, np.float64)

    @property
    def precision(self) -> Floats:
        """(cut,) NaN where nothing is said."""
        said = self.hits + self.false
        share: Floats = np.divide(self.hits, said, out=np.full(len(said), np.nan), where=said > 0)
        return share


def counts_of(positive: Bools, scores: Floats, *, missed: float = 0.0, negatives: float | None = None) -> Counts:
    """Of things with scores, at a cut below all, between each two scores, and above all.

    positive: (thing,) whether it is right to say it. missed: positives that no thing stands for. negatives: as `Counts`
    has them.
    """
    edges = np.unique(scores)
    between = (edges[1:] + edges[:-1]) / 2
    lowest, highest = (edges[:1] / 2, np.minimum((edges[-1:] + 1) / 2 + 1e-9, 1.0)) if len(edges) else ([0.5], [])
    cuts = np.concatenate([lowest, between, highest])
    ordered, right = np.sort(scores), np.sort(scores[positive])
    said = len(ordered) - np.searchsorted(ordered, cuts)
    hits = (len(right) - np.searchsorted(right, cuts)).astype(np.float64)
    return Counts(
        cuts=cuts, hits=hits, false=said - hits, positives=float(positive.sum()) + missed, negatives=negatives
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """words: with {} for the number. low, high: of the number; None where the rule has none. worth: (cut,) of each cut,
    of which the greatest is chosen, -inf where a cut does not do. boxes: whether it can be asked of boxes."""

    words: str
    worth: Callable[[Counts, float], Floats]
    low: float | None = None
    high: float = 1.0
    boxes: bool = True


def _recall(counts: Counts, least: float) -> Floats:
    """The highest cut that finds enough: it has the fewest false alarms of them."""
    return np.where(counts.recall >= least - ROUNDING, counts.cuts, -np.inf)


def _precision(counts: Counts, least: float) -> Floats:
    """The most that is found by a cut that is right often enough, and of equal ones the most precise."""
    precision = np.nan_to_num(counts.precision, nan=-1.0)
    return np.where(precision >= least - ROUNDING, counts.hits + precision / 2, -np.inf)


def _youden(counts: Counts, _number: float) -> Floats:
    """Sensitivity and specificity together (Youden, Cancer 3, 1950)."""
    if not counts.negatives:
        return np.full(len(counts.cuts), -np.inf)
    return counts.recall - counts.false / counts.negatives


def _cost(counts: Counts, times: float) -> Floats:
    """The least cost, where what is missed costs so many false alarms."""
    return -(times * (counts.positives - counts.hits) + counts.false)


RULES: dict[str, Rule] = {
    "recall": Rule(words="recall at least {}", worth=_recall, low=0.0),
    "precision": Rule(words="precision at least {}", worth=_precision, low=0.0),
    "youden": Rule(words="the greatest sum of sensitivity and specificity (Youden)", worth=_youden, boxes=False),
    "cost": Rule(words="the least cost, a missed one counting as {} false alarms", worth=_cost, low=1e-6, high=1e6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule with its number."""

    name: str
    number: float = 0.0

    @property
    def rule(self) -> Rule:
        """Its row."""
        return RULES[self.name]

    @property
    def words(self) -> str:
        """As people say it."""
        return self.rule.words.format(f"{self.number:g}")


def read_rule(text: str) -> Asked:
    """ "recall:0.95". Raises BadRequest."""
    name, colon, number = text.partition(":")
    rule = RULES.get(name)
    if rule is None:
        raise BadRequest(f"An operating point is chosen by {', '.join(RULES)}, not by {text!r}; write recall:0.95.")
    if rule.low is None:
        if colon:
            raise BadRequest(f"The operating point {name} takes no number; write {name}.")
        return Asked(name=name)
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not rule.low <= value <= rule.high:
        raise BadRequest(
            f"The operating point {name} takes a number from {rule.low:g} to {rule.high:g}, not {number!r}; write "
            f"{name}:{min(rule.high, 10):g}."
        )
    return Asked(name=name, number=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """A cut that a rule chose, and what it reached on validation; precision: None where nothing is said."""

    cut: float
    recall: float
    precision: float | None

    def to_json(self) -> dict[str, float | None]:
        """For a card; `read_points` reads it back."""
        return {"cut": self.cut, "recall": self.recall, "precision": self.precision}


def choose(text: str, counts: Counts) -> OperatingPoint | None:
    """The point by a rule; None where no cut does, or nothing can be counted."""
    asked = read_rule(text)
    if not counts.positives or (counts.negatives is None and not asked.rule.boxes):
        return None
    worth = asked.rule.worth(counts, asked.number)
    if not np.isfinite(worth).any():
        return None
    best = np.nonzero(worth >= worth.max() - ROUNDING)[0]
    place = int(best[np.argmin(np.abs(counts.cuts[best] - 0.5))])
    precision = float(counts.precision[place])
    return OperatingPoint(
        cut=float(counts.cuts[place]), recall=float(counts.recall[place]),
        precision=precision if np.isfinite(precision) else None,
    )  # fmt: skip


def standard_points(counts: Counts, also: str = "") -> dict[str, OperatingPoint]:
    """Those of the standard rules that a cut does for, and of one more."""
    texts = dict.fromkeys((*STANDARD, *((also,) if also else ())))
    return {text: point for text in texts if (point := choose(text, counts)) is not None}


def read_points(fields: Fields) -> dict[str, OperatingPoint]:
    """Those of a card, by rule. Raises what `fields` raises."""
    found: dict[str, OperatingPoint] = {}
    for text in fields.names():
        one = fields.inner(text)
        precision = one.number_or_none("precision", 0, 1)
        found[text] = OperatingPoint(
            cut=one.number("cut", 0, 1), recall=one.number("recall", 0, 1), precision=precision
        )
    return found


def points_json(points: Mapping[str, OperatingPoint]) -> dict[str, Any]:
    """For a card."""
    return {text: point.to_json() for text, point in points.items()}


def lacking_words(text: str, point: OperatingPoint | None) -> str:
    """What is said where no cut does what was asked; "" where one does, or nothing was asked."""
    if not text or point is not None:
        return ""
    return f"No cut gives {rule_words(text)} on validation; the cut is the one that is chosen without a rule."


def rule_words(text: str) -> str:
    """A rule of a card in words; as it stands where this version does not know it."""
    try:
        return read_rule(text).words
    except BadRequest:
        return text
