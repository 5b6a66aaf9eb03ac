"""Whole-image labels, as they are learned; see `ml.tasks.task.LearntTask`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts, label_rows
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.measures import Measure
from ml.evaluation.outcome import NO, YES
from ml.recipe import Recipe
from ml.tasks.task import absent, listed

_TRUTH = {YES: 1.0, NO: 0.0}


class Classification:
    """See `LearntTask`."""

    networks = "classification"
    outputs = "ml.tasks.classification_outputs:OUTPUTS"
    defaults: Mapping[str, Any] = MappingProxyType(
        {"epochs": 20, "batch_size": 16, "learning_rate": 5e-4, "weight_decay": 0.05}
    )
    keeps_masks = False
    keeps_boxes = False
    fp32_on_cpu = ""

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        """See `label_rows`."""
        return label_rows(items, task)

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        """Those with a known label."""
        return np.asarray(~np.isnan(label_rows(items, task)).all(axis=1), np.bool_)

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        """See `label_rows`."""
        return label_rows(items, task).astype(np.float64)

    def uses(self, setting: str, recipe: Recipe) -> bool:
        """Smoothing is for labels that exclude each other."""
        return setting == "class_weights" or recipe.exclusive

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        """Whether there is something to tell apart, and to choose the best epoch by."""
        task = TaskFacts(kind=recipe.kind, labels=recipe.labels, exclusive=recipe.exclusive)
        rows, tested = label_rows(train, task), label_rows(val, task)
        positive, negative = (np.nansum(rows == value, axis=0) for value in (1, 0))
        if recipe.exclusive:
            return _one_of(recipe.labels, positive, tested)
        return _each(recipe.labels, positive, negative, tested)

    def decides(self, cases: KeptCases, *, exclusive: bool) -> Measure:
        """The area under the ROC curve."""
        truth = np.array([[_TRUTH.get(word, np.nan) for word in each] for each in cases.truth], np.float64)
        outcome = ClassOutcome(
            truth=truth,
            scores=cases.score,
            thresholds=np.full(len(truth), 0.5),  # this figure has no cut
            folds=cases.folds,
            labels=cases.labels,
            exclusive=exclusive,
        )
        measures = outcome.measures()
        return measures.get(f"{outcome.primary}_fold_mean", measures[outcome.primary])


def _one_of(
    labels: Sequence[str], positive: NDArray[np.int64], tested: NDArray[np.float32]
) -> tuple[list[str], list[str]]:
    shown = [label for label, count in zip(labels, positive, strict=True) if count]
    if len(shown) < 2:
        return [
            f"Every training image shows {shown[0]}: there is nothing to tell apart. Complete cases of "
            f"{listed([label for label in labels if label not in shown], 'or')}, or split anew."
        ], []
    doubts = [absent(label) for label, count in zip(labels, positive, strict=True) if not count]
    if len(tested) and (np.nansum(tested, axis=0) > 0).sum() < 2:
        one = labels[int(np.nansum(tested, axis=0).argmax())]
        doubts.append(f"Every validation image shows {one}, so there will be no AUC to choose the best epoch by.")
    return [], doubts


def _each(
    labels: Sequence[str], positive: NDArray[np.int64], negative: NDArray[np.int64], tested: NDArray[np.float32]
) -> tuple[list[str], list[str]]:
    taught = (positive > 0) & (negative > 0)
    if not taught.any():
        return ["No label is yes on some training images and no on others: there is nothing to tell apart."], []
    doubts = []
    for label, yes, no in zip(labels, positive, negative, strict=True):
        if not yes:
            doubts.append(absent(label))
        elif not no:
            doubts.append(f"No training image says no to {label}, so the model learns to say yes to it always.")
    if len(tested):
        for place, label in enumerate(labels):
            if taught[place] and not {0.0, 1.0} <= set(tested[:, place].tolist()):
                doubts.append(f"The validation part does not hold {label} as yes and as no, so it has no AUC.")
    return [], doubts


CLASSIFICATION = Classification()
