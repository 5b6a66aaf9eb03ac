"""Boxes: the detector's own losses; mAP and the mean overlap of matched boxes."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.data.batches import Batch, ImageData
from ml.data.targets import true_boxes
from ml.evaluation.boxes import BoxCase, choose_threshold, mean_iou, mean_precision
from ml.inference.outputs import placed_boxes
from ml.recipe import Recipe
from ml.training.objective import Validation, chunks, refuse_no_numbers


class Detection:
    """See `ml.training.objective.Objective`."""

    metric = "map"

    def __init__(self, recipe: Recipe, data: ImageData, train_rows: NDArray[np.int64]) -> None:
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
        note = "" if any(len(case.truth) for case in cases) else "No boxes among the validation images, so no mAP."
        return Validation(
            loss=float(np.mean(losses)),
            metrics=metrics,
            score=metrics["map"],
            threshold=choose_threshold(cases),
            note=note,
            chosen_here=True,
        )


def to_case(data: ImageData, row: int, found: dict[str, Tensor]) -> BoxCase:
    """One image's truth and predictions, both in image points; the predictions are those that would be proposed."""
    truth, truth_labels = true_boxes(data.items[row], data.task)
    placed = placed_boxes(found, data.cache.inverses[row], len(data.task.labels))
    boxes = [(one.box.x0_px, one.box.y0_px, one.box.x1_px, one.box.y1_px) for one in placed]
    return BoxCase(
        truth=truth,
        truth_labels=truth_labels,
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        labels=np.array([one.label for one in placed], np.int64),
        scores=np.array([one.score for one in placed], np.float64),
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
