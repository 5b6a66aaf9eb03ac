"""Whether the cases that are judged were seen by the model: refused, or said wherever their figures stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.batches import ImageData
from ml.seen import NOT_KNOWN, TRAINED, VALIDATED, Overlap, overlap, patient_key, read_seen
from ml.training.seen_list import digests_of
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted

# At the end of every line with a figure; short, since it stands there often.
MARK = "SEEN IN TRAINING"
PARTS = {"test": "the test part", "val": "the validation part", "train": "the training part"}


# How the command line asks for figures all the same.
ANYWAY = "add --seen-anyway"


class SeenInTraining(BadRequest):
    """A model would be judged on what it has seen."""


@dataclass(slots=True, kw_only=True, eq=False)
class SeenCases:
    """Of the judged cases of all runs. anyway: how to ask for them all the same.

    marks: per case `TRAINED`, `VALIDATED`, either with "patient " before, or "".
    """

    part: str
    anyway: str = ANYWAY
    marks: list[str] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def add(
        self, run: Path, data: ImageData, rows: NDArray[np.int64], project_folder: Path, *, title: str,
        seen_anyway: bool,
    ) -> None:  # fmt: skip
        """The cases of one run. title: what the run is called. Raises SeenInTraining where its model has seen test
        cases and not `seen_anyway`."""
        items = [data.items[row] for row in rows.tolist()]
        found = overlap(read_seen(run), items, digests_of(data, rows), patient_key(project_folder, make=False))
        if self.part == "test" and any(found.marks) and not seen_anyway:
            raise SeenInTraining(
                f"{found.words(PARTS[self.part], who=f'the run {title}, or one it started from,')}. Figures on them "
                f"say nothing of new patients; choose another snapshot, or {self.anyway}: every line will say so."
            )
        self.marks += found.marks
        self.people |= {item.patient_id or item.image_id for item, mark in zip(items, found.marks) if mark}
        self.notes += self._notes(title, found)

    def _notes(self, title: str, found: Overlap) -> list[str]:
        if not found.known:
            return [f"What {title} was trained on is {NOT_KNOWN}: it is from before lists of images were kept."]
        return [f"What {name} has seen, from which {title} started, is {NOT_KNOWN}." for name in found.unknown]

    @property
    def mark(self) -> str:
        """What is said at every figure; "" where nothing was seen."""
        return MARK if any(self.marks) else ""

    @property
    def sentence(self) -> str:
        """How many cases were seen; "" for none."""
        if not any(self.marks):
            return ""
        count = sum(bool(mark) for mark in self.marks)
        return (
            f"{count} of {counted(len(self.marks), 'case')}, of {counted(len(self.people), 'patient')}, are images or "
            "patients that the model, or one it started from, was trained or validated on: these figures say nothing "
            "of new patients."
        )

    def to_json(self) -> dict[str, Any]:
        """For figures.json."""
        words: Sequence[str] = (TRAINED, VALIDATED)
        return {
            "mark": self.mark,
            "sentence": self.sentence,
            "cases": sum(bool(mark) for mark in self.marks),
            "patients": len(self.people),
            **{word: self.marks.count(word) for word in words},
            **{f"patient {word}": self.marks.count(f"patient {word}") for word in words},
            "notes": self.notes,
        }
