"""Deflated Image Frame Compression (PS3.5 A.4.14): a raw deflate stream per frame."""

import zlib

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded, DecodeFailed
from viewer.reading.pixels.native import frame_bits
from viewer.reading.pixels.plain_frame import plain_frame


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; 1-bit samples are packed low bit first. Of a stream that ends early the rows that are there."""
    size = (frame_bits(coding) + 7) // 8
    try:
        raw = zlib.decompressobj(-15).decompress(data, size)
    except zlib.error as error:
        raise DecodeFailed(str(error)) from error
    return plain_frame(raw, coding)
