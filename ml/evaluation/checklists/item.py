"""An item of a checklist, and what the program knows when it fills one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.card import Card
from ml.data.targets import Item as Case


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """document: figures.json, complete but for the checklists. cards: of the judged runs. snapshot_card: of what was
    judged, {} where it is not known. parts: its cases by part; of folds all cases together, under "all"."""

    document: Mapping[str, Any]
    cards: Sequence[Card]
    snapshot_card: Mapping[str, Any]
    parts: Mapping[str, Sequence[Case]]

    @property
    def cases(self) -> list[Case]:
        """Of all parts."""
        return [case for part in self.parts.values() for case in part]


def nothing(_known: Known) -> str:
    """What the program can say of what it knows nothing about."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """number: of its checklist. asks: what is to be told, in a few words of ours. says: what the program tells, ""
    where it knows nothing. author: what is to be written by a person, beside that or in its place. whole: whether what
    the program tells is all that is asked, for every report or by what is known. about: of the questions of
    `viewer.project.disk.about`, those whose answers are the author's part."""

    number: str
    asks: str
    author: str
    says: Callable[[Known], str] = nothing
    whole: bool | Callable[[Known], bool] = False
    about: tuple[str, ...] = ()

    def is_whole(self, known: Known) -> bool:
        """Whether nothing is left to be written where the program says anything."""
        return self.whole if isinstance(self.whole, bool) else self.whole(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """name, source: as they are cited."""

    name: str
    source: str
    items: tuple[Item, ...]
