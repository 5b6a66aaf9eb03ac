"""The mean of the boxes that were seen, in shares of the picture."""

import numpy as np

from ml.data.batches import ImageData
from ml.data.targets import true_boxes
from ml.evaluation.boxes import BoxCase, choose_threshold
from ml.evaluation.control_rows.seen import BOXES, Control, Floats, Ints, Shown


def mean_box(data: ImageData, fit: Ints, test: Ints, cut_on: Ints | None = None) -> tuple[list[BoxCase], float]:
    """Per label the mean of the training boxes, in shares of the picture; score = share of pictures that have one.

    Returns the cases, and the cut that gives the highest F1 on the cases of `cut_on`.
    """
    shares: dict[int, list[Floats]] = {}
    for row in fit.tolist():
        boxes, labels = true_boxes(data.items[row], data.task)
        size = _size(data, row)
        for box, label in zip(boxes, labels.tolist(), strict=True):
            shares.setdefault(label, []).append(box / size)
    found = sorted(shares)
    scores = np.array([min(1.0, len(shares[label]) / len(fit)) for label in found], np.float64)

    def case(row: int) -> BoxCase:
        truth, truth_labels = true_boxes(data.items[row], data.task)
        placed = [np.mean(shares[label], axis=0) * _size(data, row) for label in found]
        return BoxCase(
            truth=truth,
            truth_labels=truth_labels,
            boxes=np.array(placed, np.float64).reshape(-1, 4),
            labels=np.array(found, np.int64),
            scores=scores,
        )

    chosen_on = fit if cut_on is None else cut_on
    return [case(row) for row in test.tolist()], choose_threshold([case(row) for row in chosen_on.tolist()])


def _size(data: ImageData, row: int) -> Floats:
    inverse = data.cache.inverses[row]
    return np.array([inverse.cols, inverse.rows, inverse.cols, inverse.rows], np.float64)


def _said(seen: Shown) -> tuple[list[BoxCase], float]:
    return mean_box(seen.data, seen.fit, seen.test, seen.cut_on)


CONTROL = Control(
    names={BOXES: "mean box"},
    tells="what is reached by proposing the mean box of the cases that were seen on every image: things lie alike",
    said=_said,
)
