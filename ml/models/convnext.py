"""ConvNeXt (Liu et al. 2022, arXiv 2201.03545) from torchvision, BSD-3-Clause."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build(classes: int, channels: int) -> "Module":
    """An untrained network with a new head. channels: 3."""
    from torchvision.models import convnext_tiny

    network: Module = convnext_tiny(weights=None, num_classes=classes)
    return network


CONVNEXT_TINY = ModelSpec(
    name="convnext_tiny",
    title="ConvNeXt-T",
    kind="classification",
    input_px=224,
    parameters=27821666,
    build=build,
    cam_layer="features",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
