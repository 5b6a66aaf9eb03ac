"""Plain little endian samples of one frame that begins on a byte."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.reading.coding import Coding


def plain_frame(raw: bytes, coding: Coding) -> NDArray[Any]:
    """raw: at least one frame's bytes, 1-bit samples packed low bit first. Returns (row, col[, sample])."""
    rows, cols, samples = coding.rows, coding.cols, coding.pixels_per_frame * coding.samples
    if coding.bits_allocated == 1:
        return np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[:samples].reshape(rows, cols)
    values = np.frombuffer(raw, coding.dtype.newbyteorder("<"), samples).astype(coding.dtype)
    if coding.samples == 1:
        return values.reshape(rows, cols)
    if coding.planar:
        return np.ascontiguousarray(values.reshape(coding.samples, rows, cols).transpose(1, 2, 0))
    return values.reshape(rows, cols, coding.samples)
