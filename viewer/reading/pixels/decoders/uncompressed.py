"""Encapsulated Uncompressed Explicit VR Little Endian (PS3.5 A.4.11): one plain frame per fragment."""

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded
from viewer.reading.pixels.plain_frame import plain_frame


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; 1-bit samples are packed low bit first."""
    return plain_frame(data, coding)
