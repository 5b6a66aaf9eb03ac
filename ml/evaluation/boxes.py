"""Figures of boxes: mean IoU of matched boxes and mAP (faster-coco-eval, the COCO definition)."""

import contextlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.metrics import box_iou, f1_threshold, matched_ious

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxCase:
    """One image: true boxes (n, 4) with labels (n,) from 0, and predicted ones (m, 4) with labels and scores."""

    truth: Floats
    truth_labels: Ints
    boxes: Floats
    labels: Ints
    scores: Floats


def case_iou(case: BoxCase) -> float:
    """Mean overlap of the case's true boxes; the empty rule: no true box and no prediction above 0.5 is 1, else 0."""
    if not len(case.truth):
        return 0.0 if (case.scores >= 0.5).any() else 1.0
    return float(matched_ious(case.truth, case.truth_labels, case.boxes, case.labels, case.scores).mean())


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
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    whole, half, strict = (float(value) for value in evaluation.stats[:3])
    return {"map": whole, "map50": half, "map75": strict}


def choose_threshold(cases: Sequence[BoxCase]) -> float:
    """The score cut with the highest F1 at an overlap of 0.5, from validation cases; 0.5 without true boxes."""
    hits: list[bool] = []
    scores: list[float] = []
    for case in cases:
        taken: set[int] = set()
        for i in np.argsort(-case.scores, kind="stable").tolist():
            overlaps = (
                box_iou(case.boxes[i : i + 1], case.truth)[0] * (case.truth_labels == case.labels[i])
                if len(case.truth)
                else np.zeros(0)
            )
            best = int(overlaps.argmax()) if len(overlaps) else -1
            hit = best >= 0 and overlaps[best] >= 0.5 and best not in taken
            if hit:
                taken.add(best)
            hits.append(hit)
            scores.append(float(case.scores[i]))
    if not any(hits):
        return 0.5
    return f1_threshold(np.array(hits), np.array(scores))
