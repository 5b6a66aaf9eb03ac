"""Boxes: the detector's own losses; mAP and the mean overlap of matched boxes."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import Card, NumberScale
from ml.chosen import Chosen
from ml.data.batches import Batch, ImageData
from ml.data.preprocess import Inverse
from ml.evaluation import controls
from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase, box_counts, choose_threshold, mean_iou, mean_precision
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.outcome import Outcome
from ml.evaluation.predicting import box_cases, to_case
from ml.evaluation.sound import only_numbers, refuse_broken_truth
from ml.explain.score import Score
from ml.inference.outputs import Found, placed_boxes, region
from ml.nets.most_boxes import MOST_BOXES
from ml.operating_points import Counts, lacking_words, standard_points
from ml.recipe import Recipe
from ml.tasks.outputs import CONTROLS, JUDGING, MODEL, Ints, Tell
from ml.training.objective import Objective, Validation, chunks, refuse_no_numbers
from viewer.core.errors import BadRequest
from viewer.core.heat import LOGIT
from viewer.core.text.titles import name_title


class BoxObjective:
    """See `ml.training.objective.Objective`."""

    metric = "map"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
        self.scales: dict[str, NumberScale] = {}
        self.recipe = recipe

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """The sum of the detector's losses."""
        losses: dict[str, Tensor] = network(list(batch.images), batch.targets)
        return torch.stack([value.float() for value in losses.values()]).sum()

    def validate(self, network: nn.Module, data: ImageData, rows: NDArray[np.int64], batch_size: int) -> Validation:
        """Loss, mAP at 0.5:0.95, 0.5 and 0.75, and mean IoU, in image points."""
        if not len(rows):
            return Validation(loss=math.nan, metrics={}, score=math.nan, threshold=0.5, note="No validation images.")
        losses: list[float] = []
        cases: list[BoxCase] = []
        for part in chunks(rows, batch_size):
            batch = data.exact_batch(part)
            cases += [to_case(data, row, found) for row, found in zip(part.tolist(), network(list(batch.images)))]
            with _losses_without_learning(network):
                losses += [float(self.loss(network, batch))] * len(part)
        refuse_no_numbers(torch.tensor(losses))  # boxes of outputs that are none are just no boxes
        metrics = {**mean_precision(cases, len(data.task.labels)), "iou": mean_iou(cases)}
        points = standard_points(box_counts(cases), self.recipe.operating_point)
        point = points.get(self.recipe.operating_point)
        none = "" if any(len(case.truth) for case in cases) else "No boxes among the validation images, so no mAP."
        return Validation(
            loss=float(np.mean(losses)),
            metrics=metrics,
            score=metrics["map"],
            threshold=choose_threshold(cases) if point is None else point.cut,
            note=" ".join(filter(None, (none, lacking_words(self.recipe.operating_point, point)))),
            chosen_here=True,
            operating_point="" if point is None else self.recipe.operating_point,
            chosen=Chosen(points=points),
        )


@contextmanager
def _losses_without_learning(network: nn.Module) -> Iterator[None]:
    """Training mode, because detectors give losses only there, but batch norm fixed and the random state put back."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    with torch.random.fork_rng(devices=[]):
        yield
    network.eval()


def boxes(found: dict[str, Tensor], inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Detection; see `placed_boxes`. All of them are kept: the threshold is for the reader."""
    proposals = [
        region(prediction_id, image_id, card.labels[one.label], number, one.score, one.box)
        for number, one in enumerate(placed_boxes(found, inverse, len(card.labels)))
    ]
    return Found(scores={}, proposals=tuple(proposals))


class DetectionOutputs:
    """See `TaskOutputs`."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> Objective:
        """See `BoxObjective`."""
        return BoxObjective(recipe, data, train_rows)

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        """See `boxes`."""
        return boxes(network(list(images))[0], inverse, card, image_id, prediction_id)

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        """(cases, cut) of each."""
        refuse_broken_truth(data, np.concatenate([rows, learnt.fit, learnt.cut_on]))
        with only_numbers(network, run):
            found = box_cases(network, data, rows, tell=partial(tell, JUDGING))
        tell(CONTROLS, 0, 0)
        return {MODEL: (found, card.threshold), **controls.box_controls(data, learnt, rows)}

    def counts(self, network: nn.Module, data: ImageData, rows: Ints, card: Card, *, run: str) -> Counts | None:
        """Of the boxes."""
        refuse_broken_truth(data, rows)
        with only_numbers(network, run):
            return box_counts(box_cases(network, data, rows))

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        """See `BoxOutcome`."""
        cases: list[BoxCase] = [case for part, _ in answers for case in part]
        cuts = np.concatenate([np.full(len(part), cut) for part, cut in answers])
        return BoxOutcome(cases=cases, thresholds=cuts, labels=card.labels)

    def as_one(self, answers: Sequence[Any]) -> Any | None:
        """None: there is no mean of boxes."""
        return None

    def notes(self, outcome: Outcome) -> list[str]:
        """Where an image holds more boxes than a detector proposes."""
        assert isinstance(outcome, BoxOutcome)
        most = max(len(case.truth) for case in outcome.cases)
        if most <= MOST_BOXES:
            return []
        return [
            f"An image holds {most} true boxes, and a detector proposes at most {MOST_BOXES}; the rest counts as "
            "missed."
        ]

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        """The label's logit at its strongest centre. Raises BadRequest for a detector without a map of centres."""
        index = card.labels.index(label)
        if not hasattr(network, "maps"):
            raise BadRequest(
                f"{name_title(card.name, [card.task])} finds boxes in two stages, "
                "and a heatmap of one layer would not say why; the boxes do. "
                "Explain a classification, a segmentation or a centre-point model."
            )
        return lambda net, images: _centers(net, images)[0, index].max()

    def score_unit(self, card: Card, label: str) -> str:
        """See `TaskOutputs`."""
        return LOGIT


def _centers(network: nn.Module, images: Tensor) -> Tensor:
    """Centre logits (batch, label, row, col)."""
    maps: Callable[[Tensor], tuple[Tensor, Tensor]] = network.maps  # type: ignore[assignment]  # no submodule
    return maps(images)[0]


OUTPUTS = DetectionOutputs()
