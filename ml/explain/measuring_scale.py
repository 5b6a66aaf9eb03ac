"""Measuring the scale of a model's heatmaps on validation images."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml.card import Card
from ml.explain.scale import HeatScale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torch.nn import Module

    from ml.data.batches import ImageData


MOST_IMAGES = 32
MOST_TAPS = 256  # images x classes: a tap costs little more than an answer, and all of them some seconds


def measure_scale(
    card: Card, network: "Module", batches: "Iterable[Tensor]", image_ids: Sequence[str] = ()
) -> HeatScale:
    """The largest value of each class's map by each method over some images. network: in evaluation mode, not changed.

    batches: inputs (1, channel, row, col), at most MOST_IMAGES of them are looked at. A class that has nothing to
    explain on an image is left out there. image_ids: of the batches, where the images have any.
    """
    from ml.explain.cam import methods
    from ml.explain.heatmap import score_of
    from ml.explain.tap import tap
    from viewer.core.errors import BadRequest

    tops: dict[str, dict[str, float]] = {}
    reached_by: dict[str, dict[str, str]] = {}
    count = 0
    most = max(1, min(MOST_IMAGES, MOST_TAPS // max(1, len(card.labels))))
    for images in batches:
        if count >= most:
            break
        count += 1
        for label in card.labels:
            try:
                evidence = tap(network, card.cam_layer, images, score_of(card, network, label))
            except BadRequest:
                continue
            for name, method in methods().items():
                top = float(method.weigh(evidence).max())
                if math.isfinite(top) and top > tops.get(label, {}).get(name, 0.0):
                    tops.setdefault(label, {})[name] = top
                    if image_ids:
                        reached_by.setdefault(label, {})[name] = image_ids[count - 1]
    return HeatScale(tops=tops, images=count, reached_by=reached_by)


def scale_of_run(folder: Path, card: Card, data: "ImageData", rows: "NDArray[np.int64]") -> HeatScale:
    """Measured with the weights that were kept. rows: of `data`, the validation images; they are looked at evenly."""
    import numpy as np

    from ml.evaluation.predicting import load_trained

    if not len(rows):
        return HeatScale()
    picked = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST_IMAGES, len(rows))).round().astype(np.int64))]
    network = load_trained(folder, card, data.device).requires_grad_(False)
    batches = (data.exact_batch(picked[i : i + 1]).images for i in range(len(picked)))
    return measure_scale(card, network, batches, [data.items[row].image_id for row in picked])
