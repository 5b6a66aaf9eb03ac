"""From decoded components to stored values: unused bits, sign, colour. The only place where these happen."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded

# ITU-T T.871 section 7 in the form pydicom uses, so that both give the same integers (rows Y, Cb, Cr; columns R, G, B).
YBR_TO_RGB = np.array(
    [
        [1.000, 1.000, 1.000],
        [0.000, -0.114 * 1.772 / 0.587, 1.772],
        [1.402, -0.299 * 1.402 / 0.587, 0.000],
    ],
    np.float32,
)

RUBBISH = "Above Bits Stored every pixel holds the same, which is no part of its value and was dropped."


def stored_from_native(samples: NDArray[np.generic], coding: Coding) -> NDArray[np.generic]:
    """Uncompressed samples with unused bits dropped and the sign extended from Bits Stored (PS3.5 8.1.1)."""
    if coding.is_float or coding.bits_allocated == 1:
        return samples
    return _extend(samples, coding.bits_stored, coding.high_bit)


def dropped_from_native(samples: NDArray[np.generic], stored: NDArray[np.generic], coding: Coding) -> str:
    """What to say where samples hold more than Bits Stored and it is not the same in all of them; "" elsewhere.

    PS3.5 8.1.1 leaves open what stands in bits that are not used, so it does not count, but it may be the larger part
    of a value that the header denies. stored: what `stored_from_native` made of them.
    """
    bits = coding.bits_stored
    if coding.is_float or bits >= 8 * samples.dtype.itemsize or coding.high_bit != bits - 1 or samples is stored:
        return ""
    if np.array_equal(samples, stored):  # as in nearly every image
        return ""
    above = samples.view(f"u{samples.dtype.itemsize}") >> np.array(bits, f"u{samples.dtype.itemsize}")
    if not above.size or int(above.min()) == int(above.max()) or not ((above != 0) & (samples != stored)).any():
        return ""
    return f"Some values have more than the {bits} bits that the header says; what stands above them was dropped."


def stored_from_decoded(
    decoded: Decoded, coding: Coding, *, has_planes: bool = False
) -> tuple[NDArray[np.generic], Coding, str]:
    """(values of the header's sign and size, the coding that they are in, what is odd about them or "").

    JPEG 2000 and JPEG-LS say their precision; where the sign of the stream and of the header differ, the header's is
    applied at that precision. The other codecs know no sign: it is extended from Bits Stored. Those that code whole
    words keep High Bit where the header has it; in all others a value ends at bit 0. Values that do not fit in Bits
    Stored never wrap round: they are given whole, in a coding that holds them. has_planes: what stands above the values
    is overlays (PS3.5-2004 8.1.2) and is dropped, as is what codecs of whole words have there alike in every pixel.
    """
    array = decoded.array
    if coding.bits_allocated == 1 or array.dtype.kind == "f":
        return array, coding, ""
    if coding.samples > 1 and 0 < decoded.precision < coding.bits_stored:
        # Of more bits than its colours have, an image would be dark to black.
        bits = decoded.precision
        said = f"The header says its colours have {coding.bits_stored} bits, the compressed image has {bits}; shown so."
        return _resized(array, coding), replace(coding, bits_stored=bits, high_bit=bits - 1), said
    if decoded.coded_signed is not None and decoded.precision:
        return _of_known_precision(decoded, coding, has_planes=has_planes)
    words = _resized(array, coding)
    bits = coding.bits_stored
    high_bit = coding.high_bit if decoded.precision > coding.high_bit else bits - 1
    precision = decoded.precision or 8 * words.dtype.itemsize
    if has_planes or high_bit != bits - 1 or precision <= bits:
        return _extend(words, bits, high_bit), coding, ""
    above = words.view(f"u{words.dtype.itemsize}") >> np.array(bits, f"u{words.dtype.itemsize}")
    if above.size and 0 < int(above.min()) == int(above.max()):
        kept = _extend(words, bits, high_bit)
        return kept, coding, "" if np.array_equal(kept, words) else RUBBISH  # the sign of negative values only
    return _of_two_kinds(words, coding, precision)


def _of_two_kinds(
    words: NDArray[np.generic], coding: Coding, precision: int
) -> tuple[NDArray[np.generic], Coding, str]:
    """words: values from bit 0 up, with nothing, the sign or a part of a larger value above Bits Stored."""
    bits = coding.bits_stored
    if precision <= bits or int(words.view(f"u{words.dtype.itemsize}").max(initial=0)) >> bits == 0:
        return _extend(words, bits, bits - 1), coding, ""  # a value alone, in two's complement where it has a sign
    return _whole_if_larger(_extend(words, precision, precision - 1), coding, precision)


def _whole_if_larger(
    values: NDArray[np.generic], coding: Coding, precision: int
) -> tuple[NDArray[np.generic], Coding, str]:
    """The values, said to have `precision` bits where one of them is too large, or too small, for Bits Stored."""
    signed, bits = values.dtype.kind == "i", coding.bits_stored
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if coding.signed else (0, (1 << bits) - 1)
    if not values.size or (low <= int(values.min()) and int(values.max()) <= high):
        return values.view(f"{'i' if coding.signed else 'u'}{values.dtype.itemsize}"), coding, ""
    odd = f"The compressed image holds values that do not fit in Bits Stored, {bits}"
    if coding.samples > 1:
        return values, coding, f"{odd}; they are shown as the brightest."  # else all of the picture would turn dark
    wider = replace(coding, bits_stored=precision, high_bit=precision - 1, signed=signed)
    return values, wider, f"{odd}; shown whole."


def _of_known_precision(
    decoded: Decoded, coding: Coding, *, has_planes: bool
) -> tuple[NDArray[np.generic], Coding, str]:
    whole = _resized(decoded.array, coding)
    bits, precision = min(decoded.precision, coding.bits_stored), decoded.precision
    differs = decoded.coded_signed != coding.signed and coding.samples == 1
    if precision <= coding.bits_stored or has_planes:
        kept = _extend(whole, bits, bits - 1) if differs or bits < precision else whole
        return kept, coding, ""
    if not differs:
        return _whole_if_larger(whole, coding, precision)
    if decoded.coded_signed:
        return _whole_if_larger(whole.view(f"i{whole.dtype.itemsize}"), coding, precision)
    return _of_two_kinds(whole, coding, precision)


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
