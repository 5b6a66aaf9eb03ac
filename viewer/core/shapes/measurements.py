"""Lengths, angles and regions in numbers, each with its unit and where the unit comes from."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Spacing
from viewer.core.pixels import PixelFacts
from viewer.core.regions import UltrasoundRegion, common_region, region_at
from viewer.core.shapes.kinds.box import Box
from viewer.core.units import compact, number, unit_text, with_unit
from viewer.core.windowing import apply_modality, held_rows, padding_mask

NO_PIXELS = "no pixels"
PART_IS_CUT = "Part of it has no pixels"

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its unit. source: the attribute the unit comes from, "" for pixels and degrees."""

    value: float
    unit: str
    source: str = ""

    @property
    def text(self) -> str:
        """Such as "72.0 mm", "71.4°", "2.3 cm²"."""
        value, unit = self.value, self.unit
        if unit.startswith("mm²") and value >= 100:
            value, unit = value / 100, unit.replace("mm²", "cm²", 1)
        return with_unit(number(value, digits=1), unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoiStatistics:
    """What the pixels of a region hold, in modality units; all None where there are none.

    sd: population standard deviation. area: of the drawn outline. pixels: how many counted; padding never does.
    """

    mean: float | None
    sd: float | None
    minimum: float | None
    maximum: float | None
    area: Quantity
    pixels: int


class MeasuredRegion(Protocol):
    """A region as far as its numbers go; see `viewer.core.shapes.region.Region`."""

    @property
    def box(self) -> Box: ...
    @property
    def share(self) -> float: ...
    def calibrated_points(self) -> tuple[tuple[float, float], ...]: ...
    def pixels_of(self, box: Box, rows: int, cols: int) -> NDArray[np.bool_]: ...


def spacing_for(points_px: Points, facts: PixelFacts) -> Spacing | None:
    """The spacing that a measurement through these points goes by; None where there is none, so that it is in pixels.

    In a picture with ultrasound regions it is that of the one 2D region all points lie in (PS3.3 C.8.5.5): outside any
    region and from one region into another there is no millimetre.
    """
    if not facts.regions:
        return facts.spacing
    region = common_region(facts.regions, points_px)
    return region.spacing if region is not None else None


def length(points_px: Points, spacing: Spacing | None) -> Quantity:
    """The distance of two image points, in mm where calibrated, else px. Non-square pixels are honoured."""
    (x0, y0), (x1, y1) = points_px
    col_mm, row_mm = _steps(spacing)
    value = math.hypot((x1 - x0) * col_mm, (y1 - y0) * row_mm)
    return Quantity(value=value, unit=_unit(spacing), source=spacing.source if spacing else "")


def angle(points_px: Points, spacing: Spacing | None, *, aspect: float = 1.0) -> Quantity:
    """The angle at the second of three image points, 0 to 180 degrees; with non-square pixels taken in mm.

    aspect: height of a pixel over its width, for an image without a spacing.
    """
    (x0, y0), (x1, y1), (x2, y2) = points_px
    col_mm, row_mm = _steps(spacing) if spacing is not None else (1.0, aspect)
    ax, ay = (x0 - x1) * col_mm, (y0 - y1) * row_mm
    bx, by = (x2 - x1) * col_mm, (y2 - y1) * row_mm
    degrees = math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))
    return Quantity(value=degrees, unit="°", source=spacing.source if spacing else "")


def area(box: Box, spacing: Spacing | None, *, share: float = 1.0) -> Quantity:
    """The area inside an outline, in mm² where calibrated, else px². share: of the area of its box."""
    col_mm, row_mm = _steps(spacing)
    unit = _unit(spacing)
    unit = unit.replace("mm", "mm²", 1) if spacing is not None else "px²"
    value = box.width_px * col_mm * box.height_px * row_mm * share
    return Quantity(value=value, unit=unit, source=spacing.source if spacing else "")


def roi_box(points_px: Points) -> Box:
    """The box of two opposite corners; one of no extent becomes a hair wide, so that it holds no pixel centre."""
    (x0, y0), (x1, y1) = points_px
    left, top = min(x0, x1), min(y0, y1)
    return Box(x0_px=left, y0_px=top, x1_px=max(max(x0, x1), left + 1e-6), y1_px=max(max(y0, y1), top + 1e-6))


