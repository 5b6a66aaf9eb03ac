"""The mean of the masks that were seen, cut where its Dice on validation is highest."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ml.data.batches import ImageData
from ml.evaluation.control_rows.seen import MASKS, Control, Ints, Shown
from ml.evaluation.figures.masks import MaskTable
from ml.evaluation.measures import mean_of_defined
from ml.evaluation.metrics import dice
from ml.evaluation.predicting import masks_of, told_masks


def mean_mask(data: ImageData, fit: Ints, test: Ints, cut_on: Ints | None = None) -> MaskTable:
    """The mean of the training masks, cut where its Dice with those of `cut_on` is highest. Returns as `case_masks`."""
    side, labels = data.spec.shape_px, len(data.task.labels)
    empty = np.zeros(side, np.float32)
    learnt, others = _small_masks(data, fit), _small_masks(data, fit if cut_on is None else cut_on)
    means = np.stack([masks.mean(axis=0) if len(masks) else empty for masks in learnt])
    best = [_best_cut(means[i], others[i] if len(others[i]) else learnt[i]) for i in range(labels)]
    # One cut for all labels: shift each map so that its own lies at 0.5. The task's rule then decides as of a model.
    shifted = means - np.array(best)[:, None, None] + 0.5
    return told_masks(data, test, [masks_of(data, row, shifted, 0.5) for row in test.tolist()])


def _small_masks(data: ImageData, rows: Ints) -> list[NDArray[np.float32]]:
    """(case, row, col) of each label, at the size of the input; of cases in which it is known."""
    assert data.cache.masks is not None
    large = torch.from_numpy(data.cache.masks[rows].astype(np.float32) / np.float32(255))
    masks = F.interpolate(large, size=data.spec.shape_px, mode="bilinear", align_corners=False).numpy()
    return [masks[data.known[rows][:, i], i] for i in range(len(data.task.labels))]


def _best_cut(mean: NDArray[np.float32], masks: NDArray[np.float32]) -> float:
    """The cut of a mean mask with the highest mean Dice over masks (case, row, col); 1 without any."""
    if not len(masks):
        return 1.0
    cuts = np.linspace(0.05, 0.95, 19) - 1e-4  # beside the shares that means have: rounding must not decide
    scores = [mean_of_defined(np.array([dice(mask >= 0.5, mean >= cut) for mask in masks])) for cut in cuts]
    return float(cuts[int(np.argmax(np.nan_to_num(scores, nan=-1.0)))])


def _said(seen: Shown) -> MaskTable:
    return mean_mask(seen.data, seen.fit, seen.test, seen.cut_on)


CONTROL = Control(
    names={MASKS: "mean mask"},
    tells="what is reached by drawing the mean mask of the cases that were seen on every image: organs lie alike",
    said=_said,
)
