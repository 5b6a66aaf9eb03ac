"""Boxes, as they are learned; see `ml.tasks.task.LearntTask`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.measures import NO_BOX, Measure, Share
from ml.nets.most_boxes import MOST_BOXES
from ml.recipe import Recipe
from ml.tasks.drawn import drawn_checks, drawn_rows, known_rows, no_numbers


class Detection:
    """See `LearntTask`."""

    networks = "detection"
    outputs = "ml.tasks.detection_outputs:OUTPUTS"
    # Boxes stay exact only without rotation.
    defaults: Mapping[str, Any] = MappingProxyType(
        {"epochs": 60, "batch_size": 8, "learning_rate": 1e-3, "augment_rotate_deg": 0.0}
    )
    keeps_masks = False
    keeps_boxes = True
    fp32_on_cpu = "detectors gain nothing from bf16 on the CPU"  # measured once

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        """See `LearntTask`."""
        return no_numbers(items, task)

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        """Those of which every label is known: unknown boxes would teach that the background is empty."""
        return np.asarray(known_rows(items, task).all(axis=1), np.bool_)

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        """See `drawn_rows`."""
        return drawn_rows(items, task)

    def uses(self, setting: str, recipe: Recipe) -> bool:
        """None of them."""
        return False

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        """Whether there are boxes, and not more of them on an image than a detector proposes."""
        parts = ([{label for label, _ in item.boxes} for item in part] for part in (train, val))
        refusals, doubts = drawn_checks(recipe.labels, "box", *parts)
        most = max(sum(label in recipe.labels for label, _ in item.boxes) for item in (*train, *val))
        if not refusals and most > MOST_BOXES:
            doubts.append(
                f"An image holds {most} boxes, and a detector proposes at most {MOST_BOXES}: the rest is missed."
            )
        return refusals, doubts

    def decides(self, cases: KeptCases, *, exclusive: bool) -> Measure:
        """F1 of the boxes at the operating point."""
        true, shown = (
            np.array([[float(word) for word in each] for each in words], np.float64).sum(axis=1)
            for words in (cases.truth, cases.answer)
        )
        right = shown - cases.false.sum(axis=1)
        return Share(top=2 * right, bottom=true + shown, hit_weight=2, undefined=NO_BOX)


DETECTION = Detection()
