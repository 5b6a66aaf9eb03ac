"""Ultrasound regions: each part of a picture has a calibration of its own, and what lies outside has none.

US Region Calibration Module, PS3.3 C.8.5.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.core.geometry import Spacing
from viewer.core.units import compact, with_unit

SOURCE = "Sequence of Ultrasound Regions (0018,6011)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UltrasoundRegion:
    """A rectangle of the picture and what a pixel is in it.

    number: from 1, in the file's order. kind: "2D", "M-mode", "spectral", ... x0_px <= x < x1_px, y likewise: image
    points. unit_x, unit_y: "cm", "s", "cm/s", ... or "" for none. delta_x, delta_y: physical value per pixel to the
    right and downwards. zero_x_px, zero_y_px: where the physical value is 0, as an image point; None where the file
    names no reference pixel. is_low_priority: other regions win where they overlap (Region Flags, bit 0).
    """

    number: int
    kind: str
    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float
    unit_x: str = ""
    unit_y: str = ""
    delta_x: float = 0.0
    delta_y: float = 0.0
    zero_x_px: float | None = None
    zero_y_px: float | None = None
    is_low_priority: bool = False

    @property
    def spacing(self) -> Spacing | None:
        """The distance of pixels where both directions of a 2D region are centimetres, else None."""
        if self.kind != "2D" or (self.unit_x, self.unit_y) != ("cm", "cm") or not (self.delta_x and self.delta_y):
            return None
        return Spacing(row_mm=abs(self.delta_y) * 10, col_mm=abs(self.delta_x) * 10, source=self.source)

    @property
    def source(self) -> str:
        """Where its numbers come from."""
        return f"{SOURCE}, region {self.number}"

    def holds(self, x_px: float, y_px: float) -> bool:
        """Whether an image point lies in it."""
        return self.x0_px <= x_px < self.x1_px and self.y0_px <= y_px < self.y1_px

    def touches(self, x_px: float, y_px: float) -> bool:
        """Whether an image point lies in it or on its edge."""
        return self.x0_px <= x_px <= self.x1_px and self.y0_px <= y_px <= self.y1_px

    def place_text(self, x_px: float, y_px: float) -> str:
        """The physical values at an image point, such as "0.45 s, −23 cm/s"; "" where they are not given."""
        axes = (
            (x_px, self.zero_x_px, self.delta_x, self.unit_x),
            (y_px, self.zero_y_px, self.delta_y, self.unit_y),
        )
        return ", ".join(
            with_unit(compact((at - zero) * delta), unit)
            for at, zero, delta, unit in axes
            if zero is not None and unit and delta
        )

    def difference_text(self, right_px: float, down_px: float) -> str:
        """How far two points are apart along each axis that has a unit, such as "0.45 s · 23 cm/s"."""
        axes = ((right_px, self.delta_x, self.unit_x), (down_px, self.delta_y, self.unit_y))
        return " · ".join(
            with_unit(compact(abs(pixels * delta)), unit) for pixels, delta, unit in axes if unit and delta
        )


def region_at(regions: Sequence[UltrasoundRegion], x_px: float, y_px: float) -> UltrasoundRegion | None:
    """The region an image point belongs to: high priority first, then the smallest; None outside all of them."""
    found = [region for region in regions if region.holds(x_px, y_px)]
    if not found:  # a point on the far edge of the last pixel, where no other region begins
        found = [region for region in regions if region.touches(x_px, y_px)]
    return min(found, key=lambda r: (r.is_low_priority, (r.x1_px - r.x0_px) * (r.y1_px - r.y0_px)), default=None)


def common_region(
    regions: Sequence[UltrasoundRegion], points_px: Sequence[tuple[float, float]]
) -> UltrasoundRegion | None:
    """The one region that all points belong to; None where there is none or they differ."""
    found = {region_at(regions, x_px, y_px) for x_px, y_px in points_px}
    return found.pop() if len(found) == 1 else None
