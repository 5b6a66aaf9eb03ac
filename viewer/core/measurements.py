"""Lengths, angles and regions in numbers, each with its unit and where the unit comes from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.annotations import Measurement
from viewer.core.geometry import Spacing
from viewer.core.pixels import PixelFacts
from viewer.core.rasterize import box_mask, ellipse_mask
from viewer.core.shapes import Box
from viewer.core.units import compact, number, with_unit
from viewer.core.windowing import apply_modality, padding_mask

NO_PIXELS = "no pixels"
KINDS = {"length": 2, "angle": 3, "rectangle": 2, "ellipse": 2}

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


def length(points_px: Points, spacing: Spacing | None) -> Quantity:
    """The distance of two image points, in mm where calibrated, else px. Non-square pixels are honoured."""
    (x0, y0), (x1, y1) = points_px
    col_mm, row_mm = _steps(spacing)
    value = math.hypot((x1 - x0) * col_mm, (y1 - y0) * row_mm)
    return Quantity(value=value, unit=_unit(spacing), source=spacing.source if spacing else "")


def angle(points_px: Points, spacing: Spacing | None) -> Quantity:
    """The angle at the second of three image points, 0 to 180 degrees; with non-square pixels taken in mm."""
    (x0, y0), (x1, y1), (x2, y2) = points_px
    col_mm, row_mm = _steps(spacing)
    ax, ay = (x0 - x1) * col_mm, (y0 - y1) * row_mm
    bx, by = (x2 - x1) * col_mm, (y2 - y1) * row_mm
    degrees = math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))
    return Quantity(value=degrees, unit="°", source=spacing.source if spacing else "")


def area(kind: str, box: Box, spacing: Spacing | None) -> Quantity:
    """The area inside a rectangle's or ellipse's outline, in mm² where calibrated, else px²."""
    col_mm, row_mm = _steps(spacing)
    share = math.pi / 4 if kind == "ellipse" else 1.0
    unit = _unit(spacing)
    unit = unit.replace("mm", "mm²", 1) if spacing is not None else "px²"
    value = box.width_px * col_mm * box.height_px * row_mm * share
    return Quantity(value=value, unit=unit, source=spacing.source if spacing else "")


def roi_box(points_px: Points) -> Box:
    """The box of two opposite corners; one of no extent becomes a hair wide, so that it holds no pixel centre."""
    (x0, y0), (x1, y1) = points_px
    left, top = min(x0, x1), min(y0, y1)
    return Box(x0_px=left, y0_px=top, x1_px=max(max(x0, x1), left + 1e-6), y1_px=max(max(y0, y1), top + 1e-6))


def roi_statistics(stored: NDArray[Any], facts: PixelFacts, kind: str, points_px: Points) -> RoiStatistics:
    """Statistics of a "rectangle" or "ellipse" from stored values through the modality step.

    stored: (row, col). Pixels whose centre is inside count; padding and broken numbers do not.
    """
    box = roi_box(points_px)
    row0, col0 = max(0, math.floor(box.y0_px)), max(0, math.floor(box.x0_px))
    row1, col1 = min(stored.shape[0], math.ceil(box.y1_px)), min(stored.shape[1], math.ceil(box.x1_px))
    extent = area(kind, box, facts.spacing)
    nothing = RoiStatistics(mean=None, sd=None, minimum=None, maximum=None, area=extent, pixels=0)
    if row1 <= row0 or col1 <= col0 or stored.ndim != 2:
        return nothing
    part = stored[row0:row1, col0:col1]
    here = Box(x0_px=box.x0_px - col0, y0_px=box.y0_px - row0, x1_px=box.x1_px - col0, y1_px=box.y1_px - row0)
    inside = (ellipse_mask if kind == "ellipse" else box_mask)(here, part.shape[0], part.shape[1])
    padding = padding_mask(part, facts)
    if padding is not None:
        inside &= ~padding
    values = apply_modality(part[inside], facts).astype(np.float64)
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


def describe(measurement: Measurement, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
    """The lines of a measurement's value box."""
    if measurement.kind == "length":
        return (length(measurement.points_px, facts.spacing).text,)
    if measurement.kind == "angle":
        return (angle(measurement.points_px, facts.spacing).text,)
    found = roi_statistics(stored, facts, measurement.kind, measurement.points_px)
    if found.mean is None or found.sd is None or found.minimum is None or found.maximum is None:
        words = "no values in colour" if stored.ndim == 3 else NO_PIXELS
        return (words, f"Area {found.area.text}")
    return (
        f"Mean {_value(found.mean, facts)}",
        f"SD {_value(found.sd, facts)}",
        f"Min {_value(found.minimum, facts)} · Max {_value(found.maximum, facts)}",
        f"Area {found.area.text}",
    )


def _value(value: float, facts: PixelFacts) -> str:
    return with_unit(compact(value), facts.unit)


def _steps(spacing: Spacing | None) -> tuple[float, float]:
    """(col, row): how far it is from one pixel to the next, along x and along y."""
    return (spacing.col_mm, spacing.row_mm) if spacing is not None else (1.0, 1.0)


def _unit(spacing: Spacing | None) -> str:
    return spacing.level.value if spacing is not None else "px"
