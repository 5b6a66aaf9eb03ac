"""JPEG-LS, lossless and near lossless (PS3.5 8.2.3)."""

import imagecodecs
import numpy as np

from viewer.reading.codestreams.jpeg import has_end, read_jpeg_stream
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import CODEC_ERRORS, Decoded, DecodeFailed, check_stream_size


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; the stream has no sign, so values are unsigned at its precision. Returns (row, col[, component])."""
    stream = read_jpeg_stream(data)
    check_stream_size(stream.rows, stream.cols, coding)
    if not has_end(data):
        # CharLS refuses such a stream too, but was seen to search for 12 s in one of 3 kB first.
        raise DecodeFailed("its JPEG-LS stream has no end")
    try:
        array = imagecodecs.jpegls_decode(data)
    except CODEC_ERRORS as error:
        raise DecodeFailed(str(error)) from error
    if array.ndim == 3 and array.shape[0] == coding.samples != array.shape[2]:
        # Components that are not interleaved come plane by plane.
        array = np.ascontiguousarray(array.transpose(1, 2, 0))
    return Decoded(array=array, precision=stream.precision, is_rgb=stream.is_rgb, coded_signed=False)
