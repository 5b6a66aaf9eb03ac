"""Whether a task can be frozen as it is asked for: beside the one that has its name already, and with what is drawn."""

from collections.abc import Sequence

from viewer.core.errors import BadRequest
from viewer.core.task_kinds.kind import shown_labels
from viewer.project.combining import rule_words
from viewer.project.records import Task
from viewer.project.snapshots.items import SnapshotItem


def change_words(known: Task, task: Task) -> str:
    """What of a task that is there already would be another one, as a clause; "" for nothing."""
    words = []
    if known.labels != task.labels:
        words.append(f"its labels are {', '.join(task.labels)} instead of {', '.join(known.labels)}")
    if known.exclusive != task.exclusive:
        words.append(
            "exactly one of its labels holds on an image, no longer each for itself"
            if task.exclusive
            else "each of its labels holds for itself, no longer exactly one on an image"
        )
    if known.readings != task.readings:
        words.append(f"of several readings it takes {rule_words(task.readings)}")
    return ", and ".join(words)


def labels_without(task: Task, items: Sequence[SnapshotItem]) -> list[str]:
    """The labels of the task that no image shows: not drawn, answered yes nowhere, no number known."""
    shown = {label for item in items for label in shown_labels(item)}
    return [label for label in task.labels if label not in shown]


def without_words(task: Task, items: Sequence[SnapshotItem]) -> str:
    """The sentence about them; "" where every label is shown."""
    names = labels_without(task, items)
    if not names:
        return ""
    return f"No image that enters it shows {' or '.join(names)}: of that a model learns nothing."


def assure_shown(task: Task, items: Sequence[SnapshotItem]) -> None:
    """Refuse a task of which nothing is drawn on any image. An answer of "no" is an answer, so those stand.

    Raises BadRequest.
    """
    drawn = task.of_kind.must_show
    if not drawn or len(labels_without(task, items)) < len(task.labels):
        return
    raise BadRequest(
        f"No image that would enter the snapshot has {drawn} of "
        f"{' or '.join(task.labels)}, so there is nothing to learn: draw some, or choose other labels or another kind."
    )
