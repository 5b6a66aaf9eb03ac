"""What the kinds of task share that learn what is drawn."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from viewer.core.shapes.shape import Shape
from viewer.core.task_kinds.kind import COMPLETE_BEFORE, ItemSays, Said, apart_words, labels_words

WITH_NONE = "images with none"
OFF_THE_IMAGE = "a shape of the task covers no pixel"
NOT_TAKEN = "{shape} is drawn where the task needs a {needed}"

Note = tuple[str, str, str]


class Drawn:
    """What such kinds answer alike; see `TaskKind`."""

    name: str
    scope = "region"
    each_alone = False
    asks_exclusive = False

    def least_labels(self, *, exclusive: bool) -> int:
        """See `TaskKind`."""
        return 1

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels that are drawn."""
        drawn = {label for label, _ in item.boxes} | {label for label, _ in item.masks}
        return tuple(sorted(drawn)) or ("none",)

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        """Shapes by label, and how many images have none."""
        drawn = Counter(label for item in items for label, _ in (*item.boxes, *item.masks))
        return {
            "instances": {label: drawn[label] for label in labels},
            WITH_NONE: sum(not item.boxes and not item.masks for item in items),
        }

    def how_words(self, *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return apart_words(exclusive=exclusive)

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return labels_words(self.name, labels, exclusive=exclusive)


def taken_as_without(said: Said, drawn: Iterable[str]) -> tuple[Note, ...]:
    """Notes about labels that came later and are not drawn: nobody was asked whether they are there."""
    there = set(drawn)
    return tuple(
        ("image", "images", f"{COMPLETE_BEFORE.format(label=label)}, taken as without it")
        for label in said.later
        if label not in there
    )


def beside(
    others: Iterable[tuple[str, Shape]], is_near: Callable[[str, Shape], bool], needed: str
) -> tuple[str, list[Note]]:
    """What becomes of shapes that a task cannot take, such as a point: (why their image stays out, notes).

    Beside a shape of its label that is taken, one is left out and said. Alone it would train as "nothing there", so its
    image stays out. is_near: whether a shape that is taken lies there, by label. needed: "box" or "mask".
    """
    notes: list[Note] = []
    for label, shape in others:
        if not is_near(label, shape):
            return NOT_TAKEN.format(shape=shape.a_word, needed=needed), notes
        notes.append((shape.kind, shape.plural, f"left out, each beside a {needed} of its label"))
    return "", notes
