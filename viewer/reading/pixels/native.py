"""Uncompressed frames: bytes to arrays (PS3.5 8.1, 8.2)."""

import numpy as np
from numpy.typing import NDArray

from viewer.reading.dicom.parsed_file import DicomFile
from viewer.reading.dicom.walker import PixelElement
from viewer.reading.pixels.coding import Coding

# GE's private syntax: implicit little endian with the pixel words big endian.
GE_PRIVATE = "1.2.840.113619.5.2"


def frame_bits(coding: Coding) -> int:
    """Bits one frame takes in the file; 1- and 12-bit frames need not begin on a byte."""
    samples = coding.pixels_per_frame * coding.samples
    if coding.is_422:
        samples = coding.pixels_per_frame * 2
    return samples * coding.bits_allocated


def read_native(file: DicomFile, pixels: PixelElement, coding: Coding, index: int) -> tuple[NDArray[np.generic], int]:
    """Frame `index` as (row, col[, sample]) in file order of bits, and the number of whole rows that were there.

    Rows that the file does not reach are 0.
    """
    bits = frame_bits(coding)
    first_bit = index * bits
    start, skip = divmod(first_bit, 8)
    wanted = (skip + bits + 7) // 8
    big_endian = file.header.syntax.big_endian or file.header.transfer_syntax == GE_PRIVATE
    swap_words = file.header.syntax.big_endian and coding.bits_allocated == 8 and pixels.vr == b"OW"
    odd = start % 2 if swap_words else 0
    available = file.end if pixels.length < 0 else min(file.end, pixels.offset + pixels.length)
    take = wanted + odd
    take += take % 2 if swap_words else 0
    # The length in the header may be short by the pad byte only; the file's own end is the true bound.
    take = min(take, max(0, max(available, pixels.offset) - pixels.offset - start + odd))
    data = file.view(pixels.offset + start - odd, take) if take > 0 else b""
    if swap_words:
        # 8-bit samples in 16-bit big endian words stand pairwise swapped.
        even = len(data) // 2 * 2
        data = np.frombuffer(data, ">u2", even // 2).astype("<u2").tobytes()[odd : odd + wanted]
    whole = whole_rows(8 * len(data) - skip, coding)
    if whole == 0:
        # Nothing is allocated for a header that promises much over a file that holds nothing.
        return np.empty((0, 0), coding.dtype), 0
    return unpack_frame(data, coding, skip=skip, big_endian=big_endian)


def unpack_frame(
    data: bytes | memoryview, coding: Coding, *, skip: int = 0, big_endian: bool = False
) -> tuple[NDArray[np.generic], int]:
    """The samples of one frame as (row, col[, sample]), and the number of whole rows in `data`; the rest is 0.

    skip: bits of `data` before the frame begins; 1-bit samples are packed low bit first (PS3.5 8.1.1).
    """
    whole = whole_rows(8 * len(data) - skip, coding)
    wanted = (skip + frame_bits(coding) + 7) // 8
    if len(data) < wanted:
        data = bytes(data).ljust(wanted, b"\0")
    array = _shape(_samples(data, skip, coding, big_endian=big_endian), coding)
    if whole < coding.rows:
        array = array.copy()
        array[whole:] = 0
    return array, whole


def whole_rows(bits: int, coding: Coding) -> int:
    """Rows that `bits` bits reach; with one colour after the other a row is there when its last colour is."""
    if coding.samples > 1 and coding.planar and not coding.is_422:
        plane = coding.pixels_per_frame * coding.bits_allocated
        bits = (bits - (coding.samples - 1) * plane) * coding.samples
    return min(coding.rows, max(0, bits) * coding.rows // frame_bits(coding))


def _samples(data: bytes | memoryview, skip: int, coding: Coding, *, big_endian: bool) -> NDArray[np.generic]:
    count = frame_bits(coding) // coding.bits_allocated
    if coding.bits_allocated == 1:
        return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[skip : skip + count]
    if coding.bits_allocated == 12:
        return _unpack_12(data, skip, count).view(coding.dtype)
    if coding.bits_allocated == 24:
        low = np.frombuffer(data, np.uint8, count * 3).reshape(count, 3).astype(np.uint32)
        low = low[:, ::-1] if big_endian else low
        return (low[:, 0] | low[:, 1] << 8 | low[:, 2] << 16).view(coding.dtype)
    stored = coding.dtype.newbyteorder(">" if big_endian else "<")
    # Where the file's order is this machine's, the bytes that were read are the frame: no second copy of a stack.
    samples = np.frombuffer(data, stored, count).astype(coding.dtype, copy=False)
    return samples if samples.flags.aligned else samples.copy()


def _unpack_12(data: bytes | memoryview, skip: int, count: int) -> NDArray[np.uint16]:
    """12 bits a sample without gaps, low byte first (retired ACR-NEMA packing)."""
    padded = np.frombuffer(bytes(data) + b"\0\0\0", np.uint8).astype(np.uint16)
    position = skip + 12 * np.arange(count)
    byte = position // 8
    aligned = position % 8 == 0
    low = padded[byte] | padded[byte + 1] << 8
    return np.where(aligned, low & 0xFFF, low >> 4).astype(np.uint16)


def _shape(samples: NDArray[np.generic], coding: Coding) -> NDArray[np.generic]:
    rows, cols = coding.rows, coding.cols
    if coding.samples == 1:
        return samples.reshape(rows, cols)
    if coding.is_422:
        return _expand_422(samples, rows, cols)
    if coding.planar:
        return np.ascontiguousarray(samples.reshape(coding.samples, rows, cols).transpose(1, 2, 0))
    return samples.reshape(rows, cols, coding.samples)


def _expand_422(samples: NDArray[np.generic], rows: int, cols: int) -> NDArray[np.generic]:
    """Y1 Y2 B R for two pixels each -> Y1 B R, Y2 B R (PS3.3 C.7.6.3.1.2). Returns (row, col, 3)."""
    pairs = samples.reshape(-1, 4)
    out = np.empty((len(pairs), 2, 3), samples.dtype)
    out[:, :, 0] = pairs[:, :2]
    out[:, :, 1] = pairs[:, 2, None]
    out[:, :, 2] = pairs[:, 3, None]
    return out.reshape(rows, cols, 3)
