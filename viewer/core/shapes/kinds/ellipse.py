"""An ellipse in which values are measured."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlined import Points
from viewer.core.shapes.rasterize import ellipse_mask
from viewer.core.shapes.region import Region

_DRAWN_CORNERS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse(Region):
    """It touches the four sides of the box of its corners."""

    kind: ClassVar[str] = "ellipse"
    plural: ClassVar[str] = "ellipses"
    icon: ClassVar[str] = "roi"
    share: ClassVar[float] = math.pi / 4

    def rings(self) -> tuple[Points, ...]:
        (x0, y0), (x1, y1) = self.points_px
        turns = [2 * math.pi * step / _DRAWN_CORNERS for step in range(_DRAWN_CORNERS)]
        middle_x, middle_y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
        return (tuple((middle_x + half_x * math.cos(t), middle_y + half_y * math.sin(t)) for t in turns),)

    def calibrated_points(self) -> Points:
        """Its four ends."""
        box = self.box
        x, y = (box.x0_px + box.x1_px) / 2, (box.y0_px + box.y1_px) / 2
        return ((box.x0_px, y), (box.x1_px, y), (x, box.y0_px), (x, box.y1_px))

    @staticmethod
    def pixels_of(box: Box, rows: int, cols: int) -> NDArray[np.bool_]:
        return ellipse_mask(box, rows, cols)
