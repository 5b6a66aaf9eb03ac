"""JPEG processes with a DCT: baseline, extended (8 and 12 bit) and the retired ones (PS3.5 8.2.1)."""

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded
from viewer.reading.pixels.jpeg_frame import decode_jpeg


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame. A lossless stream under such a name is known from real files and loses nothing by it."""
    return decode_jpeg(data, coding)
