"""Figures of boxes: mean IoU of matched boxes and mAP (faster-coco-eval, the COCO definition)."""

import contextlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.metrics import box_iou, matched_ious
from ml.operating_points import Counts, counts_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RIGHT_IOU = 0.5  # a proposed box is right from this overlap with a true box of its label on


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxCase:
    """One image: true boxes (n, 4) with labels (n,) from 0, and predicted ones (m, 4) with labels and scores."""

    truth: Floats
    truth_labels: Ints
    boxes: Floats
    labels: Ints
    scores: Floats


def matched(overlap: Floats, cut: float) -> NDArray[np.bool_]:
    """(m,) which predictions are right: in turn, each takes the free true box that it overlaps most, if by `cut`.

    overlap: (m, n) of predictions of one label, best score first, with its true boxes. A true box is matched once.
    """
    free = np.ones(overlap.shape[1], np.bool_)
    right = np.zeros(len(overlap), np.bool_)
    for i, row in enumerate(overlap):
        open_overlap = np.where(free, row, -1.0)
        if len(free) and open_overlap.max() >= cut:
            free[int(open_overlap.argmax())] = False
            right[i] = True
    return right


def hits(case: BoxCase) -> NDArray[np.bool_]:
    """(m,) which predictions of an image are right at an overlap of 0.5, each true box counted once.

    The better score chooses first, so it is the same whether or not worse ones are there.
    """
    right = np.zeros(len(case.scores), np.bool_)
    for label in np.unique(case.labels):
        mine = np.nonzero(case.labels == label)[0]
        mine = mine[np.argsort(-case.scores[mine], kind="stable")]
        overlap = box_iou(case.boxes[mine], case.truth[case.truth_labels == label])
        right[mine] = matched(overlap, RIGHT_IOU)
    return right


def mean_iou(cases: Sequence[BoxCase]) -> float:
    """Over all true boxes; NaN without any."""
    values = [matched_ious(c.truth, c.truth_labels, c.boxes, c.labels, c.scores) for c in cases]
    joined = np.concatenate(values) if values else np.zeros(0)
    return float(joined.mean()) if len(joined) else float("nan")


def mean_precision(cases: Sequence[BoxCase], labels: int) -> dict[str, float]:
    """map (0.5:0.95), map50 and map75; NaN without true boxes."""
    from faster_coco_eval import COCO, COCOeval_faster

    nothing = {"map": float("nan"), "map50": float("nan"), "map75": float("nan")}
    if not any(len(case.truth) for case in cases):
        return nothing
    truth: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for number, case in enumerate(cases):
        for box, label in zip(case.truth.tolist(), case.truth_labels.tolist(), strict=True):
            wide, high = box[2] - box[0], box[3] - box[1]
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": number,
                    "category_id": label + 1,
                    "bbox": [box[0], box[1], wide, high],
                    "area": wide * high,
                    "iscrowd": 0,
                }
            )
        for box, label, score in zip(case.boxes.tolist(), case.labels.tolist(), case.scores.tolist(), strict=True):
            wide, high = box[2] - box[0], box[3] - box[1]
            found.append(
                {"image_id": number, "category_id": label + 1, "bbox": [box[0], box[1], wide, high], "score": score}
            )
    if not found:
        return dict.fromkeys(nothing, 0.0)
    categories = [{"id": i + 1, "name": str(i)} for i in range(labels)]
    images = [{"id": number, "width": 0, "height": 0} for number in range(len(cases))]
    # The library reports by print and by logging; neither is for our reader.
    logging.getLogger("faster_coco_eval").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):
        wanted = COCO({"images": images, "annotations": truth, "categories": categories})
        evaluation = COCOeval_faster(wanted, wanted.loadRes(found), "bbox")
        # The definition's limit of 100 boxes an image would leave true ones of a crowded image without an answer.
        most = max(100, *(len(case.scores) for case in cases))
        evaluation.params.maxDets = [1, 10, most]
        evaluation.evaluate()
        evaluation.accumulate()
    # (overlap, recall, label, size, most): all sizes, the largest number of boxes; -1 where a label has no true box.
    precision = np.asarray(evaluation.eval["precision"], np.float64)[:, :, :, 0, -1]
    each = {"map": precision, "map50": precision[:1], "map75": precision[5:6]}
    return {name: float(values[values > -1].mean()) for name, values in each.items()}


def choose_threshold(cases: Sequence[BoxCase]) -> float:
    """The score cut with the highest F1 at an overlap of 0.5, from validation cases, missed boxes counted.

    Of several the nearest to 0.5; 0.5 where no proposal is right.
    """
    right = np.concatenate([hits(case) for case in cases]) if cases else np.zeros(0, np.bool_)
    if not right.any():
        return 0.5
    scores = np.concatenate([case.scores for case in cases])
    wanted = sum(len(case.truth) for case in cases)
    edges = np.unique(scores)
    cuts = np.concatenate([(edges[1:] + edges[:-1]) / 2, [0.5, edges[0] / 2]])
    order = np.sort(scores)
    hit_order = np.sort(scores[right])
    said = len(order) - np.searchsorted(order, cuts)
    found = len(hit_order) - np.searchsorted(hit_order, cuts)
    values = 2 * found / (said + wanted)
    best = cuts[values >= values.max() - 1e-12]
    return float(best[np.argmin(np.abs(best - 0.5))])


def box_counts(cases: Sequence[BoxCase]) -> Counts:
    """What each cut says: boxes that are right, boxes that are not, and true boxes that none of them finds."""
    right = np.concatenate([hits(case) for case in cases]) if cases else np.zeros(0, np.bool_)
    scores = np.concatenate([case.scores for case in cases]) if cases else np.zeros(0)
    wanted = sum(len(case.truth) for case in cases)
    return counts_of(right, scores, missed=float(wanted - int(right.sum())))