def roi_statistics(stored: NDArray[Any], facts: PixelFacts, region: MeasuredRegion) -> RoiStatistics:
    """Statistics of a region from stored values through the modality step.

    stored: (row, col). Pixels whose centre is inside count; padding and broken numbers do not.
    """
    box = region.box
    row0, col0 = max(0, math.floor(box.y0_px)), max(0, math.floor(box.x0_px))
    row1, col1 = min(len(held_rows(stored, facts)), math.ceil(box.y1_px)), min(stored.shape[1], math.ceil(box.x1_px))
    extent = area(box, spacing_for(region.calibrated_points(), facts), share=region.share)
    nothing = RoiStatistics(mean=None, sd=None, minimum=None, maximum=None, area=extent, pixels=0)
    if row1 <= row0 or col1 <= col0 or stored.ndim != 2 or facts.palette is not None:
        return nothing
    part = stored[row0:row1, col0:col1]
    here = Box(x0_px=box.x0_px - col0, y0_px=box.y0_px - row0, x1_px=box.x1_px - col0, y1_px=box.y1_px - row0)
    inside = region.pixels_of(here, part.shape[0], part.shape[1])
    padding = padding_mask(part, facts)
    if padding is not None:
        inside &= ~padding
    values = apply_modality(part[inside], facts).astype(np.float64)
    values = values[np.isfinite(values)]  # a slope can carry the largest floats out of range
    if not values.size:
        return nothing
    return RoiStatistics(
        mean=float(values.mean()),
        sd=float(values.std()),
        minimum=float(values.min()),
        maximum=float(values.max()),
        area=extent,
        pixels=int(values.size),
    )


def cut_words(box: Box, facts: PixelFacts) -> tuple[str, ...]:
    """The area is of the drawn outline; where a cut file ends above its lower edge, its values are of less."""
    is_cut = facts.rows_there is not None and box.y1_px > facts.rows_there
    return (PART_IS_CUT,) if is_cut else ()


def value_source(facts: PixelFacts) -> str:
    """Where the unit of a value comes from, such as "HU: Rescale Type (0028,1054)"; "" where it has none."""
    if facts.suv is not None and facts.suv.already:
        return f"{facts.suv.label}: {facts.suv.source}"
    return f"{unit_text(facts.unit)}: {facts.unit_source}" if facts.unit else ""


def length_source(points: Points, facts: PixelFacts) -> str:
    """Where the unit of a length through these points comes from, or why it is in pixels."""
    spacing = spacing_for(points, facts)
    if spacing is not None:
        return f"{spacing.level.value}: {spacing.source}" + (f", {spacing.note}" if spacing.note else "")
    if not facts.regions:
        return "px: not calibrated"
    region = common_region(facts.regions, points)
    if region is None:
        inside = [region_at(facts.regions, x, y) for x, y in points]
        return "px: from one ultrasound region into another" if all(inside) else "px: outside the ultrasound regions"
    return f"px: {_named(region)} has no millimetres"


def _named(region: UltrasoundRegion) -> str:
    return f"ultrasound region {region.number}" + (f" ({region.kind})" if region.kind else "")


def along_axes(points: Points, facts: PixelFacts, spacing: Spacing | None) -> tuple[str, ...]:
    """How far two points are apart along the axes of a region that is no picture, such as seconds and cm/s."""
    region = common_region(facts.regions, points) if facts.regions and spacing is None else None
    if region is None:
        return ()
    (x0, y0), (x1, y1) = points
    text = region.difference_text(x1 - x0, y1 - y0)
    return (text,) if text else ()


def suv_lines(found: RoiStatistics, facts: PixelFacts) -> tuple[str, ...]:
    """SUV beside values that are none, or why there is none."""
    suv = facts.suv
    if suv is None or suv.already:
        return ()
    if suv.factor is None:
        return (suv.missing_text,)
    factor = suv.factor
    assert found.mean is not None and found.sd is not None and found.minimum is not None and found.maximum is not None
    mean, _, ends = statistics_words(
        found.mean, found.sd, found.minimum, found.maximum, lambda value: suv_text(value * factor)
    )
    return (f"{suv.label} {mean} {suv.unit}", f"{suv.label} {ends}")


def suv_text(value: float) -> str:
    """An SUV as it is written: two digits after the point."""
    return number(value, digits=2)


def statistics_words(
    mean: float, sd: float, minimum: float, maximum: float, text: Callable[[float], str]
) -> tuple[str, str, str]:
    """The lines of what the pixels of a region hold."""
    return f"Mean {text(mean)}", f"SD {text(sd)}", f"Min {text(minimum)} · Max {text(maximum)}"


def value_text(value: float, facts: PixelFacts) -> str:
    """A value after the modality step with its unit; values that are SUV already are named so."""
    if facts.suv is not None and facts.suv.already:
        return f"{suv_text(value)} {facts.suv.unit}"
    return with_unit(compact(value), facts.unit)


def _steps(spacing: Spacing | None) -> tuple[float, float]:
    """(col, row): how far it is from one pixel to the next, along x and along y."""
    return (spacing.col_mm, spacing.row_mm) if spacing is not None else (1.0, 1.0)


def _unit(spacing: Spacing | None) -> str:
    return spacing.level.value if spacing is not None else "px"
