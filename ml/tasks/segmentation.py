"""Masks, as they are learned; see `ml.tasks.task.LearntTask`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import Measure
from ml.recipe import Recipe
from ml.tasks.drawn import drawn_checks, drawn_rows, known_rows, no_numbers


class Segmentation:
    """See `LearntTask`."""

    networks = "segmentation"
    outputs = "ml.tasks.segmentation_outputs:OUTPUTS"
    defaults: Mapping[str, Any] = MappingProxyType({"epochs": 30, "batch_size": 8, "learning_rate": 1e-3})
    keeps_masks = True
    keeps_boxes = False
    fp32_on_cpu = ""

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        """See `LearntTask`."""
        return no_numbers(items, task)

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        """Those of which a label is known: the others are masked in the loss."""
        return np.asarray(known_rows(items, task).any(axis=1), np.bool_)

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        """See `drawn_rows`."""
        return drawn_rows(items, task)

    def uses(self, setting: str, recipe: Recipe) -> bool:
        """None of them."""
        return False

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        """Whether there are masks."""
        parts = ([{label for label, _ in item.masks} for item in part] for part in (train, val))
        return drawn_checks(recipe.labels, "mask", *parts)

    def decides(self, cases: KeptCases, *, exclusive: bool) -> Measure:
        """The mean Dice."""
        return MaskOutcome(dice=cases.score, present=~np.isnan(cases.score), labels=cases.labels).measures()["dice"]


SEGMENTATION = Segmentation()
