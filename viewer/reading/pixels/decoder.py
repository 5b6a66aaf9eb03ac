"""What a decoder is: bytes of one compressed frame to an array, nothing guessed.

A row of `decoders.DECODERS` names a function of this form. It returns the components as they are coded: no colour
conversion, no sign, no rescale. `samples` makes stored values of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.reading.pixels.coding import Coding


class DecodeFailed(ValueError):
    """The bytes could not be decoded; the next decoder may."""


class StreamTooLarge(DecodeFailed):
    """The stream says it is far larger than the header; decoding it could take all memory."""


class StreamCut(DecodeFailed):
    """The stream ends early and what is there gives no value that is known to be right; no other decoder is asked."""


def check_stream_size(rows: int, cols: int, coding: Coding) -> None:
    """Raise StreamTooLarge when a stream's own size is far beyond the header's. Called before decoding.

    Raises DecodeFailed when it says none: the codec might find one.
    """
    if rows == 0 or cols == 0:
        raise DecodeFailed("its stream does not say how large it is")
    # An offset beyond the image gives a negative size, at which codecs count for ever.
    if rows < 0 or cols < 0 or rows * cols > 4 * coding.pixels_per_frame + (1 << 20):
        raise StreamTooLarge(f"it says it is {rows} x {cols}, the header says {coding.rows} x {coding.cols}")


def rows_note(rows: int, coding: Coding) -> str:
    """The sentence for a frame of which only the first `rows` rows were there; "" when all were."""
    if rows >= coding.rows:
        return ""
    return f"The compressed image ends early: {rows} of {coding.rows} rows are there, the rest is blank."


# What imagecodecs raises: its codecs' own errors are RuntimeErrors; a codec left out of a build is an ImportError.
CODEC_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, MemoryError, ImportError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """One decoded frame.

    array: (row, col) or (row, col, component). precision: bits of a component as the stream says, 0 when it does not.
    is_rgb: True when the stream itself says its components are RGB, False when it says YCbCr, None when it is silent.
    coded_signed: whether the stream's components are signed, None when it cannot say.
    note: one sentence for the banner when not all of the frame could be decoded, "" when it was. rows_there: the rows
    that are known to be whole when the others are blank, None otherwise. doubts: the note in a few words each.
    """

    array: NDArray[np.generic]
    precision: int = 0
    is_rgb: bool | None = None
    coded_signed: bool | None = None
    note: str = ""
    rows_there: int | None = None
    doubts: tuple[str, ...] = ()


Decoder = Callable[[bytes, Coding], Decoded]
