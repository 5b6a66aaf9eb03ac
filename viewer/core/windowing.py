"""From stored values to numbers with a unit, and to grey levels: modality, VOI and presentation in one table.

PS3.3 C.11.1 (modality), C.11.2 (VOI), C.11.6 (presentation). The inversion for MONOCHROME1 or Presentation LUT Shape
INVERSE is the last step; both say the same thing (C.8.11.3.1.2), so together they invert once.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import LookupTable, Palette, PixelFacts, VoiFunction, Window
from viewer.core.units import unsigned_view

TABLE_ENTRIES = 65_536
# Above this many pixels, default windows and ranges come from an even sample of them.
_SAMPLE = 1_000_000
_PIECE = 32_768  # pixels looked up at once

Voi = Window | LookupTable
AnyArray = NDArray[Any]


def apply_modality(stored: AnyArray, facts: PixelFacts) -> NDArray[np.float32] | NDArray[np.float64]:
    """Stored values in modality units: through the Modality LUT, else slope and intercept (PS3.3 C.11.1).

    stored: any shape. Returns the same shape, float32 where that is exact (up to 16 bits, whole slope and intercept),
    else float64. Padding is not left out here.
    """
    if facts.modality_lut is not None:
        return _look_up(facts.modality_lut, stored.astype(np.float64)).astype(np.float32)
    slope, intercept = facts.rescale_slope, facts.rescale_intercept
    small = stored.dtype.kind in "ui" and stored.dtype.itemsize <= 2
    whole = float(slope).is_integer() and float(intercept).is_integer()
    if small and whole and abs(slope) * 65_536 + abs(intercept) < 2**24:
        return stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    if stored.dtype == np.float32 and slope == 1 and intercept == 0:
        return stored.astype(np.float32)
    with np.errstate(over="ignore"):  # what leaves the range of numbers becomes infinite, and no statistic counts it
        return stored.astype(np.float64) * slope + intercept


def padding_mask(stored: AnyArray, facts: PixelFacts) -> NDArray[np.bool_] | None:
    """(row, col) bool, True where a stored value is padding or no number; None where there is none."""
    mask: NDArray[np.bool_] | None = None
    if facts.padding is not None and stored.ndim == 2:
        low, high = facts.padding
        mask = (stored == low) if low == high else (stored >= low) & (stored <= high)
    if stored.dtype.kind == "f":
        broken = ~np.isfinite(stored)
        mask = broken if mask is None else mask | broken
    return mask if mask is not None and bool(mask.any()) else None


def no_image_mask(stored: AnyArray, facts: PixelFacts) -> NDArray[np.bool_] | None:
    """(row, col) bool of a whole frame, True where there is no image: padding, and rows that a cut file lacks."""
    mask = padding_mask(stored, facts)
    if stored.ndim != 2 or held_rows(stored, facts) is stored:
        return mask
    mask = np.zeros(stored.shape, np.bool_) if mask is None else mask
    mask[facts.rows_there :] = True
    return mask


def held_rows(stored: AnyArray, facts: PixelFacts) -> AnyArray:
    """The rows of a whole frame that its file holds; the frame itself where all are there."""
    return stored if facts.rows_there is None else stored[: facts.rows_there]


def voi(values: NDArray[np.floating], window: Voi) -> NDArray[np.float64]:
    """Modality values to 0..1 by the formulas of PS3.3 C.11.2.1.2 (y range 0 to 1), or by a VOI LUT.

    A LINEAR window narrower than 1 is no valid one there; it is taken as LINEAR_EXACT.
    """
    x = values.astype(np.float64)
    if isinstance(window, LookupTable):
        return _look_up(window, x) / (2.0**window.bits - 1)
    center, width = window.center, max(window.width, 1e-300)
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + np.exp(np.clip(-4.0 * (x - center) / width, -700, 700))))
    if window.function is VoiFunction.LINEAR and window.width >= 1:
        center, width = center - 0.5, width - 1
    if width == 0:  # a LINEAR window of width 1 is a threshold
        return (x > center).astype(np.float64)
    with np.errstate(over="ignore"):
        return np.clip((x - center) / width + 0.5, 0.0, 1.0)


def presentation(level: NDArray[np.float64], table: LookupTable | None) -> NDArray[np.float64]:
    """0..1 after the VOI step to 0..1 of P-Values: the table spans the whole range of its input (PS3.3 C.11.6.1.1)."""
    if table is None:
        return level
    return _look_up(table, level * (len(table.values) - 1) + table.first_mapped) / (2.0**table.bits - 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DisplayTable:
    """Stored values of one dtype to 8 bits.

    grey: (65536,) uint8, indexed by the stored value's low 16 bits; None where values do not fit 16 bits.
    rgb: (65536, 3) uint8 for a palette; else None. facts, window, inverted: what the float path goes by.
    """

    facts: PixelFacts
    window: Voi
    inverted: bool
    grey: NDArray[np.uint8] | None = None
    rgb: NDArray[np.uint8] | None = None

    def apply(self, stored: AnyArray) -> NDArray[np.uint8]:
        """stored: (row, col) or (row, col, 3), the dtype the facts promise. Returns uint8, RGB for colour."""
        if stored.ndim == 3:
            return _colour_levels(stored, self.facts, self.window, inverted=self.inverted)
        small = stored.dtype.kind in "uib" and stored.dtype.itemsize <= 2
        table = self.rgb if self.rgb is not None else self.grey
        if table is not None and small:
            index = unsigned_view(stored)
            if table.ndim == 2:
                return np.asarray(table[index])
            return _looked_up(table, index)
        if self.facts.palette is not None:
            rgb = palette_colors(self.facts.palette, stored)
            return 255 - rgb if self.inverted else rgb
        levels = _levels(stored, self.facts, self.window, inverted=self.inverted)
        mask = padding_mask(stored, self.facts)
        if mask is not None:
            levels[mask] = 0
        return levels


def _looked_up(table: NDArray[np.uint8], index: AnyArray) -> NDArray[np.uint8]:
    """table[index], in pieces: numpy makes eight bytes of each index first, of a large view more than the processor's
    own memory holds (measured at 3840 x 2160: 8.3 against 15.8 ms)."""
    flat, out = index.reshape(-1), np.empty(index.size, np.uint8)
    for first in range(0, index.size, _PIECE):
        part = slice(first, first + _PIECE)
        # mode="wrap" skips the bounds check (measured 0.8 against 1.4 ms per megapixel); all indices fit anyway.
        np.take(table, flat[part], mode="wrap", out=out[part])
    return out.reshape(index.shape)


def display_table(facts: PixelFacts, window: Voi, *, invert: bool) -> DisplayTable:
    """Modality, VOI and presentation as one table.

    invert: the person's own inversion, on top of what the file asks. Padding becomes black in every case.
    """
    if facts.samples == 3 or facts.bits_stored > 16:
        return DisplayTable(facts=facts, window=window, inverted=invert != _file_inverts(facts))
    inverted = invert != _file_inverts(facts)
    stored = table_inputs(signed=facts.signed)
    if facts.palette is not None:
        rgb = palette_colors(facts.palette, stored)
        return DisplayTable(facts=facts, window=window, inverted=invert, rgb=255 - rgb if invert else rgb)
    grey = _levels(stored, facts, window, inverted=inverted)
    if facts.padding is not None:
        grey[(stored >= facts.padding[0]) & (stored <= facts.padding[1])] = 0
    return DisplayTable(facts=facts, window=window, inverted=inverted, grey=grey)


def palette_colors(palette: Palette, stored: AnyArray) -> NDArray[np.uint8]:
    """The colour of each index; one beyond either end of the palette has the colour of that end (C.7.6.3.1.5).

    Also of floats, with no number for the first one: the screen and what a model is given go by this alone.
    """
    if stored.dtype.kind == "f":
        ends = palette.first_mapped, palette.first_mapped + len(palette.rgb) - 1
        stored = np.clip(np.nan_to_num(stored, nan=ends[0]), *ends)
    index = np.clip(stored.astype(np.int64) - palette.first_mapped, 0, len(palette.rgb) - 1)
    return np.asarray(palette.rgb[index])


def table_inputs(*, signed: bool) -> NDArray[np.int32]:
    """(65536,) the stored value behind each table index: 0..65535, or two's complement."""
    index = np.arange(TABLE_ENTRIES, dtype=np.int32)
    return np.where(index < 32_768, index, index - 65_536).astype(np.int32) if signed else index


