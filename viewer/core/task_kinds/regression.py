"""Numbers of whole images, such as an age or an ejection fraction."""

from collections.abc import Sequence
from typing import Any

from viewer.core.deciding import Decides
from viewer.core.task_kinds.kind import DIFFER, ItemSays, Said, Taken

NONE_OF_ITS_NUMBERS = "none of the task's numbers"


class Regression:
    """See `TaskKind`."""

    name = "regression"
    word = "Regression"
    help = "A number of each image, such as an age."
    access_key = "g"
    first_name = "Numbers"
    scope = "number"
    can_exclude = False
    each_alone = True
    asks_exclusive = False
    must_show = ""  # an image without a number does not enter at all
    asked = "of each image the number {labels}"

    def least_labels(self, *, exclusive: bool) -> int:
        """See `TaskKind`."""
        return 1

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """See `TaskKind`."""
        return Decides.NUMBER

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """The numbers of the task that are known; what readers differ in is not."""
        found = {label: said.numbers[label] for label in labels if label in said.numbers}
        if found:
            return Taken(numbers=found)
        if said.differ.intersection(labels):
            return Taken(left_out=DIFFER)
        return Taken(left_out=NONE_OF_ITS_NUMBERS, named=False)

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        """The numbers that are known."""
        return tuple(label for label in labels if label in item.numbers) or ("none",)

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        """Of how many images each number is known."""
        known = {label: sum(label in item.numbers for item in items) for label in labels}
        return {"numbers": {label: {"known": count, "unknown": len(items) - count} for label, count in known.items()}}

    def how_words(self, *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return "of"

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return f"{self.name} of {', '.join(labels)}"


REGRESSION = Regression()
