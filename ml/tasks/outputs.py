"""What a kind of task makes of a network's outputs: a loss, proposals, figures, and what a heatmap explains."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import Card
from ml.data.batches import ImageData
from ml.data.preprocess import Inverse
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.outcome import Outcome
from ml.explain.score import Score
from ml.inference.outputs import Found
from ml.operating_points import Counts
from ml.recipe import Recipe
from ml.tasks.task import learnt
from ml.training.objective import Objective
from viewer.core.registry import load

Ints = NDArray[np.int64]
Tell = Callable[[str, int, int], None]

MODEL = "model"  # who answers, beside the controls
JUDGING, CONTROLS = "judging the cases", "fitting the controls"


class TaskOutputs(Protocol):
    """What `LearntTask.outputs` names."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> Objective:
        """The loss and the validation of a run."""
        ...

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        """What the network says of one image. images: (1, channel, row, col). Called without gradients."""
        ...

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        """What MODEL and each control say of the rows, for `outcome`; the controls know the rows of
        `learnt`.

        run: its name, for a refusal. tell: called with what is being done, how much of it is done and of how much.
        """
        ...

    def counts(self, network: nn.Module, data: ImageData, rows: Ints, card: Card, *, run: str) -> Counts | None:
        """What each cut says of the rows, to choose one by; None where no score of an answer is cut. run: its name."""
        ...

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        """The answers of one who answered, of one run after the other, joined. folds: (case,)."""
        ...

    def as_one(self, answers: Sequence[Any]) -> Any | None:
        """What several networks said of the same cases, as one model says it; None where there is no mean of it."""
        ...

    def notes(self, outcome: Outcome) -> list[str]:
        """What a reader of the model's figures must know beside them."""
        ...

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        """What "why this label" asks. Raises BadRequest where the question makes no sense."""
        ...

    def score_unit(self, card: Card, label: str) -> str:
        """What that score counts; ARBITRARY where no map of it has a unit."""
        ...


def outputs_of(kind: str) -> TaskOutputs:
    """Those of a kind. Raises UnknownName with the kinds there are."""
    found: TaskOutputs = load({kind: learnt(kind).outputs}, kind)
    return found
