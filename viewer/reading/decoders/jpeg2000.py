"""JPEG 2000 and High-Throughput JPEG 2000 (PS3.5 8.2.4, 8.2.13)."""

import struct

import imagecodecs

from viewer.reading.coding import Coding
from viewer.reading.decoder import CODEC_ERRORS, Decoded, DecodeFailed, check_stream_size


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame. The code stream's own component transform is undone, so three components are as they went in.

    `htj2k_decode` wraps round on lossy streams; `jpeg2k_decode` reads both kinds right.
    """
    precision, signed, rows, cols = _size_marker(data)
    check_stream_size(rows, cols, coding)
    try:
        array = imagecodecs.jpeg2k_decode(data)
    except CODEC_ERRORS as error:
        raise DecodeFailed(str(error)) from error
    return Decoded(array=array, precision=precision, coded_signed=signed)


def _size_marker(data: bytes) -> tuple[int, bool | None, int, int]:
    """(bits, signed, rows, cols) of the first component from the SIZ marker (ISO 15444-1 A.5.1)."""
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or start + 43 > len(data):
        return 0, None, 0, 0
    depth = data[start + 42]
    width, height, left, top = struct.unpack_from(">4L", data, start + 8)
    return (depth & 0x7F) + 1, bool(depth & 0x80), height - top, width - left
