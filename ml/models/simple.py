"""The small networks of our own (`ml/nets`), at most 300,000 parameters each."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, PreprocessSpec

if TYPE_CHECKING:
    from torch.nn import Module


def build_simple_cnn(classes: int, channels: int) -> "Module":
    """Convolutions, global average pooling, one linear layer."""
    from ml.nets.simple_cnn import SimpleCNN

    return SimpleCNN(classes=classes, channels=channels)


def build_small_unet(classes: int, channels: int) -> "Module":
    """A three-level U-Net."""
    from ml.nets.small_unet import SmallUNet

    return SmallUNet(classes=classes, channels=channels)


def build_center_point(classes: int, channels: int) -> "Module":
    """A one-stage detector that finds box centres."""
    from ml.nets.center_point import CenterPoint

    return CenterPoint(classes=classes, channels=channels)


SIMPLE_CNN = ModelSpec(
    name="simple_cnn",
    title="SimpleCNN",
    kind="classification",
    input_px=128,
    parameters=190_002,
    build=build_simple_cnn,
    cam_layer="features",
    preprocess=PreprocessSpec(size_px=128),
    licence="this project's",
)
SMALL_UNET = ModelSpec(
    name="small_unet",
    title="Small U-Net",
    kind="segmentation",
    input_px=128,
    parameters=200_790,
    build=build_small_unet,
    cam_layer="decoder",
    preprocess=PreprocessSpec(size_px=128),
    licence="this project's",
    multiple_px=8,
)
CENTER_POINT = ModelSpec(
    name="center_point",
    title="Centre points",
    kind="detection",
    input_px=128,
    parameters=232_026,
    build=build_center_point,
    cam_layer="features",
    preprocess=PreprocessSpec(size_px=128),
    licence="this project's",
    multiple_px=16,
)
