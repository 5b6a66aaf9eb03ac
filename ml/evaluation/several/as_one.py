"""The folds of a training as one model: the mean of their probabilities, on test cases that they share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from ml.card import Card
from ml.evaluation.collected import Collected
from ml.tasks.outputs import TaskOutputs
from ml.training.run import Images
from viewer.core.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedTest:
    """A snapshot with folds read so that each fold's test part is the one that no fold learnt from. Raises BadRequest
    when it is made of a snapshot without such cases."""

    of: Images
    shared: bool = True

    def __post_init__(self) -> None:
        if not self.of.parts(None)["test"]:
            raise BadRequest(
                "The folds share no test case, so there is nothing to judge them on as one: each case was learnt from "
                "by some. Freeze a test part first, or name another project's snapshot."
            )

    @property
    def id(self) -> str:
        """See `Images`."""
        return self.of.id

    @property
    def card(self) -> dict[str, Any]:
        """See `Images`."""
        return self.of.card

    @property
    def items(self) -> Sequence[Any]:
        """See `Images`."""
        return self.of.items

    def parts(self, fold: int | None) -> dict[str, list[Any]]:
        """See `Images`."""
        return {**self.of.parts(fold), "test": self.of.parts(None)["test"]}


def shared_test(snapshot: Images, runs: int, *, part: str = "test") -> Images:
    """Read so that folds share its test part. runs: how many. Raises BadRequest where they are none, or share none."""
    if runs < 2:
        raise BadRequest("One run is one model already; name the folds of a `train --fold all` by their shared name.")
    if part != "test":
        raise BadRequest("Folds are taken as one on a test part that they share; validation parts are each one's own.")
    return snapshot if getattr(snapshot, "shared", False) else SharedTest(of=snapshot)


def take_as_one(collected: Collected, cards: Sequence[Card], outputs: TaskOutputs) -> tuple[Card, str]:
    """Make what several runs said of the same cases what one model says of them; returns its card, and what it is.

    Raises BadRequest where the runs judged other cases, or their kind has no mean.
    """
    count, runs = collected.counts[0], len(collected.counts)
    if set(collected.counts) != {count} or collected.images != collected.images[:count] * runs:
        raise BadRequest("The folds can read different cases of the test part, so they cannot be taken as one.")
    answers = {who: outputs.as_one(each) for who, each in collected.answers.items() if len(each) == runs}
    if any(answer is None for answer in answers.values()):
        raise BadRequest(
            f"Several folds are taken as one by the mean of their probabilities, and a {cards[0].kind} has none; "
            "evaluate one run."
        )
    collected.answers = {who: [answer] for who, answer in answers.items()}
    marks = collected.seen.marks
    collected.seen.marks = [next(filter(None, marks[place::count]), "") for place in range(count)]
    for name in ("images", "names", "items", "patients"):
        setattr(collected, name, getattr(collected, name)[:count])
    collected.folds, collected.counts = [0] * count, [count]
    collected.left_out = list({one[0]: one for one in collected.left_out}.values())
    cut = fmean(card.threshold for card in cards)
    said = f"One model of {runs} networks, one for each fold: mean of their probabilities, mean of their cuts."
    return replace(cards[0], threshold=cut, chosen=None, operating_point="", fold=None), said
