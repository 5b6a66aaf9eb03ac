"""What the labels of a new task are chosen from: those of the catalogue, or the numbers that it asks of images."""

from typing import TYPE_CHECKING

from viewer.core.labels import LABEL_COLORS, Label
from viewer.core.task_kinds.kind import task_kind
from viewer.project.task_labels import labels_to_learn
from viewer.ui.flows.label_edits import labels_of

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand


def labels_to_choose(at_hand: "AtHand", scope: str) -> list[Label]:
    """As rows of the table; a number stands there as a whole-image label does."""
    known = labels_of(at_hand, scope)
    numbers = [name for name in labels_to_learn(at_hand, scope) if name not in {label.name for label in known}]
    return known + [
        Label(name=name, scope="image", position=place, tint=place % len(LABEL_COLORS))
        for place, name in enumerate(numbers)
    ]


def nothing_to_choose(kind: str) -> str:
    """Why no label can be chosen, and what to do."""
    if task_kind(kind).scope == "number":
        return "No number is asked of images yet: add one in the panel Labels first."
    return "Choose at least one label."
