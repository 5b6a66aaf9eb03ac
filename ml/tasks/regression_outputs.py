"""Numbers of whole images: smooth L1 of numbers in spreads of the training part, unknown ones masked.

A network's output is a number's distance from the mean of the training part, in spreads; the card keeps both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.controls import number_controls
from ml.evaluation.number_outcome import NumberOutcome
from ml.evaluation.outcome import Outcome
from ml.evaluation.predicting import network_numbers
from ml.evaluation.sound import refuse_broken_scores
from ml.explain.score import Score
from ml.inference.outputs import Found
from ml.operating_points import Counts
from ml.recipe import Recipe
from ml.tasks.outputs import CONTROLS, JUDGING, MODEL, Ints, Tell
from ml.tasks.regression import numbers_of
from ml.training.objective import Objective, Validation, chunks, refuse_no_numbers
from viewer.core.errors import BadRequest
from viewer.core.values import Quantity

Floats = NDArray[np.float64]


def scales_of(numbers: Floats, labels: Sequence[str], units: dict[str, str]) -> dict[str, NumberScale]:
    """Mean and spread of each label's known numbers, a spread of 1 where they are alike. numbers: (image, label)."""
    found = {}
    for label, column in zip(labels, numbers.T, strict=True):
        known = column[~np.isnan(column)]
        mean, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
        # Of numbers that are all the same rounding leaves a little.
        sound = spread > 1e-9 * max(abs(mean), 1e-300)
        found[label] = NumberScale(mean=mean, spread=spread if sound else 1.0, unit=units.get(label, ""))
    return found


def as_numbers(outputs: Floats, scales: dict[str, NumberScale], labels: Sequence[str]) -> Floats:
    """(case, label) outputs of a network in the numbers' own units."""
    ordered = [scales[label] for label in labels]
    spreads, means = (np.array([getattr(one, of) for one in ordered], np.float64) for of in ("spread", "mean"))
    return np.asarray(outputs * spreads + means, np.float64)


# Of every epoch, in its line and on the card; a report has the others.
TOLD_IN_TRAINING = ("mae", "rmse", "r2")


class NumberObjective:
    """See `ml.training.objective.Objective`."""

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> None:
        self.labels = recipe.labels
        self.scales = scales_of(numbers_of([data.items[row] for row in train_rows.tolist()], recipe.labels),
                                recipe.labels, dict(data.task.units))  # fmt: skip
        means = [self.scales[label].mean for label in recipe.labels]
        spreads = [self.scales[label].spread for label in recipe.labels]
        self._mean = torch.tensor(means, dtype=torch.float32, device=data.device)
        self._spread = torch.tensor(spreads, dtype=torch.float32, device=data.device)
        self.metric = self._outcome(np.zeros((0, len(self.labels))), np.zeros((0, len(self.labels)))).primary

    def _outcome(self, truth: Floats, answers: Floats) -> NumberOutcome:
        units = tuple(self.scales[label].unit for label in self.labels)
        return NumberOutcome(truth=truth, answers=answers, labels=self.labels, units=units)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean over what is known; 0 with a gradient of 0 when nothing is."""
        return self._loss(network(batch.images), batch.labels)

    def _loss(self, outputs: Tensor, numbers: Tensor) -> Tensor:
        outputs = outputs.float()
        known = ~torch.isnan(numbers)
        if not known.any():
            return outputs.sum() * 0
        wanted = (torch.nan_to_num(numbers) - self._mean) / self._spread
        each = F.smooth_l1_loss(outputs, wanted, reduction="none")
        return (each * known).sum() / known.sum()

    def validate(self, network: nn.Module, data: ImageData, rows: Ints, batch_size: int) -> Validation:
        """Loss, and how far the answers are off; the best epoch is the one with the least of it."""
        if not len(rows):
            return Validation(loss=math.nan, metrics={}, score=math.nan, threshold=0.5, note="No validation images.")
        parts = [network(data.exact_batch(part).images).float() for part in chunks(rows, batch_size)]
        outputs = refuse_no_numbers(torch.cat(parts))
        loss = float(self._loss(outputs, torch.from_numpy(data.labels[rows]).to(outputs.device)))
        truth = numbers_of([data.items[row] for row in rows.tolist()], self.labels)
        outcome = self._outcome(truth, as_numbers(outputs.cpu().numpy().astype(np.float64), self.scales, self.labels))
        ones = np.ones((1, len(rows)))
        kept = [(name, one) for name, one in outcome.measures().items() if name.partition(":")[0] in TOLD_IN_TRAINING]
        metrics = {name: float(measure.values(ones)[0]) for name, measure in kept}
        value = metrics[self.metric]
        score = -value if self.metric.startswith("mae:") else value
        return Validation(loss=loss, metrics=metrics, score=score, threshold=0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answers:
    """Of one run. truth, numbers: (case, label)."""

    truth: Floats
    numbers: Floats


class RegressionOutputs:
    """See `TaskOutputs`."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> Objective:
        """See `NumberObjective`."""
        return NumberObjective(recipe, data, train_rows)

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        """A number of each label with its unit; nothing is proposed, since no score says how sure it is."""
        outputs = network(images).float().cpu().numpy().astype(np.float64)
        numbers = as_numbers(outputs, card.scales, card.labels)[0].tolist()
        return Found(
            scores={},
            proposals=(),
            numbers={
                label: Quantity(number=number, unit=card.scales[label].unit)
                for label, number in zip(card.labels, numbers, strict=True)
            },
        )

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        """The numbers of each, in their own units."""
        _refuse_other_units(card, data, run)
        outputs = network_numbers(network, data, rows, tell=partial(tell, JUDGING))
        tell(CONTROLS, 0, 0)
        refuse_broken_scores(outputs, [str(data.items[row].path) for row in rows.tolist()], run)
        truth = numbers_of(data.items, card.labels)
        said = {MODEL: as_numbers(outputs, card.scales, card.labels), **number_controls(data, truth, learnt.fit, rows)}
        return {who: _Answers(truth=truth[rows], numbers=numbers) for who, numbers in said.items()}

    def counts(self, network: nn.Module, data: ImageData, rows: Ints, card: Card, *, run: str) -> Counts | None:
        """None: no score of an answer is cut."""
        return None

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        """See `NumberOutcome`."""
        return NumberOutcome(
            truth=np.concatenate([one.truth for one in answers]),
            answers=np.concatenate([one.numbers for one in answers]),
            labels=card.labels,
            units=tuple(card.scales[label].unit for label in card.labels),
        )

    def as_one(self, answers: Sequence[Any]) -> Any | None:
        """None: there is no mean of numbers with a probability."""
        return None

    def notes(self, outcome: Outcome) -> list[str]:
        """None."""
        return []

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        """The number itself: what moves it up."""
        index, scale = card.labels.index(label), card.scales[label]
        return lambda net, images: net(images)[0, index] * scale.spread + scale.mean

    def score_unit(self, card: Card, label: str) -> str:
        """The number's unit; of a number of things, the things."""
        return card.scales[label].unit or label


def _refuse_other_units(card: Card, data: ImageData, run: str) -> None:
    """Raises BadRequest where a snapshot's numbers are in another unit than those that a model was trained with."""
    for label in card.labels:
        mine, theirs = card.scales[label].unit, data.task.units.get(label, "")
        if mine != theirs:
            raise BadRequest(
                f"{run} says {label} in {mine or 'no unit'}, and the snapshot has it in {theirs or 'no unit'}: "
                "judge it on a snapshot in its own unit."
            )


OUTPUTS = RegressionOutputs()
