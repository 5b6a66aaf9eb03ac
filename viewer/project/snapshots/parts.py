"""Which part of a snapshot each case of the project is in, as the snapshot's own items say it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.case_query import NO_PART, PART, SECOND_PART, CaseQuery, typed_part
from viewer.project.image_rows import CASE_ID
from viewer.project.project import Project
from viewer.project.snapshots.card import task_of
from viewer.project.snapshots.file import ItemPlace
from viewer.project.snapshots.second_read import second_read_of
from viewer.project.snapshots.snapshot import read_places, snapshot_folder
from viewer.project.snapshots.split import PARTS
from viewer.project.store.schema import images

PART_WORDS = {"train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseParts:
    """names: every part that the snapshot has, empty ones too. of: the parts of each case that it holds an image of; a
    case whose images lie in two has both. Every other case is in none. second: the cases that are read a second time.
    """

    snapshot_id: str
    task: str
    names: tuple[str, ...]
    of: Mapping[str, tuple[str, ...]]
    second: frozenset[str] = frozenset()

    def fits(self, query: CaseQuery, case_id: str) -> bool:
        """Whether a case is in the parts that are asked for."""
        names = self.of_case(case_id)
        return query.fits((*names, SECOND_PART) if case_id in self.second else names)

    @property
    def snapshot_words(self) -> str:
        """The snapshot within a sentence."""
        return f"{self.task} {short_id(self.snapshot_id)}"

    def of_case(self, case_id: str) -> tuple[str, ...]:
        """The parts of one case; none of a case that the snapshot does not hold."""
        return self.of.get(case_id, ())

    def words(self, case_id: str) -> str:
        """The case's part in a word: "test", "fold 3"; "" in none."""
        return ", ".join(PART_WORDS.get(name, name) for name in self.of_case(case_id))

    def counts(self) -> dict[str, int]:
        """How many cases are in each part; a case in two counts in both."""
        return {name: sum(name in parts for parts in self.of.values()) for name in self.names}

    def why_not(self, query: CaseQuery) -> str:
        """What is asked for that this snapshot does not have, with what it has; "" where it has all."""
        odd = next((name for wanted in query.parts for name in sorted(wanted) if not self._has(name)), None)
        if odd is None:
            return ""
        if odd == SECOND_PART:
            return f"No second read of the snapshot {self.snapshot_words} was drawn: choose Dataset, Second read."
        folds = " It has folds." if self.has_folds and odd in PARTS else ""
        return (
            f"The snapshot {self.snapshot_words} has no part called “{PART_WORDS.get(odd, odd)}”.{folds} "
            f"It can be {self.choices}."
        )

    @property
    def has_folds(self) -> bool:
        """Whether it is divided into folds."""
        return any(name.startswith("fold ") for name in self.names)

    @property
    def choices(self) -> str:
        """What can be asked for, as it is typed."""
        folds = [typed_part(name) for name in self.names if name.startswith("fold ")]
        spans = folds if len(folds) < 3 else [f"{folds[0]} to {PART}{folds[-1]}"]
        rest = [typed_part(name) for name in self.names if not name.startswith("fold ")]
        return f"{', '.join(f'{PART}{one}' for one in (*spans, *rest))} or {PART}{NO_PART}"

    def _has(self, name: str) -> bool:
        return name == NO_PART or name in self.names or (name == SECOND_PART and bool(self.second))


def case_parts(project: Project, id_prefix: str = "") -> CaseParts:
    """The parts of every case in the snapshot whose id begins so; without one, in the newest. Reads the disk.

    Raises NotFound where there is none, UnknownName, Ambiguous, BadProject.
    """
    folder = snapshot_folder(project.folder, id_prefix)
    card, places = read_places(folder)
    case_of = _case_of(project)
    names = _names(card, places)
    found: dict[str, set[str]] = defaultdict(set)
    for place in places:
        if place.image_id in case_of:
            found[case_of[place.image_id]].add(_name(place))
    of = {case_id: tuple(name for name in names if name in parts) for case_id, parts in found.items()}
    read = second_read_of(project.folder, folder.name)
    second = frozenset() if read is None else frozenset(case_of[one] for one in read.image_ids if one in case_of)
    return CaseParts(snapshot_id=folder.name, task=str(card["task"]["name"]), names=names, of=of, second=second)


def image_parts(project: Project, id_prefix: str = "") -> tuple[tuple[str, ...], dict[str, str]]:
    """(the parts of a snapshot in words, empty ones too; the part of each image that it holds, by image id).

    Which snapshot, and what it raises, as `case_parts`. Reads the disk.
    """
    folder = snapshot_folder(project.folder, id_prefix)
    card, places = read_places(folder)
    of = {place.image_id: PART_WORDS.get(_name(place), _name(place)) for place in places}
    return tuple(PART_WORDS.get(name, name) for name in _names(card, places)), of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What of a part shows a label. cases: of those that are in the project now."""

    images: int
    patients: int
    cases: int


def label_tallies(project: Project, snapshot_id: str) -> dict[str, dict[str, Tally]]:
    """Of each label of a snapshot's task and each part: what is drawn or answered yes there. Reads the disk."""
    card, places = read_places(snapshot_folder(project.folder, snapshot_id))
    case_of = _case_of(project)
    found: dict[str, dict[str, Tally]] = {}
    for label in task_of(card).labels:
        shown: dict[str, list[ItemPlace]] = defaultdict(list)
        for place in places:
            if label in place.shows:
                shown[_name(place)].append(place)
        found[label] = {
            name: Tally(
                images=len(those), patients=len({place.patient_id for place in those}),
                cases=len({case_of[place.image_id] for place in those if place.image_id in case_of}),
            )
            for name, those in shown.items()
        }  # fmt: skip
    return found


def _case_of(project: Project) -> dict[str, str]:
    """The case of each image that is in the project now, by image id."""
    with project.database.reading() as connection:
        query = select(images.c.image_id, CASE_ID).where(~images.c.taken_out)
        return {row.image_id: row.case_id for row in connection.execute(query)}


def _names(card: Mapping[str, Any], places: Sequence[ItemPlace]) -> tuple[str, ...]:
    folds = int(card["split"].get("folds", 0))
    if not folds:
        return PARTS
    # Beside them the patients that an earlier snapshot has tested on, where there are any.
    pinned = ("test",) if any(place.fold is None for place in places) else ()
    return (*(f"fold {fold}" for fold in range(folds)), *pinned)


def _name(place: ItemPlace) -> str:
    return place.part if place.fold is None else f"fold {place.fold}"


def parts_counted(parts: CaseParts) -> str:
    """ "6 cases in train, 1 case in validation, 1 case in test"."""
    return ", ".join(f"{counted(n, 'case')} in {PART_WORDS.get(name, name)}" for name, n in parts.counts().items())
