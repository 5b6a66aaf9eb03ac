"""Figures in words: what people call a metric, and several of them in one line. Loads nothing."""

import math
from collections.abc import Mapping

TITLES = {
    "auc": "AUC", "auc_fold_mean": "AUC, mean of folds", "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "f1": "F1", "dice": "Dice", "iou": "IoU",
    "map": "mAP", "map50": "mAP@0.5", "map75": "mAP@0.75",
}  # fmt: skip


def metric_title(name: str) -> str:
    """A metric as people write it; "auc:Nodule" is "AUC Nodule"."""
    kind, _, label = name.partition(":")
    return f"{TITLES.get(kind, kind)} {label}".rstrip()


def metric_line(metrics: Mapping[str, float]) -> str:
    """ "AUC 1.000 · accuracy 0.960"; a figure that is not defined is a dash, none at all is ""."""
    return " · ".join(
        f"{metric_title(name)} {'–' if math.isnan(value) else f'{value:.3f}'}" for name, value in metrics.items()
    )
