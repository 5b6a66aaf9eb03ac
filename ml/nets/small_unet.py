"""A small U-Net (Ronneberger et al. 2015, arXiv 1505.04597)."""

import torch
from torch import Tensor, nn


def double(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3x3 convolutions with batch norm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Decoder(nn.Module):
    """Enlarges the deepest map step by step and joins the encoder's maps."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        pairs = [(widths[i], widths[i - 1]) for i in range(len(widths) - 1, 0, -1)]
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.blocks = nn.ModuleList(double(deep + shallow, shallow) for deep, shallow in pairs)

    def forward(self, maps: list[Tensor]) -> Tensor:
        """maps: finest first. Returns the finest resolution again."""
        deep = maps[-1]
        for stage, shallow in zip(self.blocks, reversed(maps[:-1]), strict=True):
            deep = stage(torch.cat([self.up(deep), shallow], dim=1))
        return deep


class SmallUNet(nn.Module):
    """Four levels, 12 to 64 filters. images (batch, channel, row, col), sides a multiple of 8, to logits."""

    def __init__(self, *, classes: int, channels: int) -> None:
        super().__init__()
        widths = (12, 24, 48, 64)
        self.encoder = nn.ModuleList(double(channels if i == 0 else widths[i - 1], w) for i, w in enumerate(widths))
        self.shrink = nn.MaxPool2d(2)
        self.decoder = Decoder(widths)
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (batch, classes, row, col)."""
        maps: list[Tensor] = []
        for index, stage in enumerate(self.encoder):
            images = stage(images if index == 0 else self.shrink(images))
            maps.append(images)
        logits: Tensor = self.head(self.decoder(maps))
        return logits
