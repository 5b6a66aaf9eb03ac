"""What a heatmap explains."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


# What is explained: a network and its input (1, channel, row, col) to one number in its unit, as a scalar tensor.
Score = Callable[["Module", "Tensor"], "Tensor"]
