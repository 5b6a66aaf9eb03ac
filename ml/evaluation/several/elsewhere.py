"""External test: a model judged on all cases of another project's snapshot, its controls fitted where it learnt."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.evaluation.several.same_question import assure_same_question
from ml.training.run import Images
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id

if TYPE_CHECKING:
    from viewer.project.snapshots.snapshot import Snapshot


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


def elsewhere(own: "Snapshot", home: Path, snapshot_id: str = "", *, part: str = "test") -> Elsewhere:
    """Another project's snapshot beside what a model learnt from. snapshot_id: "" for the newest, of the model's task
    where there is one. Raises BadRequest where it asks another question, or a part of it is wanted; NotFound."""
    from viewer.project.snapshots.snapshot import Snapshot, all_snapshots

    if part != "test":
        raise BadRequest("All of another project's snapshot is judged; a part is of the run's own project only.")
    named = any(card["task"]["name"] == own.task.name for card in all_snapshots(home))
    other = Snapshot.load(home, snapshot_id, task=own.task.name if named and not snapshot_id else "")
    assure_same_question(own.task, other.task, home)
    return Elsewhere(own=own, other=other, home=home.resolve())