def default_window(stored: AnyArray, facts: PixelFacts) -> Window:
    """The file's first usable window, else one made from the values (see `computed_window`)."""
    for window in facts.windows:
        if _is_usable(window):
            # The half and the minus one of LINEAR are about whole numbers; of floats from 0 to 1 nothing would be left.
            is_float = stored.dtype.kind == "f" and window.function is VoiFunction.LINEAR
            return replace(window, function=VoiFunction.LINEAR_EXACT) if is_float else window
    return computed_window(stored, facts)


def names_voi(facts: PixelFacts) -> bool:
    """Whether `default_voi` is the file's own window or VOI LUT, and not one made from the values."""
    return any(_is_usable(window) for window in facts.windows) or (not facts.windows and bool(facts.voi_luts))


def _is_usable(window: Window) -> bool:
    return window.width > 0 and bool(np.isfinite([window.center, window.width]).all())


def default_voi(stored: AnyArray, facts: PixelFacts) -> Voi:
    """What the file shows first: its window, else its VOI LUT, else a window made from the values."""
    if not facts.windows and facts.voi_luts:
        return facts.voi_luts[0]
    return default_window(stored, facts)


def computed_window(stored: AnyArray, facts: PixelFacts) -> Window:
    """A window for a file that names none: 8-bit pictures as they are, else the 0.5th to 99.5th percentile.

    Padding is left out. Returns center and width in modality units.
    """
    picture = facts.samples == 3 or facts.palette is not None
    # A small largest value means counts or classes in 8 bits, which would all be black as they are.
    eight_bit = facts.bits_stored == 8 and not facts.signed and _is_plain(facts) and stored.max(initial=0) >= 64
    if picture or eight_bit:
        # LINEAR 128 / 256 maps 0 to 0 and 255 to 255 with nothing changed between.
        return Window(center=128.0, width=256.0, name="8 bit")
    values = _sample(stored, facts)
    if not values.size:
        return Window(center=0.5, width=1.0, name="no pixels", function=VoiFunction.LINEAR_EXACT)
    low, high = np.percentile(values, (0.5, 99.5))
    if high <= low:
        low, high = values.min(), values.max()
    return _between(float(low), float(high), "percentiles")


