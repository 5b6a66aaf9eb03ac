"""External test: a model judged on all cases of another project's snapshot, its controls fitted where it learnt."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.training.run import Images
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.records import Task


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Elsewhere:
    """Read like a snapshot (`Images`): training and validation are the model's own, the test part is all of the other.

    own: what the model learnt from. other: what is judged. home: the other project's folder.
    """

    own: Images
    other: Images
    home: Path
    shared: bool = True  # whatever the fold, the test part is the same

    @property
    def id(self) -> str:
        """Of the snapshot that is judged."""
        return self.other.id

    @property
    def cache_id(self) -> str:
        """What the images of both are cached under."""
        return hashlib.sha256(f"{self.own.id} {self.other.id}".encode()).hexdigest()

    @property
    def card(self) -> dict[str, Any]:
        """Of the snapshot that is judged."""
        return self.other.card

    @property
    def items(self) -> Sequence[Any]:
        """Of both; an image that both hold is the other's."""
        return [*self._own(self.own.items), *self.other.items]

    @property
    def words(self) -> str:
        """Where the cases are from, within a sentence."""
        return f"the project {self.home.name}, snapshot {short_id(self.other.id)}"

    @property
    def note(self) -> str:
        """What a reader of its figures must know."""
        return (
            f"External test: {counted(len(self.other.items), 'image')} of {self.words}, all that it holds. Controls "
            "were fitted on the cases that the model learnt from; a patient is known again by pixels or by source and "
            "id alone."
        )

    def parts(self, fold: int | None) -> dict[str, list[Any]]:
        """See `Images`."""
        learnt = self.own.parts(fold)
        return {**{name: self._own(learnt[name]) for name in ("train", "val")}, "test": list(self.other.items)}

    def _own(self, items: Sequence[Any]) -> list[Any]:
        judged = {item.image_id for item in self.other.items}
        return [item for item in items if item.image_id not in judged]


def assure_same_question(own: Task, other: Task, home: Path) -> None:
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


def _how(task: Task) -> str:
    return "exclusive" if task.exclusive else "independent"
