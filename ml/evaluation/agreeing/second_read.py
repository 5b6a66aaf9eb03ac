"""How far two readings of the same images agree: what no model can be known to be better than. Loads no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.data.targets import Item, TaskFacts
from ml.evaluation.agreeing.two_answers import Agreed, agreement
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.outcome import NO, UNKNOWN, YES
from ml.tasks.task import learnt
from viewer.core.attributes import NUMBER_SCOPE
from viewer.core.text.counting import counted
from viewer.project.project import Project
from viewer.project.snapshots.second_read import SecondRead, TwoReadings, second_read_of, two_readings

CEILING = "No model can be known to be better than two readings agree."
NAMES = ("the first reading", "the second")  # of nobody by name: it stands in reports
DRAWN = "How far the two outlines lie over each other is not told: what is compared is whether any is drawn."


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadTold:
    """done, waits: images that both have read, and that wait. agreed: None while none is done; said: in sentences."""

    read: SecondRead
    done: int
    waits: int
    said: str
    agreed: Agreed | None = None

    @property
    def progress(self) -> str:
        """How far it is, in a sentence."""
        return (
            f"{self.read.reader}: {self.done} of {counted(self.done + self.waits, 'image')} of "
            f"{counted(self.read.patients, 'patient')} read a second time."
        )

    def to_json(self) -> dict[str, Any]:
        """For the command line."""
        head = {"reader": self.read.reader, "snapshot": self.read.snapshot, "done": self.done, "waits": self.waits}
        return {**({} if self.agreed is None else self.agreed.to_json()), **head, "sentence": self.said}


def tell_second_read(project: Project, read: SecondRead) -> SecondReadTold:
    """How far a second read is, and how far it agrees with the first. Reads the database and the snapshot.

    Raises NotFound, BadProject.
    """
    both = two_readings(project, read)
    done = len(both.first)
    if not done:
        return SecondReadTold(read=read, done=0, waits=both.waits, said="Nothing was read a second time yet.")
    agreed = _agreed(both)
    more = "" if not both.waits else f"So far: {counted(both.waits, 'image')} still to be read."
    said = " ".join(filter(None, (agreed.said, agreed.note, CEILING, more)))
    return SecondReadTold(read=read, done=done, waits=both.waits, agreed=agreed, said=said)


def ceiling_of(project_folder: Path, snapshot_id: str) -> str:
    """What the second read of a snapshot says, as a line beside figures; "" without one, or while nothing is read.

    Raises AppError where it cannot be read.
    """
    read = second_read_of(project_folder, snapshot_id)
    if read is None:
        return ""
    with Project.open(project_folder, writable=False) as project:
        told = tell_second_read(project, read)
    return told.said if told.agreed is not None else ""


def _agreed(both: TwoReadings) -> Agreed:
    task = both.snapshot.task
    facts = TaskFacts(kind=str(task.kind), labels=task.labels, exclusive=task.exclusive)
    is_number = task.scope == NUMBER_SCOPE
    tables = [_table(items, both.first, facts, is_number=is_number) for items in (both.first, both.second)]
    found = agreement(*tables, exclusive=task.exclusive and task.scope == "image", names=NAMES)
    if task.scope != "region":
        return found
    return Agreed(names=found.names, said=found.said, figures=found.figures, answers=found.answers, note=DRAWN)


def _table(items: Sequence[Item], first: Sequence[Item], task: TaskFacts, *, is_number: bool) -> KeptCases:
    """What one reading says as a table of cases. first: whose patients and files they are."""
    kind = learnt(task.kind)
    if is_number:
        numbers = kind.targets(items, task).astype(np.float64)
        answer = [["" if np.isnan(one) else f"{one:.6g}" for one in row] for row in numbers.tolist()]
    else:
        words = {1.0: YES, 0.0: NO}
        answer = [[words.get(one, UNKNOWN) for one in row] for row in kind.shown(items, task).tolist()]
    shape = (len(items), len(task.labels))
    return KeptCases(
        labels=task.labels,
        images=tuple(item.image_id for item in items),
        files=tuple(Path(item.path).name for item in first),
        patients=tuple(item.patient_id or item.image_id for item in first),
        folds=np.zeros(len(items), np.int64),
        truth=tuple((UNKNOWN,) * len(task.labels) for _ in items),
        answer=tuple(map(tuple, answer)),
        score=np.zeros(shape),
        false=np.full(shape, np.nan),
    )
