"""Boxes around what is drawn."""

from collections.abc import Sequence

from viewer.core.deciding import Decides
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.shape import Shape
from viewer.core.shapes.visible_part import visible_box
from viewer.core.task_kinds.kind import DIFFER, Said, Taken
from viewer.core.task_kinds.regions import OFF_THE_IMAGE, Drawn, Note, beside, taken_as_without

AROUND = "taken as the box around it"


class Detection(Drawn):
    """See `TaskKind`."""

    name = "detection"
    word = "Detection"
    help = "Boxes around what is drawn."
    access_key = "d"
    first_name = "Boxes"
    can_exclude = False  # two boxes may lie over each other
    must_show = "an object"
    asked = "to draw a box around each {labels}, and to complete the case where there is none too"

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        """See `TaskKind`."""
        return Decides.BOXES

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        """Every shape of the task's labels that has an area as a box; a point or a line stays beside one that it meets.

        What was drawn and cannot be said as one would train as "nothing there" if the rest were taken.
        """
        if said.differ.intersection(labels):
            return Taken(left_out=DIFFER)
        boxes: list[tuple[str, Box]] = []
        around: list[Note] = []
        others: list[tuple[str, Shape]] = []
        for annotation in said.annotations:
            if annotation.label not in labels:
                continue
            shape = annotation.shape
            if shape.is_empty:
                continue  # a mask without a pixel, which says that nothing is there
            box = shape.as_box()
            if box is None and not shape.tells_pixels:
                others.append((annotation.label, shape))
                continue
            if box is None or visible_box(box, said.rows, said.cols) is None:
                return Taken(left_out=OFF_THE_IMAGE, notes=tuple(around))
            boxes.append((annotation.label, box))
            if shape.tells_pixels:
                around.append((shape.kind, shape.plural, AROUND))
        alone, notes = beside(
            others, lambda label, shape: any(name == label and _lies_at(box, shape) for name, box in boxes), "box"
        )
        notes = [*around, *notes]
        if alone:
            return Taken(left_out=alone, notes=tuple(notes))
        notes += taken_as_without(said, (label for label, _ in boxes))
        return Taken(boxes=tuple(boxes), notes=tuple(notes))


def _lies_at(box: Box, shape: Shape) -> bool:
    """Whether the extent of a shape meets a box."""
    extent = shape.extent()
    if extent is None:
        return False
    return extent[0] <= box.x1_px and extent[2] >= box.x0_px and extent[1] <= box.y1_px and extent[3] >= box.y0_px


DETECTION = Detection()
