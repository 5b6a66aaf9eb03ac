"""What a heatmap method is.

A method weighs what one layer of a network gave and how the score depends on it: the evidence for that score, unscaled,
at the layer's resolution. It never sees the network: that one is shared with whatever else runs. Scaling is display.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.explain.score import Score
from viewer.core.registry import load

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from ml.explain.tap import Evidence


class CamMethod(Protocol):
    """One row of `ml.explain.cams.CAMS`. Listing the rows loads no torch.

    title: as people see it. note: one sentence on what the map shows, for the method's tooltip.
    """

    title: str
    note: str

    def weigh(self, evidence: "Evidence") -> NDArray[np.float32]:
        """Evidence (row, col) for the score at the layer, unscaled; negative values are kept."""
        ...


def heat(method: CamMethod, network: "Module", layer: str, images: "Tensor", score: Score) -> NDArray[np.float32]:
    """What a method says of one image: (row, col), unscaled.

    network: in evaluation mode, not changed. layer: dotted name of the module whose output is read.
    images: (1, channel, row, col). Raises BadRequest where the layer's output is no map.
    """
    from ml.explain.tap import tap

    return method.weigh(tap(network, layer, images, score))


def methods() -> dict[str, CamMethod]:
    """All methods by name, the default first."""
    from ml.explain.cams import CAMS

    return {name: load(CAMS, name) for name in CAMS}
