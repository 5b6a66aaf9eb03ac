"""JPEG processes with a DCT: baseline, extended (8 and 12 bit) and the retired ones (PS3.5 8.2.1)."""

import imagecodecs
import numpy as np

from viewer.reading.coding import Coding
from viewer.reading.decoder import CODEC_ERRORS, Decoded, DecodeFailed, check_stream_size
from viewer.reading.jpeg_stream import LOSSLESS, damage, read_jpeg_stream


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame, components as coded: for colour, libjpeg is told that what goes in is what comes out.

    libjpeg fills what a cut stream lacks with grey and says nothing, so the missing end marker has to.
    """
    stream = read_jpeg_stream(data)
    check_stream_size(stream.rows, stream.cols, coding)
    space = "ycbcr" if len(stream.component_ids) == 3 else None
    try:
        array = imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace=space)
    except CODEC_ERRORS as error:
        # A lossless stream under a DCT syntax is known from real files.
        if stream.frame_marker != LOSSLESS:
            raise DecodeFailed(str(error)) from error
        try:
            array = np.ascontiguousarray(imagecodecs.jpegsof3_decode(data))
        except CODEC_ERRORS:
            raise DecodeFailed(str(error)) from error
    return Decoded(array=array, precision=stream.precision, is_rgb=stream.is_rgb, note=damage(data))
