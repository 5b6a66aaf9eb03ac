"""RLE Lossless (PS3.5 annex G)."""

import struct
import threading

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.pixels.decoder import CODEC_ERRORS, Decoded, DecodeFailed, rows_note
from viewer.reading.pixels.native import unpack_frame

KEPT_BYTES = 8 << 20
LONGER = "The compressed image is damaged: it holds more pixels than it should."


class _Scratch(threading.local):
    """Room for the segments of one frame, kept by each thread: taken from the machine anew for every frame, two threads
    decoded no faster than one, because each waited for the other's pages."""

    def __init__(self) -> None:
        self._kept = np.empty(0, np.uint8)

    def rows(self, count: int, size: int) -> NDArray[np.uint8]:
        """(count, size); what is in it is nobody's."""
        if count * size > KEPT_BYTES:
            return np.empty((count, size), np.uint8)
        if self._kept.size < count * size:
            self._kept = np.empty(count * size, np.uint8)
        return self._kept[: count * size].reshape(count, size)


_scratch = _Scratch()


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame: a segment for each byte of each sample, most significant first; 1-bit frames are one packed segment.

    Where a segment ends early, a value is only known if every one of its bytes is: the rows from there on are 0.
    """
    if len(data) < 64:
        raise DecodeFailed("shorter than an RLE header")
    count, *offsets = struct.unpack_from("<16L", data)
    pixels = coding.pixels_per_frame
    if 64 * len(data) < pixels // 8:
        raise DecodeFailed("too short for its image: two bytes of a run give at most 128")
    if coding.bits_allocated == 1:
        size = (pixels + 7) // 8
        packed = _segment(data, offsets, 0, 1, np.empty(size + 2, np.uint8))[:size]
        array, rows = unpack_frame(packed.tobytes(), coding)
        return Decoded(array=array, precision=1, note=_note(rows, coding), rows_there=_there(rows, coding))
    size = (coding.bits_allocated + 7) // 8
    if count != size * coding.samples:
        raise DecodeFailed(f"{count} segments instead of {size * coding.samples}")
    scratch = _scratch.rows(count, pixels + 2)  # two more, to see a segment that is too long
    segments = [_segment(data, offsets, number, count, scratch[number]) for number in range(count)]
    rows = min(pixels, *map(len, segments)) // coding.cols
    note = _note(rows, coding)
    doubts: tuple[str, ...] = ()
    # The pad to an even length gives no byte; one more means that a run is longer than it was.
    if max(map(len, segments)) > pixels:
        note, doubts = f"{note} {LONGER}".strip(), (DAMAGED,)
    there = rows * coding.cols
    values = np.zeros((coding.samples, pixels), f"<u{coding.dtype.itemsize}")
    for number, segment in enumerate(segments):
        sample, byte = divmod(number, size)
        known = values[sample, :there]
        if byte:  # those before are the more significant ones
            known <<= 8
        known |= segment[:there]
    planes = values.reshape(coding.samples, coding.rows, coding.cols)
    array = planes[0] if coding.samples == 1 else np.ascontiguousarray(planes.transpose(1, 2, 0))
    there_only = _there(rows, coding)
    return Decoded(array=array, precision=coding.bits_allocated, note=note, rows_there=there_only, doubts=doubts)


def _there(rows: int, coding: Coding) -> int | None:
    return rows if rows < coding.rows else None


def _note(rows: int, coding: Coding) -> str:
    if rows == 0:
        raise DecodeFailed("its segments end before the first row does")
    return rows_note(rows, coding)


def _segment(data: bytes, offsets: list[int], number: int, count: int, out: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One segment's bytes, as many as there are and `out` holds; they may lie in `out`."""
    start = offsets[number]
    end = min(offsets[number + 1], len(data)) if number + 1 < count else len(data)
    if not 64 <= start <= len(data):
        raise DecodeFailed("segment offsets lead outside the frame")
    segment = data[start:end]
    try:
        return np.frombuffer(imagecodecs.packbits_decode(segment, out=out.data), np.uint8)
    except CODEC_ERRORS:  # longer than it should be, or broken off
        pass
    try:
        whole = imagecodecs.packbits_decode(segment)
    except CODEC_ERRORS:
        try:
            whole = imagecodecs.packbits_decode(_without_broken_run(segment))
        except CODEC_ERRORS as error:
            raise DecodeFailed(str(error)) from error
    return np.frombuffer(whole[: out.size], np.uint8)


def _without_broken_run(segment: bytes) -> bytes:
    """A segment that breaks off inside a run, up to the byte before it (PS3.5 G.3.2)."""
    position, size = 0, len(segment)
    while position < size:
        head = segment[position]
        after = position + 1 + (head + 1 if head < 128 else head > 128)
        if after > size:
            break
        position = after
    literal = segment[position + 1 :] if position < size and segment[position] < 128 else b""
    return segment[:position] + (bytes([len(literal) - 1]) + literal if literal else b"")
