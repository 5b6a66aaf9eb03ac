"""Whether a model answers what another project's snapshot asks: labels are matched by their names. Loads no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from viewer.core.errors import BadRequest


class Question(Protocol):
    """What is asked of each case: by a task, a snapshot, a run."""

    @property
    def kind(self) -> str:
        """Of the task."""

    @property
    def labels(self) -> Sequence[str]:
        """By their names."""

    @property
    def exclusive(self) -> bool:
        """Whether one label of a case rules the others out."""


def assure_same_question(own: Question, other: Question, home: Path) -> None:
    """Raises BadRequest, in one sentence, where another project's labels are not those that a model answers by name."""
    if own.kind != other.kind or own.exclusive != other.exclusive:
        asked, there = (f"{task.kind} of {_how(task)} labels" for task in (own, other))
        raise BadRequest(f"The model does {asked}, and the snapshot of {home} is for {there}; choose another.")
    lacking = [label for label in own.labels if label not in other.labels]
    beyond = [label for label in other.labels if label not in own.labels] if own.exclusive else []
    if lacking or beyond:
        raise BadRequest(
            f"The model answers {', '.join(own.labels)}, and the snapshot of {home} holds {', '.join(other.labels)}; "
            "labels are matched by their names, so rename them there, or choose another snapshot."
        )


def _how(task: Question) -> str:
    return "exclusive" if task.exclusive else "independent"
