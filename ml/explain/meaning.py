"""What a map's numbers mean: their unit, and which methods say the same of this image.

A map is in logits only where that is seen: its sum and the score of the silent layer (all its features 0, so that only
biases speak) are the score. That holds where pooling and one linear layer follow and the method multiplies features by
their own gradients, and is checked for each map anew.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.explain.cam import methods
from ml.explain.score import Score
from ml.explain.tap import Evidence, with_layer
from viewer.core.errors import BadRequest
from viewer.core.heat import ARBITRARY, LOGIT

# Of the largest term: float32 sums over a few thousand features differ by their order.
CLOSE = 1e-3
SMALL_PX = 64


class Silent(nn.Module):
    """Stands for a layer whose every feature is 0. shape: of its output."""

    def __init__(self, shape: torch.Size) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, given: Tensor) -> Tensor:
        """Zeros, whatever comes in."""
        return torch.zeros(self.shape, dtype=given.dtype, device=given.device)


def silent_score(network: nn.Module, layer: str, images: Tensor, score: Score, shape: torch.Size) -> float | None:
    """The score where the layer gives nothing; None where the question makes no sense without it.

    shape: of the layer's output. What stands before the layer does not matter then, so it is given a small input: a
    tenth of an answer instead of a whole one. A network that reads its input's size otherwise gives another number,
    and its maps count as unitless.
    """
    small = images[:, :, : min(SMALL_PX, images.shape[2]), : min(SMALL_PX, images.shape[3])]
    try:
        with torch.no_grad():
            return float(score(with_layer(network, layer, Silent(shape)), small))
    except (BadRequest, RuntimeError, ValueError):  # no region is proposed; or an input of one size only
        return None


def unit_of(grid: NDArray[np.float32], evidence: Evidence, silent: float | None, unit: str = LOGIT) -> str:
    """The score's unit where the map and the score without the layer add up to the score, else ARBITRARY."""
    if silent is None:
        return ARBITRARY
    total = float(grid.astype(np.float64).sum())
    size = max(abs(evidence.score), abs(silent), float(np.abs(grid).sum()), 1e-12)
    # A map of nothing says nothing of its unit, and neither does one beside a much larger constant.
    if float(np.abs(grid).sum()) <= CLOSE * size:
        return ARBITRARY
    return unit if abs(total + silent - evidence.score) <= CLOSE * size else ARBITRARY


def same_maps(name: str, grid: NDArray[np.float32], evidence: Evidence) -> tuple[str, ...]:
    """The titles of the other methods that make just this map of the same evidence."""
    size = float(np.abs(grid).max())
    found = []
    for other, method in methods().items():
        if other != name and size > 0 and np.abs(method.weigh(evidence) - grid).max() <= CLOSE * size:
            found.append(method.title)
    return tuple(found)
