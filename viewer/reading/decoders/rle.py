"""RLE Lossless (PS3.5 annex G)."""

import struct

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from viewer.reading.coding import Coding
from viewer.reading.decoder import CODEC_ERRORS, Decoded, DecodeFailed


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame: a segment for each byte of each sample, most significant first; 1-bit frames are one packed segment.

    Segments that end early are filled with 0, as the rows that are there can still be shown.
    """
    if len(data) < 64:
        raise DecodeFailed("shorter than an RLE header")
    count, *offsets = struct.unpack_from("<16L", data)
    pixels = coding.pixels_per_frame
    if coding.bits_allocated == 1:
        packed = _segment(data, offsets, 0, 1, (pixels + 7) // 8)
        return Decoded(array=np.unpackbits(packed, bitorder="little")[:pixels].reshape(coding.rows, coding.cols))
    size = coding.dtype.itemsize
    if 64 * len(data) < pixels:
        raise DecodeFailed("too short for its image: two bytes of a run give at most 128")
    if count != size * coding.samples:
        raise DecodeFailed(f"{count} segments instead of {size * coding.samples}")
    planes = np.empty((coding.samples, pixels, size), np.uint8)
    for sample in range(coding.samples):
        for byte in range(size):
            number = sample * size + byte
            planes[sample, :, size - 1 - byte] = _segment(data, offsets, number, count, pixels)
    values = planes.view(f"<u{size}").reshape(coding.samples, coding.rows, coding.cols)
    array = values[0] if coding.samples == 1 else np.ascontiguousarray(values.transpose(1, 2, 0))
    return Decoded(array=array)


def _segment(data: bytes, offsets: list[int], number: int, count: int, size: int) -> NDArray[np.uint8]:
    start = offsets[number]
    end = min(offsets[number + 1], len(data)) if number + 1 < count else len(data)
    if not 64 <= start <= len(data):
        raise DecodeFailed("segment offsets lead outside the frame")
    try:
        out = imagecodecs.packbits_decode(data[start:end])
    except CODEC_ERRORS as error:
        raise DecodeFailed(str(error)) from error
    plane = np.frombuffer(out[:size], np.uint8)
    return plane if len(plane) == size else np.pad(plane, (0, size - len(plane)))
