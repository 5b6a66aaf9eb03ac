"""Deflated Image Frame Compression (PS3.5 A.4.14): a raw deflate stream per frame."""

import zlib

from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded, DecodeFailed
from viewer.reading.plain_frame import plain_frame


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; 1-bit samples are packed low bit first."""
    samples = coding.pixels_per_frame * coding.samples
    size = (samples * coding.bits_allocated + 7) // 8
    try:
        raw = zlib.decompressobj(-15).decompress(data, size)
    except zlib.error as error:
        raise DecodeFailed(str(error)) from error
    if len(raw) < size:
        raise DecodeFailed(f"{len(raw)} of {size} bytes")
    return Decoded(array=plain_frame(raw, coding))
