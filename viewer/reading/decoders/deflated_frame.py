"""Deflated Image Frame Compression (PS3.5 A.4.14): a raw deflate stream per frame."""

import zlib

import numpy as np

from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded, DecodeFailed


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
    if coding.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[:samples]
        return Decoded(array=bits.reshape(coding.rows, coding.cols))
    values = np.frombuffer(raw, coding.dtype.newbyteorder("<")).astype(coding.dtype)
    if coding.samples == 1:
        return Decoded(array=values.reshape(coding.rows, coding.cols))
    if coding.planar:
        planes = values.reshape(coding.samples, coding.rows, coding.cols)
        return Decoded(array=np.ascontiguousarray(planes.transpose(1, 2, 0)))
    return Decoded(array=values.reshape(coding.rows, coding.cols, coding.samples))
