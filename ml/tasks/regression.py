"""Numbers of whole images, as they are learned; see `ml.tasks.task.LearntTask`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.measures import Measure
from ml.evaluation.number_outcome import NumberOutcome
from ml.evaluation.outcome import UNKNOWN
from ml.recipe import Recipe
from ml.tasks.task import listed

MOST = 1e30  # what float32 can still hold the square of the spread of


class Regression:
    """See `LearntTask`."""

    networks = "classification"  # one output a label
    outputs = "ml.tasks.regression_outputs:OUTPUTS"
    defaults: Mapping[str, Any] = MappingProxyType(
        {"epochs": 30, "batch_size": 16, "learning_rate": 5e-4, "weight_decay": 0.05}
    )
    keeps_masks = False
    keeps_boxes = False
    fp32_on_cpu = ""

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        """The numbers themselves; the loss is of numbers in spreads of the training part."""
        return numbers_of(items, task.labels).astype(np.float32)

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        """Those with a known number."""
        return np.asarray(~np.isnan(numbers_of(items, task.labels)).all(axis=1), np.bool_)

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        """Whether a number is above the median of those that are known."""
        numbers = numbers_of(items, task.labels)
        shown = np.full(numbers.shape, np.nan)
        for column, values in enumerate(numbers.T):
            known = ~np.isnan(values)
            if known.any():
                shown[known, column] = values[known] > np.median(values[known])
        return shown

    def uses(self, setting: str, recipe: Recipe) -> bool:
        """None of them."""
        return False

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        """Whether the numbers differ, and can be computed with."""
        numbers, tested = numbers_of(train, recipe.labels), numbers_of(val, recipe.labels)
        huge = [label for label, column in zip(recipe.labels, numbers.T) if np.nanmax(np.abs(column), initial=0) > MOST]
        if huge:
            return [f"{huge[0]} has numbers beyond {MOST:g}, which no network computes with; give it another unit."], []
        alike = [
            label for label, column in zip(recipe.labels, numbers.T) if len(np.unique(column[~np.isnan(column)])) < 2
        ]
        if len(alike) == len(recipe.labels):
            return [f"The training images do not differ in {listed(alike, 'or')}: there is nothing to learn."], []
        doubts = [f"The training images do not differ in {label}: of that the model learns nothing." for label in alike]
        doubts += [
            f"No validation image has a known {label}, so no figure of it is measured."
            for label, column in zip(recipe.labels, tested.T)
            if len(val) and np.isnan(column).all()
        ]
        return [], doubts

    def decides(self, cases: KeptCases, *, exclusive: bool) -> Measure:
        """The mean absolute error of one number, the mean R² of several."""
        numbers = [
            np.array([[np.nan if word == UNKNOWN else float(word) for word in each] for each in words], np.float64)
            for words in (cases.truth, cases.answer)
        ]
        units = ("",) * len(cases.labels)
        outcome = NumberOutcome(truth=numbers[0], answers=numbers[1], labels=cases.labels, units=units)
        return outcome.measures()[outcome.primary]


def numbers_of(items: Sequence[Item], labels: Sequence[str]) -> NDArray[np.float64]:
    """(image, label) the numbers of the images, NaN where one is not known."""
    rows = [[item.numbers.get(label, np.nan) for label in labels] for item in items]
    return np.array(rows, np.float64).reshape(len(items), len(labels))


REGRESSION = Regression()
