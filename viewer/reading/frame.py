"""A frame as it was read: stored values and what they mean."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.series import FrameRef


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One image.

    stored: (row, col), or (row, col, 3) for colour, as the file has the values; never changed. RGB when it was YBR.
    decoder: "native" or the function that decoded it. big_endian: how the file orders the bytes of a value.
    """

    ref: FrameRef
    stored: NDArray[Any]
    facts: PixelFacts
    identity: FrameIdentity
    decoder: str
    big_endian: bool = False
