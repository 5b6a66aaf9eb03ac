"""What a kind of task is to a training, told without torch: targets, defaults, and what is checked before a start."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.data.targets import Item, TaskFacts
from ml.recipe import Recipe
from ml.tasks import TASKS
from viewer.core.registry import load

if TYPE_CHECKING:
    from ml.evaluation.kept_cases import KeptCases
    from ml.evaluation.measures import Measure


class LearntTask(Protocol):
    """One row of `TASKS`.

    networks: the kind whose networks learn it (`ModelSpec.kind`): several kinds may learn from the same outputs.
    outputs: "module:attribute" of its `TaskOutputs`, which loads torch. defaults: the settings of a recipe that differ
    from the dataclass's. keeps_masks: the cache holds a plane of each label. keeps_boxes: a batch holds true boxes.
    fp32_on_cpu: why it is computed in fp32 on a CPU whatever that can, "" where it is not.
    """

    networks: str
    outputs: str
    defaults: Mapping[str, Any]
    keeps_masks: bool
    keeps_boxes: bool
    fp32_on_cpu: str

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        """(image, label) what is learned of each label where that is a number, NaN unknown; zeros where it is none.

        Raises BadRequest where an image contradicts the task.
        """
        ...

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        """(image,) which say something of this task."""
        ...

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        """(image, label) what each image shows: 1, 0, or NaN where it says nothing."""
        ...

    def uses(self, setting: str, recipe: Recipe) -> bool:
        """Whether the loss looks at a setting that not every loss has: class_weights, label_smoothing."""
        ...

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        """(why a training cannot work, why it may not be worth it), a sentence each. train, val: the useful images."""
        ...

    def decides(self, cases: "KeptCases", *, exclusive: bool) -> "Measure":
        """The figure that decides, from the table of a report's cases: two reports are compared by it."""
        ...


def learnt(kind: str) -> LearntTask:
    """The row of a kind. Raises UnknownName with the kinds there are."""
    row: LearntTask = load(TASKS, kind)
    return row


def absent(label: str) -> str:
    """The doubt about a label of which no training image shows anything."""
    return f"No training image shows {label}: it has no weight in the loss, and the model cannot learn it."


def listed(words: Sequence[str], last: str) -> str:
    """ "a, b or c"; last: the word before the last one."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
