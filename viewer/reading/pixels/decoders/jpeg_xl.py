"""JPEG XL, lossless, recompressed JPEG and lossy (PS3.5 8.2.14)."""

import imagecodecs

from viewer.reading.codestreams.jpeg_xl import jpeg_xl_size
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import CODEC_ERRORS, Decoded, DecodeFailed, check_stream_size


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; the codec undoes XYB and YCbCr itself, so colour comes as RGB. It has no sign."""
    rows, cols = jpeg_xl_size(data)
    if not rows:
        raise DecodeFailed("no JPEG XL stream begins here")
    check_stream_size(rows, cols, coding)
    try:
        array = imagecodecs.jpegxl_decode(data)
    except CODEC_ERRORS as error:
        raise DecodeFailed(str(error)) from error
    # It codes values, not words: what stands above Bits Stored is a part of them.
    precision, sign = (8 * array.dtype.itemsize, False) if array.dtype.kind == "u" else (0, None)
    return Decoded(array=array, precision=precision, coded_signed=sign, is_rgb=True if coding.samples == 3 else None)
