"""What a measured region says: its area, and what the pixels inside of it hold."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.measurements import (
    NO_PIXELS,
    cut_words,
    length_source,
    roi_box,
    roi_statistics,
    statistics_words,
    suv_lines,
    value_source,
    value_text,
)
from viewer.core.shapes.outlined import OfPoints, Point, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(OfPoints):
    """A region of two opposite corners, in either order; nothing is annotated by it.

    share: of the area of its box.
    """

    measures: ClassVar[bool] = True
    on_planes: ClassVar[bool] = False  # its values are those of an image's pixels
    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = 2
    share: ClassVar[float] = 1.0

    @property
    def box(self) -> Box:
        """Its box; see `roi_box`."""
        return roi_box(self.points_px)

    @staticmethod
    def pixels_of(box: Box, rows: int, cols: int) -> NDArray[np.bool_]:
        """(row, col) bool: the pixels whose centre is inside of the region with this box."""
        raise NotImplementedError

    def calibrated_points(self) -> Points:
        """What of it has to lie in one calibration: its corners."""
        (left_top, right_top, right_bottom, left_bottom) = self.box.rings()[0]
        return left_top, right_top, left_bottom, right_bottom

    def handles(self) -> Points:
        return self.box.handles()

    def drawn_handles(self) -> Points:
        """Its corners; it can be taken by the middles of its sides too."""
        (x0, y0), (x1, y1) = self.points_px
        return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))

    def with_handle(self, handle: int, to: Point) -> Self:
        return replace(self, points_px=self.box.with_handle(handle, to).points())

    def holds(self, at: Point) -> bool:
        return self.box.holds(at)

    def as_box(self) -> Box:
        return self.box

    def as_mask(self, rows: int, cols: int) -> None:
        return None

    def quantities(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        found = roi_statistics(stored, facts, self)
        if found.mean is None or found.sd is None or found.minimum is None or found.maximum is None:
            words = "no values in colour" if stored.ndim == 3 or facts.palette is not None else NO_PIXELS
            return (words, f"Area {found.area.text}")
        mean, *spread = statistics_words(
            found.mean, found.sd, found.minimum, found.maximum, lambda value: value_text(value, facts)
        )
        if facts.suv is not None and facts.suv.already:
            mean += f" {facts.suv.label}"
        extent = (f"Area {found.area.text}", *cut_words(self.box, facts))
        return (mean, *suv_lines(found, facts), *spread, *extent)

    def unit_sources(self, facts: PixelFacts) -> tuple[str, ...]:
        found = [length_source(self.calibrated_points(), facts)]
        if facts.samples == 1 and facts.palette is None:
            found += [value_source(facts), facts.scale_note]
            if facts.suv is not None and facts.suv.factor is not None and not facts.suv.already:
                found.append(f"{facts.suv.label} {facts.suv.source}")
        return tuple(text for text in found if text)
