"""What a kind of task says of itself, and how it takes what was said of an image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from viewer.core.deciding import Decides
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.task_kinds import TASK_KINDS

# Why an image with something said of it stays out: taken without it, it would say that nothing is there.
DIFFER = "its readers differ"
NONE_OF_ITS_LABELS = "none of the task's labels"
# Taken all the same, an answer of before would say "no" to a label that nobody was asked for.
COMPLETE_BEFORE = "complete before {label} was one of the labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What stands of one image of a complete case. differ: the labels of which its readers say different things.

    verdicts: whole-image answers by label. numbers: by name; one that is not there is unknown. later: the task's labels
    that came into the catalogue after the case was completed. rows, cols: of the image.
    """

    verdicts: Mapping[str, Verdict]
    annotations: Sequence[Annotation]
    numbers: Mapping[str, float]
    differ: frozenset[str]
    later: Sequence[str]
    rows: int
    cols: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a task takes of one image; see `SnapshotItem`.

    left_out: why the image stays out, "" where it is taken. named: its file is named beside that reason. notes: (noun,
    plural, what became of it) of what was taken otherwise than it stands in the project, once for each.
    """

    labels: dict[str, Verdict] = field(default_factory=dict)
    boxes: tuple[tuple[str, Box], ...] = ()
    masks: tuple[tuple[str, MaskRuns], ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)
    left_out: str = ""
    named: bool = True
    notes: tuple[tuple[str, str, str], ...] = ()


class ItemSays(Protocol):
    """One image of a snapshot, as far as kinds look at it (see `SnapshotItem`)."""

    @property
    def labels(self) -> dict[str, Verdict]: ...
    @property
    def boxes(self) -> tuple[tuple[str, Box], ...]: ...
    @property
    def masks(self) -> tuple[tuple[str, MaskRuns], ...]: ...
    @property
    def numbers(self) -> dict[str, float]: ...


class TaskKind(Protocol):
    """One row of `TASK_KINDS`.

    name: as it stands in files. word, help: on a button, and what it is for. access_key: the letter of its name that a
    menu underlines. first_name: what its first task is called until a person says otherwise. scope: of its labels:
    "image", "region", or "number" for the numbers of an image. can_exclude: its labels may be such that only one of
    them holds in one place. each_alone: they never are, and no task of it is exclusive. asks_exclusive: people are
    asked whether they are; else a task keeps what it has.
    must_show: what must be drawn on some image, "an object", for there to be something to learn; "" where an answer of
    "no" is one too. asked: what people were asked to do, with {labels} in it, after "asked was".
    """

    name: str
    word: str
    help: str
    access_key: str
    first_name: str
    scope: str
    can_exclude: bool
    each_alone: bool
    asks_exclusive: bool
    must_show: str
    asked: str

    def least_labels(self, *, exclusive: bool) -> int:
        """How many labels a task has at least."""
        ...

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """How scores become an answer."""
        ...

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """What a task of these labels takes of an image, or why it stays out."""
        ...

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        """The classes by which a split balances this image, at least one."""
        ...

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        """What these images show of each label, as a snapshot's card counts it."""
        ...

    def how_words(self, *, exclusive: bool) -> str:
        """How its labels stand to each other, before a list of them: "one of", "each for itself:"."""
        ...

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        """What a task asks, within a sentence: "classification, one of clear, nodule"."""
        ...


def task_kind(name: str) -> TaskKind:
    """The kind of this name. Raises UnknownName with the kinds there are."""
    kind: TaskKind = load(TASK_KINDS, name)
    return kind


def task_kinds() -> list[TaskKind]:
    """All of them, in the order in which people choose."""
    return [task_kind(name) for name in TASK_KINDS]


def least_labels(name: str, *, exclusive: bool) -> int:
    """How many labels a task of this kind has at least."""
    return task_kind(name).least_labels(exclusive=exclusive)


def apart_words(*, exclusive: bool) -> str:
    """`TaskKind.how_words` of a kind whose labels exclude each other or not."""
    return "one of" if exclusive else "each for itself:"


def labels_words(name: str, labels: Sequence[str], *, exclusive: bool) -> str:
    """`TaskKind.task_words` of a kind whose labels exclude each other or not."""
    return f"{name}, {'one of' if exclusive else 'each of'} {', '.join(labels)}"


def shown_labels(item: ItemSays) -> set[str]:
    """What an image of a snapshot shows: answered yes, drawn, or a number that is known."""
    yes = {label for label, verdict in item.labels.items() if verdict is Verdict.YES}
    return yes | {label for label, _ in (*item.boxes, *item.masks)} | set(item.numbers)
