"""MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381) from torchvision, BSD-3-Clause."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build(classes: int, channels: int) -> "Module":
    """An untrained network with a new head. channels: 3."""
    from torchvision.models import mobilenet_v2

    network: Module = mobilenet_v2(weights=None, num_classes=classes)
    return network


MOBILENET_V2 = ModelSpec(
    name="mobilenet_v2",
    title="MobileNetV2",
    kind="classification",
    input_px=224,
    parameters=2226434,
    build=build,
    cam_layer="features",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
