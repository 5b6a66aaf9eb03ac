"""What a snapshot's items say, as arrays; unknown stays unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.core.deciding import DecisionRule, decision_rule
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns


class ItemFrame(Protocol):
    """One frame of a sample (see `viewer.project.snapshots.items.SampleFrame`)."""

    @property
    def path(self) -> Any: ...
    @property
    def frame_index(self) -> int: ...
    @property
    def pixel_sha256(self) -> str: ...


class Item(Protocol):
    """One image of a snapshot, as training reads it (see `viewer.project.snapshots.snapshot.SnapshotItem`)."""

    @property
    def image_id(self) -> str: ...
    @property
    def path(self) -> Any: ...
    @property
    def frame_index(self) -> int: ...
    @property
    def patient_id(self) -> str: ...
    @property
    def labels(self) -> dict[str, Verdict]: ...
    @property
    def boxes(self) -> tuple[tuple[str, Box], ...]: ...
    @property
    def masks(self) -> tuple[tuple[str, MaskRuns], ...]: ...
    @property
    def numbers(self) -> dict[str, float]: ...
    @property
    def complete(self) -> bool: ...
    @property
    def tags(self) -> dict[str, str]: ...
    @property
    def modality(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def pixel_sha256(self) -> str: ...
    @property
    def frames(self) -> Sequence[ItemFrame]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What the arrays follow: kind, labels in the order of the outputs, exclusive or not; the units of its numbers by
    label, as the snapshot's card has them."""

    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule(self) -> DecisionRule:
        """How scores become an answer."""
        return decision_rule(self.kind, self.labels, exclusive=self.exclusive)


def class_index(item: Item, task: TaskFacts) -> int:
    """The one label that is yes, as its index; -1 when that is not known. Raises BadRequest when two are."""
    yes = [i for i, label in enumerate(task.labels) if item.labels.get(label) == Verdict.YES]
    if len(yes) > 1:
        names = " and ".join(task.labels[i] for i in yes)
        raise BadRequest(f"{item.path} is both {names}, but the task is exclusive; correct it or train multi-label.")
    if yes:
        return yes[0]
    # Everything but one label denied says the same as that one confirmed.
    denied = sum(item.labels.get(label) == Verdict.NO for label in task.labels)
    unsaid = [i for i, label in enumerate(task.labels) if item.labels.get(label) is None]
    return unsaid[0] if len(unsaid) == 1 == denied and len(task.labels) == 2 else -1


def label_row(item: Item, task: TaskFacts) -> NDArray[np.float32]:
    """(label,) 1 yes, 0 no, NaN unknown, uncertain or not assessed; exclusive rows are one-hot or all NaN."""
    row = np.full(len(task.labels), np.nan, np.float32)
    if task.exclusive:
        index = class_index(item, task)
        if index >= 0:
            row[:] = 0
            row[index] = 1
        return row
    for i, label in enumerate(task.labels):
        verdict = item.labels.get(label)
        if verdict == Verdict.YES:
            row[i] = 1
        elif verdict == Verdict.NO:
            row[i] = 0
    return row


def label_rows(items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
    """(image, label) of `label_row`."""
    return np.stack([label_row(item, task) for item in items]) if items else np.zeros((0, len(task.labels)), np.float32)


def region_known(item: Item, task: TaskFacts) -> NDArray[np.bool_]:
    """(label,) whether this image says something of each region label: complete, or drawn there."""
    drawn = {label for label, _ in (*item.boxes, *item.masks)}
    return np.array([item.complete or label in drawn for label in task.labels], np.bool_)


def true_mask(item: Item, label: str, rows: int, cols: int) -> NDArray[np.bool_]:
    """(row, col) the union of the item's masks of one label, at native size."""
    whole = np.zeros((rows, cols), np.bool_)
    for name, mask in item.masks:
        if name == label:
            if (mask.rows, mask.cols) != (rows, cols):
                raise BadRequest(
                    f"{item.path} is {rows} x {cols} px, but its mask {mask.rows} x {mask.cols}; import it again."
                )
            whole |= mask.to_array()
    return whole


def true_boxes(item: Item, task: TaskFacts) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Boxes (n, 4) x0 y0 x1 y1 in image points, and their labels (n,) from 0; labels of other tasks left out."""
    known = [(task.labels.index(label), box) for label, box in item.boxes if label in task.labels]
    boxes = [(box.x0_px, box.y0_px, box.x1_px, box.y1_px) for _, box in known]
    return np.array(boxes, np.float64).reshape(-1, 4), np.array([index for index, _ in known], np.int64)
