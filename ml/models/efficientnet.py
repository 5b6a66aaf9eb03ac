"""EfficientNet (Tan and Le 2019, arXiv 1905.11946) from torchvision, BSD-3-Clause."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build(classes: int, channels: int) -> "Module":
    """An untrained network with a new head. channels: 3."""
    from torchvision.models import efficientnet_b0

    network: Module = efficientnet_b0(weights=None, num_classes=classes)
    return network


EFFICIENTNET_B0 = ModelSpec(
    name="efficientnet_b0",
    title="EfficientNet-B0",
    kind="classification",
    input_px=224,
    parameters=4010110,
    build=build,
    cam_layer="features",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
