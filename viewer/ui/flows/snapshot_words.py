"""A snapshot in a list: its task, its content's name, how many images and patients, from its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from viewer.core.text.counting import counted
from viewer.project.snapshots.split import VAL_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """One snapshot as its card tells it. folds: 0 for a plain split. train_images: of an epoch, about where it has
    folds."""

    id: str
    task: str
    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    images: int
    patients: int
    folds: int
    created: str
    test_images: int
    train_images: int

    @property
    def name(self) -> str:
        """The snapshot in a menu or sentence: its task, and the beginning of its id."""
        return f"{self.task} {self.id[:8]}"

    @property
    def task_words(self) -> str:
        """The task as it was when the snapshot was made: a task that is changed later changes no snapshot."""
        how = "one of" if self.exclusive else "each for itself:"
        return f"{self.task} ({self.kind}): {how} {', '.join(self.labels)}"

    @property
    def detail(self) -> str:
        """Counts and split, in words."""
        split = counted(self.folds, "fold") if self.folds else f"{self.test_images} in test"
        return f"{counted(self.images, 'image')} · {counted(self.patients, 'patient')} · {split}"

    @property
    def day(self) -> str:
        """When it was made: "9 Mar"."""
        try:
            return f"{datetime.fromisoformat(self.created).astimezone():%d %b}".lstrip("0")
        except ValueError:
            return ""

    @property
    def time(self) -> str:
        """When on that day: "14:07"."""
        try:
            return f"{datetime.fromisoformat(self.created).astimezone():%H:%M}"
        except ValueError:
            return ""


def when_made(row: SnapshotRow, rows: Sequence[SnapshotRow]) -> str:
    """The day of a snapshot; with the time where another one of these is of the same day."""
    alike = sum(other.day == row.day for other in rows)
    return f"{row.day} {row.time}".strip() if alike > 1 else row.day


def snapshot_row(card: dict[str, Any]) -> SnapshotRow:
    """A card as a row."""
    task, folds = card["task"], int(card["split"].get("folds", 0))
    images, tested = int(card["images"]), int(card["parts"].get("test", {}).get("images", 0))
    return SnapshotRow(
        id=card["id"],
        task=task["name"],
        kind=task["kind"],
        labels=tuple(task["labels"]),
        exclusive=bool(task["exclusive"]),
        images=images,
        patients=int(card["patients"]),
        folds=folds,
        created=str(card.get("created", "")),
        test_images=tested,
        train_images=(
            round((images - tested) * (1 - 1 / folds) * (1 - VAL_SHARE))
            if folds
            else int(card["parts"].get("train", {}).get("images", 0))
        ),
    )


def snapshot_rows(project_folder: Path) -> list[SnapshotRow]:
    """Every snapshot of a project, newest first. Reads the disk."""
    from viewer.project.snapshots.snapshot import all_snapshots

    return [snapshot_row(card) for card in reversed(all_snapshots(project_folder))]
