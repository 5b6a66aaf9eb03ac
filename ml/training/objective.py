"""What a kind of task brings to the loop: its loss, its validation, its metric."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import NumberScale
from ml.chosen import Chosen
from ml.data.batches import Batch, ImageData
from ml.metric_words import best_cut_words


class OutputsAreNoNumbers(Exception):
    """A network answered NaN or infinity; figures of such answers are none."""


def refuse_no_numbers(outputs: Tensor) -> Tensor:
    """The outputs of a network as they are. Raises OutputsAreNoNumbers."""
    if not torch.isfinite(outputs).all():
        raise OutputsAreNoNumbers
    return outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One pass over validation images.

    loss: mean, NaN where there is none. metrics: by name. score: the metric the best epoch is chosen by (higher is
    better), NaN where it is not defined. threshold: the operating point these cases give. note: what is wrong, or "".
    chosen_here: the threshold was chosen on these very cases, and there is more than one to choose from.
    operating_point: the rule that chose it, "" for the kind's own. chosen: what else these cases give, for the card.
    """

    loss: float
    metrics: dict[str, float]
    score: float
    threshold: float
    note: str = ""
    chosen_here: bool = False
    operating_point: str = ""
    chosen: Chosen | None = None

    @property
    def cut_note(self) -> str:
        """What is said beside figures that stand at a cut chosen on the same cases; "" where none does."""
        return best_cut_words(self.metrics, self.threshold, self.operating_point) if self.chosen_here else ""


class Objective(Protocol):
    """One per kind; made from the data and the recipe."""

    metric: str  # name of the metric that chooses the best epoch
    scales: dict[str, NumberScale]  # of labels that are numbers, for the card

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """The mean loss of a training batch; a scalar with gradients. Unknown labels do not count."""
        ...

    def validate(self, network: nn.Module, data: ImageData, rows: NDArray[np.int64], batch_size: int) -> Validation:
        """Figures over images as a prediction sees them. The network is in evaluation mode, without gradients."""
        ...


def chunks(rows: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """rows in their order, batch_size at a time."""
    return [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
