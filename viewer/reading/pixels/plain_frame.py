"""Frames whose samples lie as in an uncompressed file, once a codec has given the bytes back."""

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded, DecodeFailed, rows_note
from viewer.reading.pixels.native import unpack_frame


def plain_frame(raw: bytes, coding: Coding) -> Decoded:
    """raw: one frame, little endian. Of too few bytes the whole rows; raises DecodeFailed when not one is there."""
    array, rows = unpack_frame(raw, coding)
    if rows == 0:
        raise DecodeFailed(f"{len(raw)} bytes do not hold one row")
    there = rows if rows < coding.rows else None
    return Decoded(array=array, precision=coding.bits_allocated, note=rows_note(rows, coding), rows_there=there)
