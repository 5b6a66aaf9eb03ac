"""ResNets (He et al. 2015, arXiv 1512.03385) from torchvision, BSD-3-Clause."""

from functools import partial
from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build(classes: int, channels: int, *, name: str) -> "Module":
    """An untrained ResNet with a new head. channels: 3."""
    from torchvision.models import get_model

    network: Module = get_model(name, weights=None, num_classes=classes)
    return network


RESNET18 = ModelSpec(
    name="resnet18",
    title="ResNet-18",
    kind="classification",
    input_px=224,
    parameters=11_177_538,
    build=partial(build, name="resnet18"),
    cam_layer="layer4",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
    default=True,
)
RESNET34 = ModelSpec(
    name="resnet34",
    title="ResNet-34",
    kind="classification",
    input_px=224,
    parameters=21_285_698,
    build=partial(build, name="resnet34"),
    cam_layer="layer4",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
RESNET50 = ModelSpec(
    name="resnet50",
    title="ResNet-50",
    kind="classification",
    input_px=224,
    parameters=23_512_130,
    build=partial(build, name="resnet50"),
    cam_layer="layer4",
    preprocess=imagenet_input(224),
    licence="BSD-3-Clause",
)
