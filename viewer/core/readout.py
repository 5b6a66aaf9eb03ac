"""What is under the cursor, in numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import PointMm
from viewer.core.pixels import PixelFacts
from viewer.core.regions import region_at
from viewer.core.shapes.measurements import suv_text, value_source, value_text
from viewer.core.units import compact, number, with_unit
from viewer.core.windowing import apply_modality, held_rows, padding_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """One pixel under the cursor.

    row, col: its indices. x_px, y_px: the image point. stored: the stored value(s). value: in modality units, None for
    colour and padding. unit: "HU", ... or "". position_mm: patient point (LPS), None where the file gives none.
    number_text: the value with its unit. others: what else it stands for: SUV and real world values. region_text: where
    in an ultrasound region it lies, in that region's units. source: the attributes that units come from. missing: why
    there is no SUV. is_covered: it lies under a shutter.
    """

    row: int
    col: int
    x_px: float
    y_px: float
    stored: tuple[float, ...]
    value: float | None
    unit: str
    is_padding: bool = False
    position_mm: PointMm | None = None
    number_text: str = ""
    others: tuple[str, ...] = ()
    region_text: str = ""
    source: str = ""
    missing: str = ""
    is_covered: bool = False

    @property
    def value_text(self) -> str:
        """The value with its unit and what else it stands for; the samples of a colour; or "padding", under a shutter
        too."""
        return f"{self._value_words} (under the shutter)" if self.is_covered else self._value_words

    @property
    def _value_words(self) -> str:
        if self.is_padding:
            return "padding"
        if self.value is None:
            return ("RGB " if len(self.stored) == 3 else "index ") + " ".join(compact(v) for v in self.stored)
        return " · ".join((self.number_text, *self.others))

    @property
    def stored_text(self) -> str:
        """The stored value where it differs from the value shown."""
        if self.value is None or self.stored[0] == self.value:
            return ""
        return f"stored {compact(self.stored[0])}"

    @property
    def position_text(self) -> str:
        """Column and row from 0, then the patient point in millimetres where known."""
        text = f"x {self.col} y {self.row}"
        if self.region_text:
            text += "   " + self.region_text
        if self.position_mm is not None:
            text += "   " + ", ".join(number(v, digits=1) for v in self.position_mm) + " mm"
        return text


def read_out(stored: NDArray[Any], facts: PixelFacts, x_px: float, y_px: float) -> Readout | None:
    """The readout at an image point; None outside the image and in rows a cut file lacks. stored: (row, col[, 3])."""
    col, row = int(np.floor(x_px)), int(np.floor(y_px))
    if not (0 <= row < len(held_rows(stored, facts)) and 0 <= col < stored.shape[1]):
        return None
    pixel = stored[row : row + 1, col : col + 1]
    value: float | None = None
    is_padding = False
    if stored.ndim == 2 and facts.palette is None:  # a palette's stored value is an index, not a quantity
        is_padding = padding_mask(pixel, facts) is not None
        value = None if is_padding else float(apply_modality(pixel, facts)[0, 0])
    position = None
    if facts.plane is not None and facts.spacing is not None:
        position = facts.plane.image_to_patient(x_px, y_px, facts.spacing)
    region = region_at(facts.regions, x_px, y_px)
    suv = facts.suv
    return Readout(
        row=row,
        col=col,
        x_px=x_px,
        y_px=y_px,
        stored=tuple(float(v) for v in pixel.reshape(-1)),
        value=value,
        unit=facts.unit,
        is_padding=is_padding,
        position_mm=position,
        number_text=_number_text(value, facts) if value is not None else "",
        others=_others(float(pixel.flat[0]), value, facts) if value is not None else (),
        region_text=region.place_text(x_px, y_px) if region is not None else "",
        source=value_source(facts) if value is not None else "",
        missing=suv.missing_text if suv is not None and value is not None else "",
    )


def _number_text(value: float, facts: PixelFacts) -> str:
    if facts.suv is not None and facts.suv.already:
        return f"{value_text(value, facts)} {facts.suv.label}"
    return with_unit(compact(value), facts.unit) if facts.unit else f"value {compact(value)}"


def _others(stored: float, value: float, facts: PixelFacts) -> tuple[str, ...]:
    """SUV and real world values, each named; one that only repeats the value is left out."""
    found = []
    suv = facts.suv
    if suv is not None and suv.factor is not None and not suv.already:
        found.append(f"{suv.label} {suv_text(value * suv.factor)} {suv.unit}")
    for mapping in facts.real_world:
        real = mapping.value(stored)
        if real is not None and not (real == value and mapping.unit in ("", facts.unit, "[hnsf'U]")):
            found.append(with_unit(f"{mapping.label or 'real world value'} {compact(real)}", mapping.unit))
    return tuple(found)
