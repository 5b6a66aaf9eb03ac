"""Whole-image labels: cross entropy (exclusive) or binary cross entropy per label, unknown labels masked."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ml.data.batches import Batch, ImageData
from ml.evaluation.classes import choose_threshold, single_class_note
from ml.evaluation.outcome import ClassOutcome
from ml.nets.activation import class_probabilities
from ml.recipe import Recipe
from ml.training.objective import Validation, chunks, refuse_no_numbers


class Classification:
    """See `ml.training.objective.Objective`."""

    metric = "auc"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
        self.recipe = recipe
        self.labels = recipe.labels
        self.weights = (
            torch.from_numpy(_class_weights(data.labels[train_rows], exclusive=recipe.exclusive)).to(data.device)
            if recipe.class_weights
            else None
        )

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean over what is known; 0 with a gradient of 0 when nothing is."""
        return self._loss(network(batch.images), batch.labels)

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        logits = logits.float()
        known = ~torch.isnan(labels)
        if not known.any():
            return logits.sum() * 0
        if self.recipe.exclusive:
            rows = known.all(dim=1)
            return F.cross_entropy(
                logits[rows],
                labels[rows].argmax(dim=1),
                weight=self.weights,
                label_smoothing=self.recipe.label_smoothing,
            )
        each = F.binary_cross_entropy_with_logits(
            logits, torch.nan_to_num(labels), pos_weight=self.weights, reduction="none"
        )
        return (each * known).sum() / known.sum()

    def validate(self, network: nn.Module, data: ImageData, rows: NDArray[np.int64], batch_size: int) -> Validation:
        """Loss, AUC, accuracy and macro F1 at the threshold these cases give."""
        if not len(rows):
            return Validation(loss=math.nan, metrics={}, score=math.nan, threshold=0.5, note="No validation images.")
        logits = torch.cat([network(data.exact_batch(part).images).float() for part in chunks(rows, batch_size)])
        refuse_no_numbers(logits)
        truth = data.labels[rows].astype(np.float64)
        loss = float(self._loss(logits, torch.from_numpy(data.labels[rows]).to(logits.device)))
        scores = class_probabilities(logits, exclusive=self.recipe.exclusive).cpu().numpy().astype(np.float64)
        threshold = choose_threshold(truth, scores, exclusive=self.recipe.exclusive)
        outcome = ClassOutcome(
            truth=truth,
            scores=scores,
            thresholds=np.full(len(rows), threshold),
            folds=np.zeros(len(rows), np.int64),
            labels=self.labels,
            exclusive=self.recipe.exclusive,
        )
        metrics = {name: float(value[0]) for name, value in outcome.figures(np.ones((1, len(rows)))).items()}
        note = single_class_note(truth, self.labels, exclusive=self.recipe.exclusive)
        return Validation(
            loss=loss,
            metrics=metrics,
            score=metrics["auc"],
            threshold=threshold,
            note=note,
            chosen_here=data.task.rule.has_cut,
        )


def _class_weights(labels: NDArray[np.float32], *, exclusive: bool) -> NDArray[np.float32]:
    """(label,) inverse frequency with a mean of 1 (exclusive), or negatives per positive, at most 20.

    A label that no image shows has none: 0 where labels exclude each other, 1 (nothing to weigh) where they do not.
    """
    positive = np.nansum(labels, axis=0)
    occurs = positive > 0
    if exclusive:
        weights = np.where(occurs, positive.sum() / np.maximum(positive, 1), 0)
        return np.asarray(weights / weights[occurs].mean() if occurs.any() else occurs + 1.0, np.float32)
    negative = (~np.isnan(labels)).sum(axis=0) - positive
    return np.asarray(np.where(occurs, np.clip(negative / np.maximum(positive, 1), 0.05, 20), 1), np.float32)
