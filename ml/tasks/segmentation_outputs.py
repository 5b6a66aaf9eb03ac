"""Masks: cross entropy and soft Dice per label; labels unknown on an image are masked."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ml.card import Card, NumberScale
from ml.data.batches import Batch, ImageData
from ml.data.preprocess import Inverse
from ml.evaluation import controls
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.figures.masks import joined
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import mean_of_defined
from ml.evaluation.metrics import dice
from ml.evaluation.outcome import Outcome
from ml.evaluation.predicting import case_masks
from ml.evaluation.sound import only_numbers
from ml.explain.score import Score
from ml.inference.outputs import Found, region
from ml.nets.activation import pixel_probabilities
from ml.operating_points import Counts
from ml.recipe import Recipe
from ml.tasks.outputs import CONTROLS, JUDGING, MODEL, Ints, Tell
from ml.training.objective import Objective, Validation, chunks, refuse_no_numbers
from viewer.core.errors import BadRequest
from viewer.core.heat import ARBITRARY
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.text.titles import name_title

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


class MaskObjective:
    """See `ml.training.objective.Objective`."""

    metric = "dice"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
        self.scales: dict[str, NumberScale] = {}
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
        # Two empty masks have no overlap (NaN): they are in no mean, as in a report.
        means = {cut: float(mean_of_defined(np.array(v, np.float64))) for cut, v in values.items()}
        best = max(THRESHOLDS, key=lambda cut: (round(np.nan_to_num(means[cut], nan=-1.0), 4), -abs(cut - 0.5)))
        return Validation(
            loss=float(np.mean(losses)),
            metrics={"dice": means[best]},
            score=means[best],
            threshold=best,
            chosen_here=True,
        )


def masks(logits: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Segmentation. logits: (1, label, row, col) of the input. One mask per label, at the card's threshold.

    A mask's score is the mean probability inside it.
    """
    probability = pixel_probabilities(logits, exclusive=card.exclusive)[0].cpu().numpy()
    whole = np.stack([inverse.mask(each) for each in probability])
    inside = card.rule.inside(whole, card.threshold)
    proposals = [
        region(prediction_id, image_id, label, 0, float(whole[i][inside[i]].mean()), MaskRuns.from_array(inside[i]))
        for i, label in enumerate(card.labels)
        if inside[i].any()
    ]
    return Found(scores={}, proposals=tuple(proposals))


class SegmentationOutputs:
    """See `TaskOutputs`."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> Objective:
        """See `MaskObjective`."""
        return MaskObjective(recipe, data, train_rows)

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        """See `masks`."""
        return masks(network(images), inverse, card, image_id, prediction_id)

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        """See `case_masks`."""
        judging = partial(tell, JUDGING)
        with only_numbers(network, run):
            mine = case_masks(network, data, rows, exclusive=card.exclusive, threshold=card.threshold, tell=judging)
        tell(CONTROLS, 0, 0)
        return {MODEL: mine, **controls.mask_controls(data, learnt, rows)}

    def counts(self, network: nn.Module, data: ImageData, rows: Ints, card: Card, *, run: str) -> Counts | None:
        """None: no score of an answer is cut."""
        return None

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        """See `MaskOutcome`."""
        return MaskOutcome.of(joined(answers), card.labels)

    def as_one(self, answers: Sequence[Any]) -> Any | None:
        """None: there is no mean of outlines."""
        return None

    def notes(self, outcome: Outcome) -> list[str]:
        """How many masks are empty, and what is not known in mm."""
        assert isinstance(outcome, MaskOutcome)
        return outcome.notes()

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        """The sum of the label's logits over the region that is proposed."""
        index = card.labels.index(label)
        return lambda net, images: _region_logits(net(images), index, card)

    def score_unit(self, card: Card, label: str) -> str:
        """A region's sum of logits is no logit of an answer."""
        return ARBITRARY


def _region_logits(logits: Tensor, index: int, card: Card) -> Tensor:
    """Sum of one label's logits over the pixels where it is proposed. logits: (1, label, row, col)."""
    probability = pixel_probabilities(logits.detach(), exclusive=card.exclusive)[0]
    inside = torch.from_numpy(card.rule.inside(probability.cpu().numpy(), card.threshold)[index]).to(logits.device)
    if not bool(inside.any()):
        title = name_title(card.name, [card.task])
        raise BadRequest(f"{title} proposes no {card.labels[index]} on this image, so there is nothing to explain.")
    return (logits[0, index] * inside).sum()


OUTPUTS = SegmentationOutputs()
