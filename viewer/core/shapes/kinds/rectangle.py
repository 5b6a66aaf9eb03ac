"""A rectangle in which values are measured."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlined import Points
from viewer.core.shapes.rasterize import box_mask
from viewer.core.shapes.region import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle(Region):
    """From corner to corner."""

    kind: ClassVar[str] = "rectangle"
    plural: ClassVar[str] = "rectangles"
    icon: ClassVar[str] = "box"

    def rings(self) -> tuple[Points, ...]:
        (x0, y0), (x1, y1) = self.points_px
        return (((x0, y0), (x1, y0), (x1, y1), (x0, y1)),)

    @staticmethod
    def pixels_of(box: Box, rows: int, cols: int) -> NDArray[np.bool_]:
        return box_mask(box, rows, cols)
