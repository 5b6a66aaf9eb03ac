"""Densely connected network (Huang et al. 2016, arXiv 1608.06993) from torchvision, BSD-3-Clause."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build(classes: int, channels: int) -> "Module":
    """An untrained network with a new head. channels: 3."""
    from torchvision.models import densenet121

    network: Module = densenet121(weights=None, num_classes=classes)
    return network


DENSENET121 = ModelSpec(
    name="densenet121",
    title="DenseNet-121",
    kind="classification",
    input_px=224,
    parameters=6955906,
    build=build,
    cam_layer="features",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
