"""Labels of whole images: exactly one of several holds, or each is yes or no for itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from viewer.core.deciding import Decides
from viewer.core.labels import Verdict
from viewer.core.task_kinds.kind import (
    COMPLETE_BEFORE,
    DIFFER,
    NONE_OF_ITS_LABELS,
    ItemSays,
    Said,
    Taken,
    apart_words,
    labels_words,
)

SEVERAL_LABELS = "several of the task's labels"


class Classification:
    """See `TaskKind`."""

    name = "classification"
    word = "Classification"
    help = "Whole-image labels: one of several, or each for itself."
    access_key = "c"
    first_name = "Findings"
    scope = "image"
    can_exclude = True
    each_alone = False
    asks_exclusive = True
    must_show = ""
    asked = "of each image whether it shows {labels}: yes, no, uncertain or not assessed"

    def least_labels(self, *, exclusive: bool) -> int:
        """Of one label alone nothing is told apart from it, unless it may be no."""
        return 2 if exclusive else 1

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """Of two exclusive labels one score says it all; of more the highest wins; else each for itself."""
        if exclusive and len(labels) > 1:
            return Decides.SECOND if len(labels) == 2 else Decides.HIGHEST
        return Decides.EACH

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """Verdicts of the task's labels; of exclusive ones those of which exactly one holds."""
        if exclusive and said.differ.intersection(labels):
            return Taken(left_out=DIFFER)
        found = {label: said.verdicts[label] for label in labels if label in said.verdicts}
        if exclusive:
            return self._one_of(labels, found, said.later)
        if not any(verdict.tells for verdict in found.values()):
            if said.differ.intersection(labels):
                return Taken(left_out=DIFFER)
            return Taken(left_out=NONE_OF_ITS_LABELS, named=False)
        notes = tuple(
            ("image", "images", f"{COMPLETE_BEFORE.format(label=label)}, of which it is unknown")
            for label in said.later
            if label not in found
        )
        return Taken(labels=found, notes=notes)

    def _one_of(self, labels: Sequence[str], found: dict[str, Verdict], later: Sequence[str]) -> Taken:
        """One label yes, the others no.

        Left out is where a label was no question yet when the image was answered: it came into the catalogue later, or
        into the task (then the others were answered one by one, and it was not). Where the one label that holds is all
        that is said, the task says no to the others.
        """
        held = [label for label in labels if found.get(label) is Verdict.YES]
        if len(held) != 1:
            return Taken(left_out=SEVERAL_LABELS if held else NONE_OF_ITS_LABELS, named=False)
        unsaid = [label for label in labels if label not in found]
        asked_later = next((label for label in unsaid if label in later or len(found) > 1), "")
        if asked_later:
            return Taken(left_out=COMPLETE_BEFORE.format(label=asked_later))
        return Taken(labels={label: Verdict.YES if label == held[0] else Verdict.NO for label in labels})

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels that hold."""
        return tuple(label for label in labels if item.labels.get(label) is Verdict.YES) or ("none",)

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        """Each verdict of each label, and how many images say nothing of it."""
        found: dict[str, dict[str, int]] = {}
        for label in labels:
            said = Counter(item.labels[label].value if label in item.labels else "unknown" for item in items)
            found[label] = {word: said[word] for word in (*(verdict.value for verdict in Verdict), "unknown")}
        return {"labels": found}

    def how_words(self, *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return apart_words(exclusive=exclusive)

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return labels_words(self.name, labels, exclusive=exclusive)


CLASSIFICATION = Classification()
