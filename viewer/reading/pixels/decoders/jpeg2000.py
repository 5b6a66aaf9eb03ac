"""JPEG 2000 and High-Throughput JPEG 2000 (PS3.5 8.2.4, 8.2.13).

Of a stream that is cut short only whole tiles are shown, and one without a whole row of tiles is refused. A decoder
that is told not to be strict gives a picture of the rest, but it is softened everywhere and nothing in it says where:
of the real files, cut by a tenth, 7 % of an MR's values were right and 80 % of a CT's, the others wrong by up to
5,409, and every row had wrong ones. Such values would be measured; a frame is one tile in nearly all files.
"""

from dataclasses import replace

import imagecodecs

from viewer.reading.codestreams.jpeg2000 import END, Jpeg2000Stream, read_jpeg2000_stream, read_tile_parts
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import (
    CODEC_ERRORS,
    Decoded,
    DecodeFailed,
    StreamCut,
    StreamTooLarge,
    check_stream_size,
    rows_note,
)

# OpenJPEG reads no High-Throughput stream above this; OpenJPH does.
OPENJPEG_HT_BITS = 16
# Measured with noise of the full range: OpenJPEG gives back 24 bits exactly and 25 not always.
EXACT_BITS = 24
JP2 = b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a"  # the signature box of a JP2 file (ISO 15444-1 I.5.1)
# A tile's number has 16 bits (ISO 15444-1 A.4.2); a grid of more would keep the codec busy for hours.
MOST_TILES = 65_535


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame. The code stream's own component transform is undone, so three components are as they went in.

    Only the code stream is handed on: the boxes of a JP2 file around it would make the codec convert colours.
    """
    stream = read_jpeg2000_stream(data)
    check_stream_size(stream.rows, stream.cols, coding)
    if not 0 < stream.tiles <= MOST_TILES:
        raise StreamTooLarge(f"it says it has {stream.tiles} tiles")
    body, rows = _whole_tiles(data, stream)
    is_exact = stream.precision <= EXACT_BITS
    try:
        array = imagecodecs.jpeg2k_decode(body)
    except CODEC_ERRORS as error:
        # `htj2k_decode` wraps round on lossy streams and fills what is cut off with anything it likes.
        if stream.precision <= OPENJPEG_HT_BITS or not stream.is_reversible or not body.rstrip(b"\0").endswith(END):
            raise DecodeFailed(str(error)) from error
        # It also crashes and hangs on broken ones.
        from viewer.reading.pixels.fallback import codec_in_child

        array = codec_in_child("htj2k", body, coding.pixels_per_frame * coding.samples * coding.dtype.itemsize)
        is_exact = True
    notes = []
    if stream.start and not data.startswith(JP2):
        notes.append("Before the compressed image stands something unknown; it may be damaged.")
    if not is_exact:
        notes.append(f"Its {stream.precision}-bit values may be off: the decoder is exact to {EXACT_BITS}.")
    if rows < stream.rows:
        array[rows:] = 0
        notes.append(rows_note(rows, replace(coding, rows=stream.rows)))
    # OpenJPEG takes components of unequal size for YCbCr and converts them.
    is_rgb = array.ndim == 3 and (stream.has_component_transform or stream.is_subsampled)
    return Decoded(
        array=array,
        precision=stream.precision,
        coded_signed=stream.signed,
        is_rgb=True if is_rgb else None,
        note=" ".join(notes),
        rows_there=rows if rows < stream.rows else None,
    )


def _whole_tiles(data: bytes, stream: Jpeg2000Stream) -> tuple[bytes, int]:
    """(the code stream, the rows of the image that it holds). Raises StreamCut when not one is known to be right.

    The end marker is put back where tiles are complete without it: the codec takes the stream for broken else.
    """
    parts = read_tile_parts(data, stream.start)
    if parts.has_end:
        return data[stream.start :], stream.rows
    whole = parts.whole_tiles
    rows = stream.rows if whole >= stream.tiles else stream.rows_above(whole)
    if rows <= 0:
        raise StreamCut("its JPEG 2000 stream ends early, and a part of one gives wrong values everywhere")
    return data[stream.start : parts.end] + END, rows
