"""What detection and segmentation share: labels that are drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts, region_known
from ml.tasks.task import absent, listed


def no_numbers(items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
    """(image, label) zeros: what is learned is drawn."""
    return np.zeros((len(items), len(task.labels)), np.float32)


def known_rows(items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
    """(image, label) of `region_known`."""
    return np.array([region_known(item, task) for item in items], np.bool_).reshape(len(items), len(task.labels))


def drawn_rows(items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
    """(image, label) 1 where the label is drawn, 0 where it is not, NaN where that is not known."""
    shown = np.full((len(items), len(task.labels)), np.nan)
    for row, item, known in zip(shown, items, known_rows(items, task), strict=True):
        drawn = {label for label, _ in (*item.boxes, *item.masks)}
        row[known] = [float(label in drawn) for label, says in zip(task.labels, known, strict=True) if says]
    return shown


def drawn_checks(
    labels: Sequence[str], thing: str, train: Sequence[set[str]], val: Sequence[set[str]]
) -> tuple[list[str], list[str]]:
    """See `LearntTask.checks`. thing: what is drawn. train, val: of each image the labels that are drawn so."""
    drawn, tested = (set().union(*part) for part in (train, val))
    missing = [label for label in labels if label not in drawn]
    if len(missing) == len(labels):
        return [f"No training image holds a {thing} of {listed(missing, 'or')}: there is nothing to learn."], []
    doubts = [absent(label) for label in missing]
    if val and not tested & set(labels):
        doubts.append(f"No validation image holds a {thing}, so there will be no figure to choose the best epoch by.")
    return [], doubts
