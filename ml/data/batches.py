"""Batches of a snapshot's images and what is known of them, from the cache."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.catalogue import PreprocessSpec
from ml.data.augment import Draws, draw, move_boxes, no_draws, sample, shade
from ml.data.cache import Cache
from ml.data.preprocess import Preprocess
from ml.data.targets import Item, TaskFacts, region_known, true_boxes
from ml.recipe import Recipe
from ml.tasks.task import learnt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """images: (batch, channel, row, col) normalised.

    labels: (batch, label) as `LearntTask.targets`, NaN unknown. masks: (batch, label, row, col) shares in 0..1, where
    the kind keeps masks. known: (batch, label) bool, of labels that are drawn. targets: per image {"boxes": (n, 4)
    input pixels, "labels": (n,) from 1}, where the kind keeps boxes.
    """

    images: Tensor
    labels: Tensor
    masks: Tensor
    known: Tensor
    targets: list[dict[str, Tensor]]


class ImageData:
    """The images of one snapshot that can be read, in the cache's order.

    items, labels (image, label), patients: by the same row. Methods take rows.
    """

    def __init__(
        self, cache: Cache, items: Sequence[Item], task: TaskFacts, spec: PreprocessSpec, device: torch.device
    ) -> None:
        by_id = {item.image_id: item for item in items}
        self.cache = cache
        self.task = task
        self.spec = spec
        self.device = device
        self.items: list[Item] = [by_id[image_id] for image_id in cache.image_ids]
        self.preprocess = Preprocess(spec)
        kind = learnt(task.kind)
        self.labels = kind.targets(self.items, task)
        self._useful = kind.useful(self.items, task)
        self.known = np.array([region_known(item, task) for item in self.items], np.bool_)
        self._boxes = [self._input_boxes(row) for row in range(len(self.items))] if kind.keeps_boxes else []

    def rows_of(self, items: Sequence[Item]) -> NDArray[np.int64]:
        """Rows of the items that can be read and say something of this task."""
        rows = np.array(self.cache.rows_of(items), np.int64)
        return rows[self._useful[rows]]

    def patients(self, rows: NDArray[np.int64]) -> list[str]:
        """The patient of each row; an image without one is a patient of its own."""
        return [self.items[row].patient_id or self.items[row].image_id for row in rows.tolist()]

    def train_batch(self, rows: NDArray[np.int64], recipe: Recipe, *, epoch: int) -> Batch:
        """Augmented from the large cache; a pure function of (seed, epoch, row)."""
        draws = draw(rows, recipe, epoch=epoch) if recipe.augment else no_draws(len(rows))
        images = torch.from_numpy(self.cache.train[rows].astype(np.float32)).to(self.device)
        images = sample(images, draws, *self.spec.shape_px)
        return self._batch(rows, shade(images, draws), draws)

    def exact_batch(self, rows: NDArray[np.int64]) -> Batch:
        """What a prediction sees: the input as `Preprocess.forward` makes it."""
        images = torch.from_numpy(self.cache.exact[rows].astype(np.float32)).to(self.device)
        return self._batch(rows, images, no_draws(len(rows)))

    def _batch(self, rows: NDArray[np.int64], images: Tensor, draws: Draws) -> Batch:
        masks = torch.zeros(0)
        if self.cache.masks is not None:
            shares = torch.from_numpy(self.cache.masks[rows].astype(np.float32) / np.float32(255)).to(self.device)
            masks = sample(shares, draws, *self.spec.shape_px).clamp(0, 1)
        targets = [self._target(row, draws.theta[i]) for i, row in enumerate(rows.tolist())] if self._boxes else []
        return Batch(
            images=self.preprocess.normalise(images),
            labels=torch.from_numpy(self.labels[rows]).to(self.device),
            masks=masks,
            known=torch.from_numpy(self.known[rows]).to(self.device),
            targets=targets,
        )

    def _input_boxes(self, row: int) -> tuple[Tensor, Tensor]:
        boxes, labels = true_boxes(self.items[row], self.task)
        inverse = self.cache.inverses[row]
        placed = [(*inverse.to_input(b[0], b[1]), *inverse.to_input(b[2], b[3])) for b in boxes.tolist()]
        return torch.tensor(placed, dtype=torch.float32).reshape(-1, 4), torch.from_numpy(labels + 1)

    def _target(self, row: int, theta: Tensor) -> dict[str, Tensor]:
        boxes, labels = self._boxes[row]
        moved, kept = move_boxes(boxes, theta, *self.spec.shape_px)
        return {"boxes": moved[kept].to(self.device), "labels": labels[kept].to(self.device)}
