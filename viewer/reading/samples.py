"""From decoded components to stored values: unused bits, sign, colour. The only place where these happen."""

import numpy as np
from numpy.typing import NDArray

from viewer.reading.coding import MONOCHROME, Coding
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
    if coding.is_float or coding.bits_allocated in (1, 12):
        return samples
    return _extend(samples, coding.bits_stored, coding.high_bit)


def stored_from_decoded(decoded: Decoded, coding: Coding) -> NDArray[np.generic]:
    """Components of a compressed frame as values of the header's sign and size.

    JPEG 2000 and JPEG-LS say their precision; where the sign of the stream and of the header differ, the header's is
    applied at that precision. The other codecs know no sign: it is extended from Bits Stored.
    """
    array = decoded.array
    if coding.bits_allocated == 1 or array.dtype.kind == "f":
        return array
    if decoded.coded_signed is not None:
        mono = coding.photometric in (*MONOCHROME, "PALETTE COLOR")
        if mono and decoded.coded_signed != coding.signed and decoded.precision:
            array = _extend(_resized(array, coding), decoded.precision, decoded.precision - 1)
        return _resized(array, coding)
    # A stream of fewer bits than High Bit reaches holds shifted-down values; the others hold the words of the file.
    whole_words = not decoded.precision or decoded.precision > coding.high_bit
    high_bit = coding.high_bit if whole_words else coding.bits_stored - 1
    return _extend(_resized(array, coding), coding.bits_stored, high_bit)


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
    if array.dtype.kind == "u" and up == down and not np.any(array >> np.array(bits, array.dtype)):
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


def ybr_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """ybr: (row, col, 3) full range, chroma centred on 128. Returns the same shape (PS3.3 C.7.6.3.1.2)."""
    values = ybr.astype(np.float32)
    values -= np.array([0, 128, 128], np.float32)
    np.matmul(values, YBR_TO_RGB, out=values)
    values += 0.5
    np.floor(values, out=values)
    np.clip(values, 0, 255, out=values)
    return values.astype(np.uint8)


def ybr_partial_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Retired YBR_PARTIAL: luma 16..235, chroma 16..240 (ITU-R BT.601). ybr: (row, col, 3)."""
    values = ybr.astype(np.float32)
    values[..., 0] = (values[..., 0] - 16) * (255 / 219)
    values[..., 1:] = (values[..., 1:] - 128) * (255 / 224)
    rgb: NDArray[np.uint8] = np.clip(np.floor(values @ YBR_TO_RGB + 0.5), 0, 255).astype(np.uint8)
    return rgb
