"""Controls: what can be had without a network, on the same cases. A model that does not beat them has learned little.

All are fitted on the training and validation parts, and each has a cut of its own, chosen on those parts as a model's
is chosen on validation: judged at another's cut a control looks weaker than it is.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ml.data.batches import ImageData
from ml.data.header_numbers import header_number
from ml.data.storage import WORDS
from ml.data.targets import Item, true_boxes
from ml.evaluation.boxes import BoxCase, choose_threshold
from ml.evaluation.classes import choose_threshold as choose_class_threshold
from ml.evaluation.figures.masks import MaskTable
from ml.evaluation.measures import mean_of_defined
from ml.evaluation.metrics import dice
from ml.evaluation.predicting import masks_of, told_masks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# (training columns, truth, new columns) to probabilities.
Fit = Callable[[Floats, Ints, Floats], Floats]

MOST_FREQUENT = "most frequent class"
PIXELS = "logistic regression on 32x32"
FACTS = "header facts only"
VIEW = "view alone"
STORAGE = "how it is stored"
MEAN_MASK = "mean mask"
MEAN_BOX = "mean box"
SIDE = 32
_NUMBERS = ("PatientAge", "orig_width", "orig_height")
_WORDS = ("PatientSex", "ViewPosition")


def class_controls(data: ImageData, fit: Ints, test: Ints) -> dict[str, tuple[Floats, float]]:
    """Scores (case, label) of each control, and its cut."""
    pixels = small_pictures(data, np.concatenate([fit, test]))
    both = np.concatenate([fit, test])
    facts = header_facts(data, both)
    truth, exclusive = data.labels[fit].astype(np.float64), data.task.exclusive
    # Scores of the cases it was fitted on, then of the others.
    found = {
        MOST_FREQUENT: np.tile(_shares(truth), (len(fit) + len(test), 1)),
        PIXELS: _fit_each(_from_pixels, pixels[: len(fit)], truth, pixels, exclusive=exclusive),
        FACTS: _fit_each(_from_facts, facts[: len(fit)], truth, facts, exclusive=exclusive),
    }
    storage = storage_columns(data, both)
    if storage.shape[1] > 1:
        found[STORAGE] = _fit_each(_from_facts, storage[: len(fit)], truth, storage, exclusive=exclusive)
    views = _one_hot([item.tags.get("ViewPosition", "") for item in (data.items[row] for row in both.tolist())])
    if views.shape[1] > 1:
        found[VIEW] = _fit_each(_from_facts, views[: len(fit)], truth, views, exclusive=exclusive)
    return {
        who: (scores[len(fit) :], choose_class_threshold(truth, scores[: len(fit)], exclusive=exclusive))
        for who, scores in found.items()
    }


def mean_mask(data: ImageData, fit: Ints, test: Ints) -> MaskTable:
    """The mean of the training masks, cut where the training Dice is highest. Returns as `case_masks`."""
    assert data.cache.masks is not None
    side, labels, known = data.spec.shape_px, len(data.task.labels), data.known[fit]
    large = torch.from_numpy(data.cache.masks[fit].astype(np.float32) / np.float32(255))
    masks = F.interpolate(large, size=side, mode="bilinear", align_corners=False).numpy()
    empty = np.zeros(side, np.float32)
    means = np.stack([masks[known[:, i], i].mean(axis=0) if known[:, i].any() else empty for i in range(labels)])
    best = [_best_cut(means[i], masks[known[:, i], i]) for i in range(labels)]
    # One cut for all labels: shift each map so that its own lies at 0.5. The task's rule then decides as of a model.
    shifted = means - np.array(best)[:, None, None] + 0.5
    return told_masks(data, test, [masks_of(data, row, shifted, 0.5) for row in test.tolist()])


def _best_cut(mean: NDArray[np.float32], masks: NDArray[np.float32]) -> float:
    """The cut of a mean mask with the highest mean Dice over masks (case, row, col); 1 without any."""
    if not len(masks):
        return 1.0
    cuts = np.linspace(0.05, 0.95, 19) - 1e-4  # beside the shares that means have: rounding must not decide
    scores = [mean_of_defined(np.array([dice(mask >= 0.5, mean >= cut) for mask in masks])) for cut in cuts]
    return float(cuts[int(np.argmax(np.nan_to_num(scores, nan=-1.0)))])


def mean_box(data: ImageData, fit: Ints, test: Ints) -> tuple[list[BoxCase], float]:
    """Per label the mean of the training boxes, in shares of the picture; score = share of pictures that have one.

    Returns the cases, and the cut that gives the highest F1 on the training part itself.
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

    return [case(row) for row in test.tolist()], choose_threshold([case(row) for row in fit.tolist()])


