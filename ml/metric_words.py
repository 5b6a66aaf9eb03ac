"""Figures in words: what people call a metric, what it is, and how it is written. Loads nothing."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ml.operating_points import rule_words
from viewer.core.deciding import cut_words

TITLES = {
    "auc": "AUC", "auc_fold_mean": "AUC, mean of folds", "average_precision": "average precision",
    "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "label_f1": "F1",
    "ppv": "precision (PPV)", "npv": "NPV", "sensitivity": "recall (sensitivity)", "specificity": "specificity",
    "kappa": "Cohen's kappa", "brier": "Brier score", "ece": "calibration error (ECE)",
    "brier_after": "Brier score, calibrated", "ece_after": "calibration error, calibrated",
    "ppv_there": "precision (PPV) there", "npv_there": "NPV there",
    "f1": "F1", "precision": "precision", "recall": "recall", "false_positives": "false positives",
    "iou": "IoU", "map": "mAP", "map50": "mAP@0.5", "map75": "mAP@0.75", "froc": "FROC",
    **{f"froc_{n}": f"FROC at {rate}" for n, rate in
       (("0125", "1/8"), ("025", "1/4"), ("05", "1/2"), ("1", "1"), ("2", "2"), ("4", "4"), ("8", "8"))},
    "dice": "Dice", "mask_iou": "IoU of masks", "surface_dice": "surface Dice", "hd95": "HD95 in mm",
    "area_bias": "area bias in mm²", "area_limit_low": "area, lower limit in mm²",
    "area_limit_high": "area, upper limit in mm²",
    "mae": "MAE", "rmse": "RMSE", "r2": "R²", "bias": "bias", "limit_low": "lower limit", "limit_high": "upper limit",
}  # fmt: skip

TOLERANCE_MM = 2.0  # of the surface Dice
_FROC = "share of true boxes that are found at a mean of {} false positives per image, over all cuts of the scores"

MEANINGS = {
    "auc": "area under the ROC curve of all cases together, the mean over the labels that have one",
    "auc_fold_mean": "area under the ROC curve within each fold, the mean over the folds that have one",
    "average_precision": "area under precision over recall of all cases together, the mean over the labels that have "
    "one; guessing gives the share of cases with the label",
    "accuracy": "share of right answers at the operating point",
    "balanced_accuracy": "recall at the operating point, the mean over the labels that occur; of labels that stand "
    "each for itself, of yes and of no",
    "macro_f1": "F1 at the operating point, the mean over the labels that occur in the truth or in the answers",
    "label_f1": "F1 at the operating point",
    "ppv": "share of the cases said to have the label that have it, at the operating point and with as many of them as "
    "in these cases, the mean over the labels",
    "npv": "share of the cases said not to have the label that do not, at the operating point and with as many of them "
    "as in these cases",
    "sensitivity": "share of the cases with the label that are found at the operating point, the mean over the labels",
    "specificity": "share of the cases without the label that are said not to have it, at the operating point, the "
    "mean over the labels",
    "kappa": "agreement of truth and answers beyond what chance gives, at the operating point; 0 is chance, the mean "
    "over the labels",
    "brier": "mean squared distance of a score from what is (1 or 0); smaller is better; of three or more labels that "
    "exclude each other the sum over them, the mean over the labels",
    "ece": "mean distance of scores from the share of cases that have the label, in 10 bins of the score; of three or "
    "more labels that exclude each other of the answer's score, the mean over the labels",
    "brier_after": "the Brier score of scores that were calibrated on validation, the mean over the labels",
    "ece_after": "the calibration error of scores that were calibrated on validation, the mean over the labels",
    "ppv_there": "share of the cases said to have the label that have it, where it is as common as the reader set",
    "npv_there": "share of the cases said not to have the label that do not, where it is as common as the reader set",
    "f1": "F1 of the boxes at the operating point; a box is right from an overlap (IoU) of 0.5 with a true box of its "
    "label, and each true box counts once",
    "precision": "share of the boxes at the operating point that are right",
    "recall": "share of the true boxes that are found at the operating point",
    "false_positives": "boxes at the operating point that are not right, for each image",
    "iou": "mean overlap of true boxes with the best boxes, as many as there are true ones; counts no false positive",
    "froc": "mean share of true boxes that are found at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false positives per image",
    **{f"froc_{n}": _FROC.format(rate) for n, rate in
       (("0125", "1/8"), ("025", "1/4"), ("05", "1/2"), ("1", "1"), ("2", "2"), ("4", "4"), ("8", "8"))},
    "dice": "mean over the cases of the overlap of masks (Dice); one empty mask is 0, and two empty masks are not "
    "defined and in no mean",
    "mask_iou": "mean over the cases of the masks' common area over the area of both; empty masks as for Dice",
    "surface_dice": f"mean over the cases of the share of both outlines that lies at most {TOLERANCE_MM:g} mm from the "
    "other; one empty mask is 0, and two empty masks are not defined and in no mean",
    "hd95": "mean over the cases of the distance in mm that 95 % of an outline's length lies within from the other "
    "outline, the larger of the two ways; one empty mask counts as the image's diagonal, two are not defined",
    "area_bias": "mean of the proposed area less the true one, in mm² (Bland-Altman)",
    "area_limit_low": "95 % of the differences of areas lie above it where they are spread like a bell, in mm²",
    "area_limit_high": "95 % of the differences of areas lie below it where they are spread like a bell, in mm²",
    "map": "mean average precision over overlaps of 0.5 to 0.95, as in COCO, every box counted",
    "map50": "mean average precision at an overlap of 0.5",
    "map75": "mean average precision at an overlap of 0.75",
    "mae": "mean absolute error: how far answers are from the truth on average",
    "rmse": "root of the mean squared error: as the mean absolute error, but large errors count more",
    "r2": "share of the spread of the true numbers that the answers explain; 0 is no better than their mean, the mean "
    "over the numbers",
    "bias": "mean of the answers less the truth (Bland-Altman)",
    "limit_low": "lower limit of agreement: 1.96 standard deviations of the differences below the bias",
    "limit_high": "upper limit of agreement: 1.96 standard deviations of the differences above the bias",
}  # fmt: skip
# The figures of a report in parts that belong together, in the order in which they are read.
GROUPS: dict[str, tuple[str, ...]] = {
    "Order of the scores, wherever they are cut": (
        "auc", "auc_fold_mean", "average_precision", "map", "map50", "map75", "froc",
    ),
    "Answers at the operating point": (
        "accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "macro_f1", "label_f1", "kappa",
        "f1", "precision", "recall", "false_positives",
    ),
    "Scores as probabilities": ("brier", "ece", "brier_after", "ece_after"),
    "At a prevalence that the reader set": ("ppv_there", "npv_there"),
    "Found at a number of false positives per image": (
        "froc_0125", "froc_025", "froc_05", "froc_1", "froc_2", "froc_4", "froc_8",
    ),
    "Overlap": ("dice", "mask_iou", "iou"),
    "Outlines": ("surface_dice", "hd95"),
    "Areas": ("area_bias", "area_limit_low", "area_limit_high"),
    "Errors": ("mae", "rmse", "r2"),
    "Agreement": ("bias", "limit_low", "limit_high"),
}  # fmt: skip
OTHER_FIGURES = "Other figures"
# Figures of answers, which depend on where scores are cut; the others are of the scores themselves.
AT_A_CUT = (
    "accuracy", "balanced_accuracy", "macro_f1", "label_f1", "ppv", "npv", "sensitivity", "specificity", "kappa",
    "dice", "mask_iou", "surface_dice", "hd95", "area_bias", "area_limit_low", "area_limit_high",
    "f1", "precision", "recall", "false_positives",
)  # fmt: skip
# Errors: a smaller one is better.
LOWER_IS_BETTER = ("mae", "rmse", "false_positives", "brier", "ece", "brier_after", "ece_after", "hd95")
DIGITS = 3  # of every figure, wherever it is written


def metric_title(name: str) -> str:
    """A metric as people write it; "auc:Nodule" is "AUC Nodule"."""
    kind, _, label = name.partition(":")
    return f"{TITLES.get(kind, kind)} {label}".rstrip()


def grouped(names: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Names of figures by the group that they are told in, each in its own order; an unknown one stands last."""
    of_kind = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
    found: dict[str, list[str]] = {group: [] for group in (*GROUPS, OTHER_FIGURES)}
    for name in names:
        found[of_kind.get(name.partition(":")[0], OTHER_FIGURES)].append(name)
    order = {kind: place for place, kind in enumerate(of_kind)}
    return [
        (group, sorted(each, key=lambda name: order.get(name.partition(":")[0], len(order))))
        for group, each in found.items()
        if each
    ]


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


def best_cut_words(names: Iterable[str], threshold: float, operating_point: str = "") -> str:
    """What stands beside figures at a cut that was chosen on the same cases; "" where none of them has a cut.

    operating_point: the rule that chose it, "" for the best one.
    """
    titles = [metric_title(name) for name in names if name.partition(":")[0] in AT_A_CUT]
    if not titles:
        return ""
    verb = "stands" if len(titles) == 1 else "stand"
    said = " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
    by = f"chosen for {rule_words(operating_point)} on" if operating_point else "the best one for"
    return (
        f"{said[0].upper()}{said[1:]} on validation {verb} at the cut {cut_words(threshold)}, {by} these same cases; "
        "expect less on others."
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


def test_words(said: str) -> str:
    """A report's figure in a row: "AUC 0.750 (0.400 to 0.960) test"; that there is no interval, and what marks it.

    said: what the report says of itself, as `ml.evaluation.page.headline` has it. "" where it judged no test part.
    """
    figure, _, rest = said.partition(" on the test part")
    if not rest and not said.endswith(" on the test part"):
        return ""
    lacks = ", no interval" if ". No interval" in rest else ""
    return " · ".join(filter(None, (f"{figure} test{lacks}", rest.partition(" · ")[2])))