def full_range(stored: AnyArray, facts: PixelFacts) -> Window:
    """From the smallest to the largest value of this frame, padding left out."""
    values = _every(stored, facts)
    if not values.size:
        return Window(center=0.5, width=1.0, name="Full range", function=VoiFunction.LINEAR_EXACT)
    return _between(float(values.min()), float(values.max()), "Full range")


def _is_plain(facts: PixelFacts) -> bool:
    return facts.modality_lut is None and facts.rescale_slope == 1 and facts.rescale_intercept == 0


def _between(low: float, high: float, name: str) -> Window:
    width = high - low if high > low else 1.0
    return Window(center=(low + high) / 2, width=width, name=name, function=VoiFunction.LINEAR_EXACT)


def _every(stored: AnyArray, facts: PixelFacts) -> NDArray[np.floating]:
    stored = held_rows(stored, facts)
    mask = padding_mask(stored, facts)
    kept = stored if mask is None else stored[~mask]
    if not kept.size:
        return np.empty(0)
    if facts.modality_lut is None:  # slope and intercept keep the extremes: two values do
        kept = np.asarray([kept.min(), kept.max()])
    return apply_modality(kept, facts)


def _sample(stored: AnyArray, facts: PixelFacts) -> NDArray[np.floating]:
    stored = held_rows(stored, facts)
    step = max(1, int(np.ceil(np.sqrt(stored.size / _SAMPLE))))
    thin = stored[::step, ::step]
    mask = padding_mask(thin, facts)
    return apply_modality(thin if mask is None else thin[~mask], facts).ravel()


def _file_inverts(facts: PixelFacts) -> bool:
    # A Presentation LUT's table gives P-Values, so nothing is left to invert (C.11.6.1.1).
    if facts.samples == 3 or facts.palette is not None or facts.presentation_lut is not None:
        return False
    return facts.inverse or facts.photometric == "MONOCHROME1"


def _levels(stored: AnyArray, facts: PixelFacts, window: Voi, *, inverted: bool) -> NDArray[np.uint8]:
    clean = np.nan_to_num(stored, posinf=0, neginf=0) if stored.dtype.kind == "f" else stored
    level = presentation(voi(apply_modality(clean, facts), window), facts.presentation_lut)
    grey = np.floor(level * 255 + 0.5).astype(np.uint8)
    return np.asarray(255 - grey) if inverted else grey


def _colour_levels(stored: AnyArray, facts: PixelFacts, window: Voi, *, inverted: bool) -> NDArray[np.uint8]:
    """True colour: shown as it is; a window other than the default stretches all three channels alike."""
    rgb = stored
    if stored.dtype != np.uint8:
        top = float(2**facts.bits_stored - 1)
        rgb = np.clip(stored.astype(np.float32) * np.float32(255 / top) + 0.5, 0, 255).astype(np.uint8)
    out = rgb.astype(np.uint8)
    if isinstance(window, Window) and (window.center, window.width) != (128.0, 256.0):
        ramp = np.floor(voi(np.arange(256, dtype=np.float64), window) * 255 + 0.5).astype(np.uint8)
        out = np.take(ramp, out)
    return np.asarray(255 - out) if inverted else out


def _look_up(table: LookupTable, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values below the first mapped one get the first entry, those past the last the last (C.11.1.1, C.11.2.1.1)."""
    index = np.clip(np.rint(values) - table.first_mapped, 0, len(table.values) - 1).astype(np.intp)
    return np.asarray(table.values[index], np.float64)
