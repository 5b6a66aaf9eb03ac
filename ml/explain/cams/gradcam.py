"""Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) on the split network: own path, no hooks."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ml.explain.tap import Evidence


class GradCam:
    """Each channel weighs as much as the score grows with its mean.

    Where global average pooling and one linear layer follow, the map's sum and the layer's bias are the logit.
    """

    title = "Grad-CAM"
    note = "How much each place of the last feature map raises or lowers the score."

    def weigh(self, evidence: "Evidence") -> NDArray[np.float32]:
        """See `CamMethod.weigh`."""
        weights = evidence.gradients.mean(dim=(2, 3), keepdim=True)
        heat: NDArray[np.float32] = (weights * evidence.features).sum(dim=1)[0].float().cpu().numpy()
        return heat


GRADCAM = GradCam()
