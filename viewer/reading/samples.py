"""From decoded components to stored values: unused bits, sign, colour. The only place where these happen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded

# ITU-T T.871 section 7 in the form pydicom uses, so that both give the same integers (rows Y, Cb, Cr; columns R, G, B).
YBR_TO_RGB = np.array(
    [
        [1.000, 1.000, 1.000],
        [0.000, -0.114 * 1.772 / 0.587, 1.772],
        [1.402, -0.299 * 1.402 / 0.587, 0.000],
    ],
    np.float32,
)


def stored_from_native(samples: NDArray[np.generic], coding: Coding) -> NDArray[np.generic]:
    """Uncompressed samples with unused bits dropped and the sign extended from Bits Stored (PS3.5 8.1.1)."""
    if coding.is_float or coding.bits_allocated == 1:
        return samples
    return _extend(samples, coding.bits_stored, coding.high_bit)


def stored_from_decoded(decoded: Decoded, coding: Coding) -> tuple[NDArray[np.generic], str]:
    """Components of a compressed frame as values of the header's sign and size, and what of them had to be dropped.

    JPEG 2000 and JPEG-LS say their precision; where the sign of the stream and of the header differ, the header's is
    applied at that precision, or at Bits Stored when that is less. The other codecs know no sign: it is extended from
    Bits Stored. Those that code whole words keep High Bit where the header has it; in all others a value ends at bit 0.
    """
    array = decoded.array
    if coding.bits_allocated == 1 or array.dtype.kind == "f":
        return array, ""
    if decoded.coded_signed is not None:
        return _of_known_precision(decoded, coding)
    high_bit = coding.high_bit if decoded.precision > coding.high_bit else coding.bits_stored - 1
    return _extend(_resized(array, coding), coding.bits_stored, high_bit), ""


def _of_known_precision(decoded: Decoded, coding: Coding) -> tuple[NDArray[np.generic], str]:
    whole = _resized(decoded.array, coding)
    if coding.samples > 1 or not decoded.precision:
        return whole, ""
    bits = min(decoded.precision, coding.bits_stored)
    differs = decoded.coded_signed != coding.signed
    kept = _extend(whole, bits, bits - 1) if differs or bits < decoded.precision else whole
    if differs or kept is whole or np.array_equal(kept, whole):
        return kept, ""
    dropped = (
        f"The compressed image has {decoded.precision} bits a pixel; those above Bits Stored, {bits}, were dropped."
    )
    return kept, dropped


def _resized(array: NDArray[np.generic], coding: Coding) -> NDArray[np.generic]:
    """The same bits in the header's dtype; a stream of fewer bytes is widened with its own sign."""
    size = array.dtype.itemsize
    if size < coding.dtype.itemsize and coding.samples == 1:
        kind = array.dtype.kind
        return array.astype(f"{kind}{coding.dtype.itemsize}").view(coding.dtype)
    return array.view(f"{'i' if coding.signed and coding.samples == 1 else 'u'}{size}")


def _extend(array: NDArray[np.generic], bits: int, high_bit: int) -> NDArray[np.generic]:
    size_bits = 8 * array.dtype.itemsize
    up, down = size_bits - 1 - high_bit, size_bits - bits
    if down == 0:
        return array
    if array.dtype.kind == "u" and up == down and int(array.max(initial=0)) >> bits == 0:
        return array
    shifted: NDArray[np.generic] = (array << np.array(up, array.dtype)) >> np.array(down, array.dtype)
    return shifted


def is_coded_ybr(decoded: Decoded | None, coding: Coding) -> bool:
    """Whether three components are luma and chroma: the header says, unless the code stream contradicts it."""
    if coding.samples != 3:
        return False
    if decoded is not None and decoded.is_rgb is not None:
        return not decoded.is_rgb
    return coding.photometric in ("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420")


def ybr_to_rgb(ybr: NDArray[np.generic], bits: int) -> NDArray[np.generic]:
    """ybr: (row, col, 3) full range, chroma centred on half of it. Returns the same shape (PS3.3 C.7.6.3.1.2)."""
    half, top = float(1 << (bits - 1)), float((1 << bits) - 1)
    # A single float holds the products exactly enough for 8 bits only.
    values: NDArray[Any] = ybr.astype(np.float32 if bits <= 8 else np.float64)
    values -= np.array([0, half, half], values.dtype)
    np.matmul(values, YBR_TO_RGB.astype(values.dtype), out=values)
    values += 0.5
    np.floor(values, out=values)
    np.clip(values, 0, top, out=values)
    return values.astype(ybr.dtype)


def ybr_partial_to_rgb(ybr: NDArray[np.generic], bits: int) -> NDArray[np.generic]:
    """Retired YBR_PARTIAL: luma 16..235, chroma 16..240 (ITU-R BT.601), of 8 bits or scaled. ybr: (row, col, 3)."""
    unit, top = float(1 << max(0, bits - 8)), float((1 << bits) - 1)
    values: NDArray[Any] = ybr.astype(np.float64)
    values[..., 0] = (values[..., 0] - 16 * unit) * (top / (219 * unit))
    values[..., 1:] = (values[..., 1:] - 128 * unit) * (top / (224 * unit))
    return np.clip(np.floor(values @ YBR_TO_RGB.astype(np.float64) + 0.5), 0, top).astype(ybr.dtype)
