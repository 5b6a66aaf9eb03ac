"""Whole-image labels: cross entropy (exclusive) or binary cross entropy per label, unknown labels masked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ml.card import Card, NumberScale
from ml.chosen import chosen_of_labels
from ml.data.batches import Batch, ImageData
from ml.data.preprocess import Inverse
from ml.evaluation import controls
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.classes import choose_threshold, class_counts, single_class_note
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.outcome import Outcome
from ml.evaluation.predicting import class_scores
from ml.evaluation.sound import refuse_broken_scores
from ml.explain.score import Score
from ml.inference.outputs import Found, proposal_id
from ml.nets.activation import class_probabilities
from ml.operating_points import Counts, lacking_words
from ml.recipe import Recipe
from ml.tasks.outputs import CONTROLS, JUDGING, MODEL, Ints, Tell
from ml.training.objective import Objective, Validation, chunks, refuse_no_numbers
from viewer.core.heat import LOGIT
from viewer.core.shapes.annotations import Proposal

# Of every epoch, in its line and on the card; a report has the others.
TOLD_IN_TRAINING = ("auc", "accuracy", "macro_f1")


class ClassObjective:
    """See `ml.training.objective.Objective`."""

    metric = "auc"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
        self.scales: dict[str, NumberScale] = {}
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
        counts = class_counts(truth, scores, exclusive=self.recipe.exclusive)
        chosen = chosen_of_labels(
            truth, scores, counts, self.labels, exclusive=self.recipe.exclusive, also=self.recipe.operating_point
        )
        point = chosen.points.get(self.recipe.operating_point)
        threshold = choose_threshold(truth, scores, exclusive=self.recipe.exclusive) if point is None else point.cut
        outcome = ClassOutcome(
            truth=truth,
            scores=scores,
            thresholds=np.full(len(rows), threshold),
            folds=np.zeros(len(rows), np.int64),
            labels=self.labels,
            exclusive=self.recipe.exclusive,
        )
        ones = np.ones((1, len(rows)))
        kept = [(name, one) for name, one in outcome.measures().items() if name.partition(":")[0] in TOLD_IN_TRAINING]
        metrics = {name: float(measure.values(ones)[0]) for name, measure in kept}
        notes = (
            single_class_note(truth, self.labels, exclusive=self.recipe.exclusive),
            lacking_words(self.recipe.operating_point, point),
        )
        return Validation(
            loss=loss,
            metrics=metrics,
            score=metrics["auc"],
            threshold=threshold,
            note=" ".join(filter(None, notes)),
            chosen_here=data.task.rule.has_cut,
            operating_point="" if point is None else self.recipe.operating_point,
            chosen=chosen,
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


def whole_image(logits: Tensor, card: Card, image_id: str, prediction_id: str) -> Found:
    """Classification. logits: (1, label). One proposal per label, best first; the threshold is for the reader."""
    values = class_probabilities(logits, exclusive=card.exclusive)[0].tolist()
    scores = dict(zip(card.labels, values, strict=True))
    proposals = [
        Proposal(
            proposal_id=proposal_id(prediction_id, label, 0),
            prediction_id=prediction_id,
            image_id=image_id,
            label=label,
            score=score,
        )
        for label, score in sorted(scores.items(), key=lambda item: -item[1])
    ]
    return Found(scores=scores, proposals=tuple(proposals))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassAnswers:
    """Of one run. truth, scores: (case, label). cut: the operating point. calibrated: (case, label), None without."""

    truth: NDArray[np.float64]
    scores: NDArray[np.float64]
    cut: float
    calibrated: NDArray[np.float64] | None = None


class ClassificationOutputs:
    """See `TaskOutputs`."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> Objective:
        """See `ClassObjective`."""
        return ClassObjective(recipe, data, train_rows)

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        """See `whole_image`."""
        return whole_image(network(images), card, image_id, prediction_id)

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        """Scores of each label."""
        scores = class_scores(network, data, rows, exclusive=card.exclusive, tell=partial(tell, JUDGING))
        tell(CONTROLS, 0, 0)
        refuse_broken_scores(scores, [str(data.items[row].path) for row in rows.tolist()], run)
        truth = data.labels[rows].astype(np.float64)
        said = {MODEL: (scores, card.threshold), **controls.class_controls(data, learnt, rows)}
        found = {who: ClassAnswers(truth=truth, scores=each, cut=cut) for who, (each, cut) in said.items()}
        if card.chosen is not None and card.chosen.calibration is not None:
            found[MODEL] = replace(found[MODEL], calibrated=card.chosen.calibration.applied(scores))
        return found

    def counts(self, network: nn.Module, data: ImageData, rows: Ints, card: Card, *, run: str) -> Counts | None:
        """Of the labels that are cut."""
        scores = class_scores(network, data, rows, exclusive=card.exclusive)
        refuse_broken_scores(scores, [str(data.items[row].path) for row in rows.tolist()], run)
        return class_counts(data.labels[rows].astype(np.float64), scores, exclusive=card.exclusive)

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        """See `ClassOutcome`."""
        return ClassOutcome(
            truth=np.concatenate([one.truth for one in answers]),
            scores=np.concatenate([one.scores for one in answers]),
            thresholds=np.concatenate([np.full(len(one.scores), one.cut) for one in answers]),
            folds=folds,
            labels=card.labels,
            exclusive=card.exclusive,
            calibrated=_joined([one.calibrated for one in answers]),
        )

    def as_one(self, answers: Sequence[Any]) -> ClassAnswers:
        """The mean of the probabilities, at the mean of the cuts."""
        scores = np.mean([one.scores for one in answers], axis=0)
        return ClassAnswers(truth=answers[0].truth, scores=scores, cut=float(np.mean([one.cut for one in answers])))

    def notes(self, outcome: Outcome) -> list[str]:
        """None."""
        return []

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        """The label's logit."""
        index = card.labels.index(label)
        return lambda net, images: net(images)[0, index]

    def score_unit(self, card: Card, label: str) -> str:
        """See `TaskOutputs`."""
        return LOGIT


def _joined(parts: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    """None where one of them has none."""
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if len(there) == len(parts) else None


OUTPUTS = ClassificationOutputs()
