"""A trained network over cases of a snapshot: the answers, at native size and in image points."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.card import Card, other_library_words, weights_path
from ml.catalogue import load_spec
from ml.data.batches import ImageData
from ml.data.targets import true_boxes, true_mask
from ml.evaluation.boxes import BoxCase
from ml.evaluation.confusion import pixel_counts
from ml.evaluation.figures.masks import MaskFigures, MaskTable, mask_figures, mask_table
from ml.inference.outputs import placed_boxes
from ml.nets.activation import class_probabilities, pixel_probabilities
from ml.training.checkpoint import load_network, read_tensors
from ml.training.objective import chunks
from viewer.core.errors import BadModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCH = 16
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MasksOf:
    """Of one image. figures: of each label, None of one that is not known. confused: (label + 1, label + 1) pixels."""

    figures: list[MaskFigures | None]
    confused: Ints


def _silent(_done: int, _total: int) -> None:
    """Nobody is told."""


def _told_chunks(rows: Ints, tell: Told) -> Iterator[Ints]:
    for place, part in enumerate(chunks(rows, BATCH)):
        tell(place * BATCH, len(rows))
        yield part


def load_trained(folder: Path, card: Card, device: torch.device) -> nn.Module:
    """The network of a run or model folder, in evaluation mode, float32."""
    spec = load_spec(card.model)
    network = spec.build(len(card.labels), card.preprocess.channels)
    try:
        load_network(network, read_tensors(weights_path(folder))[0])
    except BadModel as error:
        raise BadModel(f"{weights_path(folder)}: {error}{other_library_words(card, spec.library)}") from error
    return network.to(device).eval()


@torch.no_grad()
def class_scores(network: nn.Module, data: ImageData, rows: Ints, *, exclusive: bool, tell: Told = _silent) -> Floats:
    """(case, label) probabilities. tell: how many cases are done, and of how many."""
    found = [
        class_probabilities(network(data.exact_batch(part).images), exclusive=exclusive).cpu().numpy()
        for part in _told_chunks(rows, tell)
    ]
    scores = np.concatenate(found) if found else np.zeros((0, len(data.task.labels)))
    return scores.astype(np.float64)


@torch.no_grad()
def network_numbers(network: nn.Module, data: ImageData, rows: Ints, *, tell: Told = _silent) -> Floats:
    """(case, label) outputs as they are. tell: as in `class_scores`."""
    found = [network(data.exact_batch(part).images).float().cpu().numpy() for part in _told_chunks(rows, tell)]
    outputs = np.concatenate(found) if found else np.zeros((0, len(data.task.labels)))
    return outputs.astype(np.float64)


@torch.no_grad()
def box_cases(network: nn.Module, data: ImageData, rows: Ints, *, tell: Told = _silent) -> list[BoxCase]:
    """Each image's truth and predictions. tell: as in `class_scores`."""
    cases: list[BoxCase] = []
    for part in _told_chunks(rows, tell):
        found = network(list(data.exact_batch(part).images))
        cases += [to_case(data, row, one) for row, one in zip(part.tolist(), found, strict=True)]
    return cases


def to_case(data: ImageData, row: int, found: dict[str, torch.Tensor]) -> BoxCase:
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


@torch.no_grad()
def case_masks(
    network: nn.Module, data: ImageData, rows: Ints, *, exclusive: bool, threshold: float, tell: Told = _silent
) -> MaskTable:
    """What is kept of each label's mask beside the true one; see `masks_of`."""
    found: list[MasksOf] = []
    for part in _told_chunks(rows, tell):
        maps = pixel_probabilities(network(data.exact_batch(part).images), exclusive=exclusive).cpu().numpy()
        found += [masks_of(data, row, each, threshold) for row, each in zip(part.tolist(), maps, strict=True)]
    return told_masks(data, rows, found)


def told_masks(data: ImageData, rows: Ints, found: Sequence[MasksOf]) -> MaskTable:
    """The figures of these rows as one table."""
    spaced = [_spacing_mm(data, row) is not None for row in rows.tolist()]
    return mask_table([one.figures for one in found], spaced, len(data.task.labels), [one.confused for one in found])


def masks_of(data: ImageData, row: int, probability: NDArray[np.floating], threshold: float) -> MasksOf:
    """One image's figures of each label at native size.

    probability: (label, row, col) over the input; it is enlarged to the image first, then cut by the task's rule, as
    `ml.inference.outputs.masks` does.
    """
    inverse, item = data.cache.inverses[row], data.items[row]
    inside = data.task.rule.inside(np.stack([inverse.mask(each) for each in probability]), threshold)
    truth = [
        true_mask(item, label, inverse.rows, inverse.cols) if data.known[row, i] else None
        for i, label in enumerate(data.task.labels)
    ]
    figures = [
        None if mask is None else mask_figures(mask, inside[i], _spacing_mm(data, row)) for i, mask in enumerate(truth)
    ]
    return MasksOf(figures=figures, confused=pixel_counts(truth, list(inside)))


def _spacing_mm(data: ImageData, row: int) -> tuple[float, float] | None:
    """(between rows, between cols) of an image as it is stored; None where it does not say it."""
    spacing = data.cache.facts[row].get("spacing_mm")
    return (float(spacing[0]), float(spacing[1])) if spacing else None
