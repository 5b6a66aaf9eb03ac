"""Figures in words: what people call a metric, what it is, and how it is written. Loads nothing."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from viewer.core.deciding import cut_words

TITLES = {
    "auc": "AUC", "auc_fold_mean": "AUC, mean of folds", "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "f1": "F1", "dice": "Dice", "iou": "IoU",
    "map": "mAP", "map50": "mAP@0.5", "map75": "mAP@0.75", "precision": "precision", "recall": "recall",
    "false_positives": "false positives", "mae": "MAE", "rmse": "RMSE", "r2": "R²",
}  # fmt: skip

MEANINGS = {
    "auc": "area under the ROC curve of all cases together, the mean over the labels that have one",
    "auc_fold_mean": "area under the ROC curve within each fold, the mean over the folds that have one",
    "accuracy": "share of right answers at the operating point",
    "macro_f1": "F1 at the operating point, the mean over the labels that occur in the truth or in the answers",
    "f1": "F1 of the boxes at the operating point; a box is right from an overlap (IoU) of 0.5 with a true box of its "
    "label, and each true box counts once",
    "precision": "share of the boxes at the operating point that are right",
    "recall": "share of the true boxes that are found at the operating point",
    "false_positives": "boxes at the operating point that are not right, for each image",
    "iou": "mean overlap of true boxes with the best boxes, as many as there are true ones; counts no false positive",
    "dice": "mean over the cases of the overlap of masks (Dice); two empty masks are 1, one empty mask is 0",
    "map": "mean average precision over overlaps of 0.5 to 0.95, as in COCO, every box counted",
    "map50": "mean average precision at an overlap of 0.5",
    "map75": "mean average precision at an overlap of 0.75",
    "mae": "mean absolute error: how far answers are from the truth on average",
    "rmse": "root of the mean squared error: as the mean absolute error, but large errors count more",
    "r2": "share of the spread of the true numbers that the answers explain; 0 is no better than their mean, the mean "
    "over the numbers",
}  # fmt: skip
# Figures of answers, which depend on where scores are cut; the others are of the scores themselves.
AT_A_CUT = ("accuracy", "macro_f1", "dice", "f1", "precision", "recall", "false_positives")
# Errors: a smaller one is better.
LOWER_IS_BETTER = ("mae", "rmse", "false_positives")
DIGITS = 3  # of every figure, wherever it is written


def metric_title(name: str) -> str:
    """A metric as people write it; "auc:Nodule" is "AUC Nodule"."""
    kind, _, label = name.partition(":")
    return f"{TITLES.get(kind, kind)} {label}".rstrip()


def quantity_name(label: str, unit: str) -> str:
    """A number with its unit, as it stands in the name of a figure: "age [a]"."""
    return f"{label} [{unit}]" if unit else label


def lower_is_better(name: str) -> bool:
    """Whether a figure is an error."""
    return name.partition(":")[0] in LOWER_IS_BETTER


def metric_line(metrics: Mapping[str, float]) -> str:
    """ "AUC 1.000 · accuracy 0.960"; a figure that is not defined is a dash, none at all is ""."""
    return " · ".join(
        f"{metric_title(name)} {number_text(value) if math.isfinite(value) else '–'}" for name, value in metrics.items()
    )


def best_cut_words(names: Iterable[str], threshold: float) -> str:
    """What stands beside figures at a cut that was chosen on the same cases; "" where none of them has a cut."""
    titles = [metric_title(name) for name in names if name.partition(":")[0] in AT_A_CUT]
    if not titles:
        return ""
    verb = "stands" if len(titles) == 1 else "stand"
    said = " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
    return (
        f"{said[0].upper()}{said[1:]} on validation {verb} at the cut {cut_words(threshold)}, the best one for these "
        "same cases; expect less on others."
    )


def metric_meaning(name: str) -> str:
    """What a figure is, as the end of a sentence; "auc:Nodule" is told of that label."""
    kind, _, label = name.partition(":")
    meaning = MEANINGS.get(kind, "")
    return f"{meaning.partition(', the mean over')[0]}, of {label} alone" if label and meaning else meaning


def number_text(value: float | None) -> str:
    """A figure with the one number of digits that figures have; "not defined" where it is none."""
    return "not defined" if value is None or not math.isfinite(value) else f"{value:.{DIGITS}f}"


def figure_text(figure: Mapping[str, Any]) -> str:
    """A figure of a report: "0.981 (0.970 to 0.990)", "1.000 (0.541 to 1.000, exact binomial)".

    Without an interval "1.000, no interval: REASON", and "not defined: REASON" where it is none. figure: value, low,
    high, method and why, as in figures.json.
    """
    value, low, high = (figure.get(name) for name in ("value", "low", "high"))
    text, why, method = number_text(value), figure.get("why") or "", figure.get("method") or ""
    if text == "not defined":
        return f"{text}: {why}" if why else text
    if number_text(low) == "not defined" or number_text(high) == "not defined":
        return f"{text}, no interval" + (f": {why}" if why else "")
    exact = f", {method}" if method.startswith("exact") else ""
    return f"{text} ({number_text(low)} to {number_text(high)}{exact})"
