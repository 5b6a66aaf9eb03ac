"""What is under the cursor, in numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import PointMm
from viewer.core.pixels import PixelFacts
from viewer.core.units import compact, number, with_unit
from viewer.core.windowing import apply_modality, padding_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """One pixel under the cursor.

    row, col: its indices. x_px, y_px: the image point. stored: the stored value(s). value: in modality units, None for
    colour and padding. unit: "HU", ... or "". position_mm: patient point (LPS), None where the file gives none.
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

    @property
    def value_text(self) -> str:
        """The value with its unit; the three samples of a colour; or "padding"."""
        if self.is_padding:
            return "padding"
        if self.value is None:
            return "RGB " + " ".join(compact(v) for v in self.stored)
        return with_unit(compact(self.value), self.unit) if self.unit else f"value {compact(self.value)}"

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
        if self.position_mm is not None:
            text += "   " + ", ".join(number(v, digits=1) for v in self.position_mm) + " mm"
        return text


def read_out(stored: NDArray[Any], facts: PixelFacts, x_px: float, y_px: float) -> Readout | None:
    """The readout at an image point; None outside the image. stored: (row, col[, 3])."""
    col, row = int(np.floor(x_px)), int(np.floor(y_px))
    if not (0 <= row < stored.shape[0] and 0 <= col < stored.shape[1]):
        return None
    pixel = stored[row : row + 1, col : col + 1]
    value: float | None = None
    is_padding = False
    if stored.ndim == 2:
        is_padding = padding_mask(pixel, facts) is not None
        # A palette's stored value is an index, not a quantity.
        value = None if is_padding else float(apply_modality(pixel, facts)[0, 0])
    position = None
    if facts.plane is not None and facts.spacing is not None:
        position = facts.plane.image_to_patient(x_px, y_px, facts.spacing)
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
    )
