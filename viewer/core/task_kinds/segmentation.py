"""Masks of what is painted: each pixel of an image belongs to a label, or to several."""

import math
from collections.abc import Sequence

from viewer.core.deciding import Decides
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.core.task_kinds.kind import DIFFER, Said, Taken
from viewer.core.task_kinds.regions import OFF_THE_IMAGE, Drawn, beside, taken_as_without


class Segmentation(Drawn):
    """See `TaskKind`."""

    name = "segmentation"
    word = "Segmentation"
    help = "Masks of what is painted."
    access_key = "s"
    first_name = "Masks"
    can_exclude = True
    must_show = "a mask or polygon"
    asked = "to outline each {labels}, and to complete the case where there is none too"

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """See `TaskKind`."""
        return Decides.BEST_MASK if exclusive and len(labels) > 1 else Decides.EACH_MASK

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """Every mask and polygon of the task's labels as a mask; a box, a point or a line stays beside a mask that it
        meets.

        What was drawn and cannot be said as one would train as "nothing there" if the rest were taken.
        """
        if said.differ.intersection(labels):
            return Taken(left_out=DIFFER)
        masks: list[tuple[str, MaskRuns]] = []
        others: list[tuple[str, Shape]] = []
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
            others.append((label, shape))
        alone, notes = beside(
            others, lambda label, shape: any(name == label and _meets(mask, shape) for name, mask in masks), "mask"
        )
        if alone:
            return Taken(left_out=alone, notes=tuple(notes))
        notes += taken_as_without(said, (label for label, _ in masks))
        return Taken(masks=tuple(masks), notes=tuple(notes))


def _meets(mask: MaskRuns, shape: Shape) -> bool:
    """Whether a pixel of the mask lies in the extent of a shape."""
    extent = shape.extent()
    if extent is None:
        return False
    x0, y0, x1, y1 = extent
    # What has no width or no height lies in the pixel of its place.
    x1, y1 = max(x1, math.nextafter(x0, math.inf)), max(y1, math.nextafter(y0, math.inf))
    rows, starts, ends = mask.runs.T
    return bool(((rows + 1 > y0) & (rows < y1) & (ends > x0) & (starts < x1)).any())


SEGMENTATION = Segmentation()