def _size(data: ImageData, row: int) -> Floats:
    inverse = data.cache.inverses[row]
    return np.array([inverse.cols, inverse.rows, inverse.cols, inverse.rows], np.float64)


def _shares(truth: Floats) -> Floats:
    known = ~np.isnan(truth)
    result: Floats = np.nansum(truth, axis=0) / np.maximum(known.sum(axis=0), 1)
    return result


def small_pictures(data: ImageData, rows: Ints) -> Floats:
    """(case, 1024) grey values of the 32x32 picture; of a sample of frames those of each, one after the other."""
    images = torch.from_numpy(data.cache.exact[rows].astype(np.float32))
    if data.spec.rule.is_plain:
        images = images.mean(dim=1, keepdim=True)
    small = F.interpolate(images, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
    return small.flatten(1).numpy().astype(np.float64)


def header_facts(data: ImageData, rows: Ints) -> Floats:
    """(case, fact): age, original size where the table has it, stored size and aspect, sex, view."""
    items: list[Item] = [data.items[row] for row in rows.tolist()]
    sizes = np.array([[data.cache.inverses[r].rows, data.cache.inverses[r].cols] for r in rows.tolist()], np.float64)
    columns = [sizes, (sizes[:, 1] / sizes[:, 0])[:, None]]
    for name in _NUMBERS:
        columns.append(np.array([header_number(item.tags.get(name, "")) for item in items])[:, None])
    columns += [_one_hot([item.tags.get(name, "") for item in items]) for name in _WORDS]
    return np.concatenate(columns, axis=1)


def storage_columns(data: ImageData, rows: Ints) -> Floats:
    """(case, fact): how each image is stored, without what all have in common; the size stands among `FACTS`."""
    facts = [data.cache.facts[row]["storage"] for row in rows.tolist()]
    columns = [_one_hot([str(fact.get(name, "")) for fact in facts]) for name in WORDS if name != "size"]
    return np.concatenate([column for column in columns if column.shape[1] > 1] or [np.zeros((len(rows), 0))], axis=1)


def _one_hot(words: Sequence[str]) -> Floats:
    return np.array([[float(word == known) for known in sorted(set(words))] for word in words], np.float64)


def _fit_each(fit: Fit, x: Floats, truth: Floats, new: Floats, *, exclusive: bool) -> Floats:
    """One model per label over the cases where it is known; exclusive scores are made to sum to 1."""
    scores = np.zeros((len(new), truth.shape[1]))
    columns = [1] if exclusive and truth.shape[1] == 2 else range(truth.shape[1])
    for i in columns:
        known = ~np.isnan(truth[:, i])
        wanted = truth[known, i].astype(np.int64)
        if len(np.unique(wanted)) < 2 or not len(new):
            scores[:, i] = wanted.mean() if len(wanted) else 0.0
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that has not quite converged is good enough for a control
            scores[:, i] = fit(x[known], wanted, new)
    if exclusive and truth.shape[1] == 2:
        scores[:, 0] = 1 - scores[:, 1]
    elif exclusive:
        scores /= np.maximum(scores.sum(axis=1, keepdims=True), 1e-12)
    return scores


def _from_pixels(x: Floats, truth: Ints, new: Floats) -> Floats:
    """Logistic regression on grey values in [0, 1]; (case,) probabilities of `new`."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.1, max_iter=500).fit(x, truth)
    return np.asarray(model.predict_proba(new)[:, 1], np.float64)


def _from_facts(x: Floats, truth: Ints, new: Floats) -> Floats:
    """Logistic regression on standardised columns (a forest did worse on each of our sets)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500)).fit(x, truth)
    return np.asarray(model.predict_proba(new)[:, 1], np.float64)
