"""Colours of a picture as 8 or 16-bit ones, so that the screen and a network see the same.

Grey values have a window and stay as they are; colours have none, so what their full brightness is has to be known.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import UnsupportedFile

# Depths that cameras have. In 16 bits their pictures are dark to black; above 12 bits they can at least be seen.
DEPTHS = (8, 10, 12)
# Floating point colours end at one of these; rounding may lead a hundredth beyond.
UNIT, BYTE, WORD = 1.0, 255.0, 65535.0
BEYOND = 1.01
# What is this much more than 1 and this little of 255 could be either.
LEAST_OF_A_BYTE = 16.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colours:
    """rgb: (row, col, 3), uint8 or uint16. bits: at which a value is brightest. note: what was guessed, or ""."""

    rgb: NDArray[Any]
    bits: int
    note: str = ""


def picture_colours(values: NDArray[Any], path: Path, said_bits: int = 0) -> Colours:
    """values: (row, col, 3) of any kind of number. said_bits: how many bits a value has by the file, else 0.

    Raises UnsupportedFile for colours of which it is not known how bright they are.
    """
    if values.dtype.kind == "f":
        return _of_floats(values, path)
    whole = 16
    if values.dtype.kind == "i":
        if int(values.min(initial=0)) < 0:
            raise UnsupportedFile(f"{path} has negative colours, which are not read; save it with 8 or 16 bits.")
        whole = 15  # one is the sign
        values = values.view(f"u{values.dtype.itemsize}")
    brightest = int(values.max(initial=0))
    if values.dtype.itemsize > 2:
        if brightest > WORD:
            raise UnsupportedFile(f"{path} has colours of over 16 bits, which are not read; save it with 8 or 16 bits.")
        values, said_bits = values.astype(np.uint16), 0
    if values.dtype == np.uint8:
        return _of_bytes(values, brightest, said_bits if whole == 16 else 7)
    if 0 < said_bits < 16 and brightest < 1 << said_bits:
        return Colours(rgb=values, bits=said_bits)
    used = next((depth for depth in DEPTHS if brightest < 1 << depth), whole)
    if used == whole or not brightest:
        return Colours(rgb=values, bits=whole)
    return Colours(rgb=values, bits=used, note=f"Its colours use {used} of their bits only; {used} are taken for all.")


def transparency_note(alpha: NDArray[Any], said_bits: int = 0) -> str:
    """What is said of an alpha, (row, col), that is left away; "" where every pixel is opaque at its depth."""
    if not alpha.size or alpha.dtype.kind not in "buif":
        return ""
    full = {UNIT, BYTE, WORD}
    if alpha.dtype.kind == "b":
        full = {1.0}
    elif alpha.dtype.kind in "ui":
        full = {float((1 << bits) - 1) for bits in (*DEPTHS, 16, said_bits)} | {float(np.iinfo(alpha.dtype).max)}
    opaque = alpha.min() == alpha.max() and float(alpha.max()) in full - {0.0}
    return "" if opaque else "Its transparency is not shown: every pixel is opaque here."


def _of_bytes(values: NDArray[Any], brightest: int, said_bits: int) -> Colours:
    """Fewer than 8 bits are spread over 8, as every viewer of pictures does."""
    if not 0 < said_bits < 8 or brightest >= 1 << said_bits:
        return Colours(rgb=values, bits=8)
    top = (1 << said_bits) - 1
    spread = (values.astype(np.uint16) * 255 + top // 2) // top
    return Colours(rgb=spread.astype(np.uint8), bits=8)


def _of_floats(values: NDArray[Any], path: Path) -> Colours:
    plain = values.astype(np.float64)
    known = np.isfinite(plain)
    plain = np.where(known, plain, 0.0)
    low, high = float(plain.min(initial=0.0)), float(plain.max(initial=0.0))
    top = UNIT if high <= UNIT * BEYOND else BYTE if high <= BYTE * BEYOND else WORD
    if low < (1 - BEYOND) * top or high > WORD * BEYOND or UNIT * BEYOND < high < LEAST_OF_A_BYTE:
        raise UnsupportedFile(
            f"{path} has floating point colours from {low:g} to {high:g}; those to 1, 255 and 65535 are read."
        )
    note = f"Its colours are floating point from 0 to {top:g}; shown as 16-bit ones."
    if not known.all():
        note += " Some are no number; shown black."
    rgb = np.rint(np.clip(plain, 0, top) * (WORD / top)).astype(np.uint16)
    return Colours(rgb=rgb, bits=16, note=note)
