"""The operating points of a model that a person may choose between: each a cut that a rule chose on validation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from viewer.ui.state.choosing import Question

if TYPE_CHECKING:
    from ml.card import Card

ROUNDING = 5e-4  # a threshold that is set here has three digits
DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """words: the rule, "recall at least 0.95". cut: of scores. reached: on validation, in words."""

    words: str
    cut: float
    reached: str

    @property
    def name(self) -> str:
        """To begin a sentence with."""
        return self.words[:1].upper() + self.words[1:]


def points_of(card: "Card") -> tuple[Point, ...]:
    """Those that a model's card has."""
    from ml.operating_points import rule_words

    found = {} if card.chosen is None else card.chosen.points
    return tuple(
        Point(
            words=rule_words(text), cut=point.cut,
            reached=f"recall {point.recall:.2f}"
            + ("" if point.precision is None else f", precision {point.precision:.2f}"),
        )
        for text, point in found.items()
    )  # fmt: skip


class Pointed(Protocol):
    """A model, as far as its points are asked for."""

    @property
    def model_hash(self) -> str:
        """Of its weights and card."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Those of its card."""


def points_among(models: "Iterable[Pointed | None]", model_hash: str) -> tuple[Point, ...]:
    """Those of the model of this hash; none where it is not among them."""
    return next((one.points for one in models if one is not None and one.model_hash == model_hash), ())


def snapped(threshold: float, cuts: Iterable[float | None]) -> float:
    """A threshold of three digits within 0 to 1, or the cut that it stands for: a cut's further digits decide too."""
    rounded = round(min(1.0, max(0.0, threshold)), DIGITS)
    near = [cut for cut in cuts if cut is not None and abs(cut - rounded) <= ROUNDING]
    return min(near, key=lambda cut: abs(cut - threshold)) if near else rounded


def set_by(threshold: float, points: Sequence[Point]) -> str:
    """How a threshold that is not the model's own came about: by which rule, or by hand."""
    return next((point.name for point in points if point.cut == threshold), "Set here")


def point_question(own: float, points: Sequence[Point]) -> Question[float]:
    """Which of them decides on the shown case."""
    others = [(f"{point.name}: {point.cut:.3g} · {point.reached}", point.cut) for point in points if point.cut != own]
    same = next((f" · {point.words}" for point in points if point.cut == own), "")
    return Question(
        title="By which operating point is this case decided?",
        choices=((f"The model's own: {own:.3g}{same}", own), *others),
        detail="Each was chosen on the validation part, and what it reached is of that part. The model keeps its own.",
    )
