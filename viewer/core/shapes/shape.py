"""Outlines on an image, in continuous image points.

(0, 0) is the outer corner of the first pixel, (0.5, 0.5) its centre, as in Qt, COCO, DICOM SCOORD
(PS3.3 C.18.6.1.1).
A pixel belongs to a shape when its centre is inside.
"""

import math
from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.core.shapes.masks import MaskRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An axis-parallel box, x0_px < x1_px and y0_px < y1_px."""

    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float

    def __post_init__(self) -> None:
        _refuse_endless("A box", self.x0_px, self.y0_px, self.x1_px, self.y1_px)
        if not (self.x0_px < self.x1_px and self.y0_px < self.y1_px):
            raise BadRequest(f"A box needs a width and a height; got {self}.")

    @property
    def width_px(self) -> float:
        """Extent along x."""
        return self.x1_px - self.x0_px

    @property
    def height_px(self) -> float:
        """Extent along y."""
        return self.y1_px - self.y0_px


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A closed outline: points_px are (x_px, y_px), at least three, the last joined to the first."""

    points_px: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points_px) < 3:
            raise BadRequest("A polygon needs at least three points.")
        _refuse_endless("A polygon", *(number for point in self.points_px for number in point))


def _refuse_endless(what: str, *numbers: float) -> None:
    """Raise BadRequest for infinity and NaN. Every entrance checks its own numbers; none may be forgotten, since one
    endless shape makes every repaint and every mean of boxes fail."""
    try:
        finite = all(map(math.isfinite, numbers))
    except OverflowError:  # a whole number beyond every float
        finite = False
    if not finite:
        raise BadRequest(f"{what} has a number that is not finite.")


Shape = Box | Polygon | MaskRuns
