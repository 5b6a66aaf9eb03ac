"""U-Net (Ronneberger et al. 2015, arXiv 1505.04597) from segmentation_models_pytorch, MIT."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, imagenet_input

if TYPE_CHECKING:
    from torch.nn import Module


def build_resnet18(classes: int, channels: int) -> "Module":
    """An untrained U-Net with a ResNet-18 encoder. Returns logits (batch, classes, row, col)."""
    from segmentation_models_pytorch import Unet

    # activation=None: the loss and the readout apply their own sigmoid or softmax, once.
    network: Module = Unet("resnet18", encoder_weights=None, in_channels=channels, classes=classes, activation=None)
    return network


UNET_RESNET18 = ModelSpec(
    name="unet_resnet18",
    title="U-Net, ResNet-18 encoder",
    kind="segmentation",
    input_px=256,
    parameters=14_328_354,
    build=build_resnet18,
    cam_layer="decoder",
    preprocess=imagenet_input(256),
    licence="MIT",
    default=True,
    multiple_px=32,
)
