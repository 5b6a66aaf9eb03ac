"""What a kind of task brings to the loop: its loss, its validation, its metric."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.data.batches import Batch, ImageData


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One pass over validation images.

    loss: mean, NaN where there is none. metrics: by name. score: the metric the best epoch is chosen by (higher is
    better), NaN where it is not defined. threshold: the operating point these cases give. note: what is wrong, or "".
    """

    loss: float
    metrics: dict[str, float]
    score: float
    threshold: float
    note: str = ""


class Objective(Protocol):
    """One per kind; made from the data and the recipe."""

    metric: str  # name of the metric that chooses the best epoch

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """The mean loss of a training batch; a scalar with gradients. Unknown labels do not count."""
        ...

    def validate(self, network: nn.Module, data: ImageData, rows: NDArray[np.int64], batch_size: int) -> Validation:
        """Figures over images as a prediction sees them. The network is in evaluation mode, without gradients."""
        ...


def chunks(rows: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """rows in their order, batch_size at a time."""
    return [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
