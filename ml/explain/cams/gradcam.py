"""Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) on the split network: own path, no hooks."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.explain.cam import Score

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


class GradCam:
    """Each channel weighs as much as the score grows with its mean.

    Where global average pooling and one linear layer follow, the map's sum and the layer's bias are the logit.
    """

    title = "Grad-CAM"
    note = "How much each place of the last feature map raises or lowers the score."

    def heat(self, network: "Module", layer: str, images: "Tensor", score: Score) -> NDArray[np.float32]:
        """See `CamMethod.heat`."""
        from ml.explain.tap import tap

        evidence = tap(network, layer, images, score)
        weights = evidence.gradients.mean(dim=(2, 3), keepdim=True)
        heat: NDArray[np.float32] = (weights * evidence.features).sum(dim=1)[0].float().cpu().numpy()
        return heat


GRADCAM = GradCam()
