"""Methods of the grad-cam library (Gildenblat et al., MIT), one row each, before its own min-max scaling.

The library keeps its state on the model (hooks, gradients of parameters) and is not thread safe, so it never sees
ours: it is given a model of one weight, and its formula our features and gradients.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ml.explain.tap import Evidence


class LibraryCam:
    """One class of `pytorch_grad_cam`. attribute: its name there."""

    def __init__(self, *, title: str, note: str, attribute: str) -> None:
        self.title = title
        self.note = note
        self.attribute = attribute

    def weigh(self, evidence: "Evidence") -> NDArray[np.float32]:
        """See `CamMethod.weigh`."""
        import pytorch_grad_cam
        from torch import nn

        activations = evidence.features.float().cpu().numpy()
        gradients = evidence.gradients.float().cpu().numpy()
        cam = getattr(pytorch_grad_cam, self.attribute)(model=nn.Linear(1, 1), target_layers=[])
        maps = cam.get_cam_image(None, None, [], activations, gradients, False)
        heat: NDArray[np.float32] = np.asarray(maps[0], np.float32)
        return heat


GRADCAM_PLUS_PLUS = LibraryCam(
    title="Grad-CAM++",
    note="Only what raises the score counts; several places of one class weigh alike.",
    attribute="GradCAMPlusPlus",
)
HIRESCAM = LibraryCam(
    title="HiResCAM",
    note="Gradient times feature at each place, without averaging the gradient.",
    attribute="HiResCAM",
)
XGRADCAM = LibraryCam(
    title="XGrad-CAM",
    note="Channels weigh by their share of the feature, so that the parts add up to the score.",
    attribute="XGradCAM",
)
LAYERCAM = LibraryCam(
    title="LayerCAM",
    note="Only positive gradients count, place by place; also for earlier layers.",
    attribute="LayerCAM",
)
