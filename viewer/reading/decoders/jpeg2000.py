"""JPEG 2000 and High-Throughput JPEG 2000 (PS3.5 8.2.4, 8.2.13)."""

import imagecodecs

from viewer.reading.coding import Coding
from viewer.reading.decoder import CODEC_ERRORS, Decoded, DecodeFailed, StreamTooLarge, check_stream_size
from viewer.reading.jpeg2000_stream import read_jpeg2000_stream

# OpenJPEG reads no High-Throughput stream above this; OpenJPH does.
OPENJPEG_HT_BITS = 16
# Measured with noise of the full range: OpenJPEG gives back 24 bits exactly and 25 not always.
EXACT_BITS = 24
END = b"\xff\xd9"
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
    body = data[stream.start :]
    is_exact = stream.precision <= EXACT_BITS
    try:
        array = imagecodecs.jpeg2k_decode(body)
    except CODEC_ERRORS as error:
        # `htj2k_decode` wraps round on lossy streams and fills what is cut off with anything it likes.
        if stream.precision <= OPENJPEG_HT_BITS or not stream.is_reversible or not body.rstrip(b"\0").endswith(END):
            raise DecodeFailed(str(error)) from error
        # It also crashes and hangs on broken ones.
        from viewer.reading.fallback import codec_in_child

        array = codec_in_child("htj2k", body, coding.pixels_per_frame * coding.samples * coding.dtype.itemsize)
        is_exact = True
    notes = []
    if stream.start and not data.startswith(JP2):
        notes.append("Before the compressed image stands something unknown; it may be damaged.")
    if not is_exact:
        notes.append(f"Its {stream.precision}-bit values may be off: the decoder is exact to {EXACT_BITS}.")
    # OpenJPEG takes components of unequal size for YCbCr and converts them.
    is_rgb = array.ndim == 3 and (stream.has_component_transform or stream.is_subsampled)
    return Decoded(
        array=array,
        precision=stream.precision,
        coded_signed=stream.signed,
        is_rgb=True if is_rgb else None,
        note=" ".join(notes),
    )
