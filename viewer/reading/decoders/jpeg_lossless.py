"""JPEG lossless, non-hierarchical (process 14, all selection values; PS3.5 8.2.1)."""

import imagecodecs
import numpy as np

from viewer.reading.coding import Coding
from viewer.reading.decoder import CODEC_ERRORS, Decoded, DecodeFailed, check_stream_size
from viewer.reading.jpeg_stream import JPEG_LS, damage, read_jpeg_stream


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame; components as coded, unsigned. The codec takes some cut streams for whole: a missing end is said."""
    stream = read_jpeg_stream(data)
    check_stream_size(stream.rows, stream.cols, coding)
    if stream.frame_marker == JPEG_LS:
        raise DecodeFailed("a JPEG-LS stream under the name of JPEG lossless")
    try:
        array = np.ascontiguousarray(imagecodecs.jpegsof3_decode(data))
    except CODEC_ERRORS as error:
        # `ljpeg_decode` reads some more streams and crashes on one broken one in eighty: only in the child.
        raise DecodeFailed(str(error)) from error
    return Decoded(array=array, precision=stream.precision, is_rgb=stream.is_rgb, note=damage(data))
