"""What a heatmap method is.

A method reads one layer of a network and gives the evidence for one score, unscaled, at the layer's resolution. It
never changes the network it is given: that one is shared with whatever else runs. Scaling is display.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.core.registry import load

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# What is explained: a network and its input (1, channel, row, col) to one number in logits, as a scalar tensor.
Score = Callable[["Module", "Tensor"], "Tensor"]


class CamMethod(Protocol):
    """One row of `ml.explain.cams.CAMS`. Listing the rows loads no torch.

    title: as people see it. note: one sentence on what the map shows, for the method's tooltip.
    """

    title: str
    note: str

    def heat(self, network: "Module", layer: str, images: "Tensor", score: Score) -> NDArray[np.float32]:
        """Evidence (row, col) for `score` at the layer, unscaled; negative values are kept.

        network: in evaluation mode, not changed. layer: dotted name of the module whose output is read.
        images: (1, channel, row, col). Raises BadRequest where the layer's output is no map.
        """
        ...


def methods() -> dict[str, CamMethod]:
    """All methods by name, the default first."""
    from ml.explain.cams import CAMS

    return {name: load(CAMS, name) for name in CAMS}
