"""One frame of any JPEG process but JPEG-LS (PS3.5 8.2.1): the stream says what it is, whatever its file calls it."""

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from viewer.reading.codestreams.jpeg import JPEG_LS, LOSSLESS, read_jpeg_stream
from viewer.reading.codestreams.jpeg_bare import BareJpeg, bare_jpeg
from viewer.reading.codestreams.jpeg_damage import decoded_if_whole, entropy_damage, structure_damage
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.pixels.decoder import (
    CODEC_ERRORS,
    Decoded,
    DecodeFailed,
    StreamCut,
    StreamTooLarge,
    check_stream_size,
)

# A progressive stream goes over its whole picture with every scan; real ones have some ten scans.
MOST_SCANS, MOST_SCANNED_PIXELS = 100, 1 << 30


def decode_jpeg(data: bytes, coding: Coding) -> Decoded:
    """One frame, components as coded: for colour, libjpeg is told that what goes in is what comes out.

    libjpeg knows every part of the standard that occurs: point transforms, restart intervals, colours in scans of
    their own, arithmetic coding, 2 to 16 bits. What a stream lost it fills with something, which is said.
    """
    stream = read_jpeg_stream(data)
    if stream.frame_marker == JPEG_LS:
        raise DecodeFailed("a JPEG-LS stream under the name of JPEG")
    bare = bare_jpeg(data)
    check_stream_size(bare.rows if bare else stream.rows, stream.cols, coding)
    if bare is None:
        raise DecodeFailed("its stream holds no scan")
    check_scans(bare, coding.pixels_per_frame)
    if bare.frame_marker == LOSSLESS and bare.lost_components:
        raise StreamCut("one of its colours is not there")
    array: NDArray[np.generic] | None = decoded_if_whole(bare)
    lost = ""
    if array is None:
        array = _decoded(bare)
        lost = structure_damage(bare) or entropy_damage(bare)
    return Decoded(
        array=array,
        precision=stream.precision,
        is_rgb=stream.is_rgb,
        note=lost,
        doubts=(DAMAGED,) if lost else (),
    )


def check_scans(bare: BareJpeg, pixels: int) -> None:
    """Raise StreamTooLarge for a stream that would keep a codec busy for minutes."""
    if len(bare.scans) > MOST_SCANS and len(bare.scans) * pixels > MOST_SCANNED_PIXELS:
        raise StreamTooLarge(f"it goes over its picture {len(bare.scans)} times")


def is_lossless(data: bytes) -> bool:
    """Whether a stream is coded without loss, by its frame header."""
    return read_jpeg_stream(data).frame_marker == LOSSLESS


def _decoded(bare: BareJpeg) -> NDArray[np.generic]:
    space = "ycbcr" if len(bare.component_ids) == 3 else None
    try:
        array: NDArray[np.generic] = imagecodecs.jpeg8_decode(bare.data, colorspace=space, outcolorspace=space)
    except CODEC_ERRORS as error:
        raise DecodeFailed(str(error)) from error
    return array
