"""From logits to probabilities: the one place that knows exclusive from multi-label."""

import torch
from torch import Tensor


def class_probabilities(logits: Tensor, *, exclusive: bool) -> Tensor:
    """(batch, label) logits to probabilities in float32: softmax when exclusive, else sigmoid."""
    return torch.softmax(logits.float(), dim=1) if exclusive else torch.sigmoid(logits.float())


def pixel_probabilities(logits: Tensor, *, exclusive: bool) -> Tensor:
    """(batch, label, row, col) logits to probabilities in float32.

    Exclusive labels share a softmax with an implicit background whose logit is 0; with one label that is a sigmoid.
    """
    logits = logits.float()
    if not exclusive:
        return torch.sigmoid(logits)
    background = torch.zeros_like(logits[:, :1])
    return torch.softmax(torch.cat([background, logits], dim=1), dim=1)[:, 1:]
