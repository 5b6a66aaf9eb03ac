"""A small classifier with global pooling."""

import torch
from torch import Tensor, nn


def block(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU (not in place: a heatmap reads what enters it)."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class SimpleCNN(nn.Module):
    """Five blocks, 16 to 128 filters, pooled in between; global average pooling; dropout; one linear layer.

    forward: images (batch, channel, row, col) to logits (batch, classes). `features` keeps 1/16 of the sides, so
    the head is linear in the map's mean and Grad-CAM equals the class activation map.
    """

    def __init__(self, *, classes: int, channels: int) -> None:
        super().__init__()
        widths = (16, 32, 64, 96, 128)
        layers: list[nn.Module] = []
        for index, width in enumerate(widths):
            layers.append(block(channels if index == 0 else widths[index - 1], width))
            if index < len(widths) - 1:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (batch, classes)."""
        pooled = torch.flatten(self.pool(self.features(images)), 1)
        logits: Tensor = self.head(self.dropout(pooled))
        return logits
