"""Masks: cross entropy and soft Dice per label; labels unknown on an image are masked."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ml.data.batches import Batch, ImageData
from ml.evaluation.metrics import dice
from ml.nets.activation import pixel_probabilities
from ml.recipe import Recipe
from ml.training.objective import Validation, chunks, refuse_no_numbers

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


class Segmentation:
    """See `ml.training.objective.Objective`."""

    metric = "dice"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
        self.recipe = recipe

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Pixel cross entropy plus 1 - soft Dice, each over the known labels."""
        return self._loss(network(batch.images), batch.masks, batch.known)

    def _loss(self, logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
        probability = pixel_probabilities(logits, exclusive=self.recipe.exclusive).clamp(1e-6, 1 - 1e-6)
        if not known.any():
            return probability.sum() * 0
        # Outside of autocast: binary cross entropy of probabilities wants float32.
        with torch.autocast(logits.device.type, enabled=False):
            pixel = F.binary_cross_entropy(probability, masks, reduction="none").mean(dim=(2, 3))
        overlap = (probability * masks).sum(dim=(2, 3))
        total = (probability + masks).sum(dim=(2, 3))
        soft = 1 - (2 * overlap + 1) / (total + 1)
        return ((pixel + soft) * known).sum() / known.sum()

    def validate(self, network: nn.Module, data: ImageData, rows: NDArray[np.int64], batch_size: int) -> Validation:
        """Loss, and mean Dice over cases and known labels at the input's resolution, at the best threshold."""
        if not len(rows):
            return Validation(loss=math.nan, metrics={}, score=math.nan, threshold=0.5, note="No validation images.")
        losses: list[float] = []
        values: dict[float, list[float]] = {cut: [] for cut in THRESHOLDS}
        for part in chunks(rows, batch_size):
            batch = data.exact_batch(part)
            logits = refuse_no_numbers(network(batch.images))
            losses += [float(self._loss(logits, batch.masks, batch.known))] * len(part)
            probability = pixel_probabilities(logits, exclusive=self.recipe.exclusive).cpu().numpy()
            truth, known = batch.masks.cpu().numpy() >= 0.5, batch.known.cpu().numpy()
            for image in range(len(part)):
                for cut in THRESHOLDS:
                    inside = data.task.rule.inside(probability[image], cut)
                    values[cut] += [dice(truth[image, i], inside[i]) for i in np.nonzero(known[image])[0]]
        means = {cut: float(np.mean(v)) if v else math.nan for cut, v in values.items()}
        best = max(THRESHOLDS, key=lambda cut: (round(means[cut], 4), -abs(cut - 0.5)))
        return Validation(
            loss=float(np.mean(losses)),
            metrics={"dice": means[best]},
            score=means[best],
            threshold=best,
            chosen_here=True,
        )
