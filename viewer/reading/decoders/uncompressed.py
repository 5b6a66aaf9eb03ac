"""Encapsulated Uncompressed Explicit VR Little Endian (PS3.5 A.4.11): one plain frame per fragment."""

from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded, DecodeFailed
from viewer.reading.plain_frame import plain_frame


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; 1-bit samples are packed low bit first."""
    size = (coding.pixels_per_frame * coding.samples * coding.bits_allocated + 7) // 8
    if len(data) < size:
        raise DecodeFailed(f"{len(data)} of {size} bytes")
    return Decoded(array=plain_frame(data, coding))
