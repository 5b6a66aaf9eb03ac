"""A polygon: what lies inside of a closed outline."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes import even_odd
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.outlined import Extent, OfPoints, Point, Points
from viewer.core.shapes.rasterize import points_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon(OfPoints):
    """A closed outline: points_px are (x_px, y_px), at least three, the last joined to the first."""

    kind: ClassVar[str] = "polygon"
    plural: ClassVar[str] = "polygons"
    icon: ClassVar[str] = "polygon"
    tells_pixels: ClassVar[bool] = True
    fewest: ClassVar[int] = 3
    fewest_words: ClassVar[str] = (
        "A polygon keeps at least three corners. To remove it whole, click inside it, then press Delete."
    )

    def corners(self) -> Points:
        return self.points_px

    def holds(self, at: Point) -> bool:
        x, y = at
        if x < 0 or y < 0:
            return False
        # The pixel grid of the rasteriser, moved so that the point is the centre of pixel (0, 0).
        return bool(points_mask([(px - x + 0.5, py - y + 0.5) for px, py in self.points_px], 1, 1)[0, 0])

    def as_box(self) -> Box | None:
        """None where its corners lie on an upright or level line."""
        xs, ys = zip(*self.points_px, strict=True)
        x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1) if x0 < x1 and y0 < y1 else None

    def as_mask(self, rows: int, cols: int) -> MaskRuns:
        return MaskRuns.from_array(self.inside(rows, cols))

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        return points_mask(self.points_px, rows, cols)

    def visible_area_px(self, rows: int, cols: int) -> float:
        return even_odd.visible_area_px(self.points_px, rows, cols)

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        return even_odd.visible_extent(self.points_px, rows, cols)
