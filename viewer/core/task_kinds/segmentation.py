"""Masks of what is painted: each pixel of an image belongs to a label, or to several."""

from collections.abc import Sequence
from typing import Any

from viewer.core.deciding import Decides
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.task_kinds.kind import DIFFER, ItemSays, Said, Taken, apart_words, labels_words
from viewer.core.task_kinds.regions import OFF_THE_IMAGE, drawn_counts, drawn_strata, taken_as_without

NO_MASK = "a box is drawn where the task needs a mask"
BESIDE_A_MASK = ("box", "boxes", "left out, each beside a mask of its label")


class Segmentation:
    """See `TaskKind`."""

    name = "segmentation"
    word = "Segmentation"
    help = "Masks of what is painted."
    access_key = "s"
    first_name = "Masks"
    scope = "region"
    can_exclude = True
    asks_exclusive = False
    must_show = "a mask or polygon"

    def least_labels(self, *, exclusive: bool) -> int:
        """See `TaskKind`."""
        return 1

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """See `TaskKind`."""
        return Decides.BEST_MASK if exclusive and len(labels) > 1 else Decides.EACH_MASK

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """Every mask and polygon of the task's labels as a mask; a box only beside a mask that it meets.

        What was drawn and cannot be said as one would train as "nothing there" if the rest were taken.
        """
        if said.differ.intersection(labels):
            return Taken(left_out=DIFFER)
        masks: list[tuple[str, MaskRuns]] = []
        alone: list[tuple[str, Box]] = []
        for annotation in said.annotations:
            label, shape = annotation.label, annotation.shape
            if label not in labels:
                continue
            if shape.tells_pixels:
                mask = shape.as_mask(said.rows, said.cols)
                if mask is not None and not mask.is_empty:
                    masks.append((label, mask))
                elif not shape.is_empty:
                    return Taken(left_out=OFF_THE_IMAGE)
                continue
            box = shape.as_box()
            if box is None:
                return Taken(left_out=OFF_THE_IMAGE)
            alone.append((label, box))
        notes: list[tuple[str, str, str]] = []
        for label, box in alone:
            if not any(name == label and _meets(mask, box) for name, mask in masks):
                return Taken(left_out=NO_MASK, notes=tuple(notes))
            notes.append(BESIDE_A_MASK)
        notes += taken_as_without(said, (label for label, _ in masks))
        return Taken(masks=tuple(masks), notes=tuple(notes))

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        """See `TaskKind`."""
        return drawn_strata(item)

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        """See `TaskKind`."""
        return drawn_counts(items, labels)

    def how_words(self, *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return apart_words(exclusive=exclusive)

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        """See `TaskKind`."""
        return labels_words(self.name, labels, exclusive=exclusive)


def _meets(mask: MaskRuns, box: Box) -> bool:
    """Whether a pixel of the mask lies in the box."""
    rows, starts, ends = mask.runs.T
    return bool(((rows + 1 > box.y0_px) & (rows < box.y1_px) & (ends > box.x0_px) & (starts < box.x1_px)).any())


SEGMENTATION = Segmentation()
