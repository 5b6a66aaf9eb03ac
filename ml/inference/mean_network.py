"""Several networks as one: what it says has the mean of their probabilities."""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, logsigmoid


class MeanOfNetworks(nn.Module):
    """Classifiers of the same labels. exclusive: whether one label of an image rules the others out."""

    def __init__(self, networks: Sequence[nn.Module], *, exclusive: bool) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self._exclusive = exclusive

    def forward(self, images: Tensor) -> Tensor:
        """(image, label) logits, of which the softmax, or each one's sigmoid, is the mean of what the networks say.

        images: (image, channel, row, col), as each of them sees it.
        """
        logits = torch.stack([network(images) for network in self.networks])
        many = log(len(self.networks))
        if self._exclusive:
            return torch.logsumexp(log_softmax(logits, dim=-1), dim=0) - many
        # log p and log (1 - p): nothing is rounded to 0 or 1 before the logit is taken.
        return torch.logsumexp(logsigmoid(logits), dim=0) - torch.logsumexp(logsigmoid(-logits), dim=0)
