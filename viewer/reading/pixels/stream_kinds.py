"""Compressed frames that are of another kind than their transfer syntax says: read by what they are, and said."""

from dataclasses import replace

from viewer.core.registry import load
from viewer.reading.codestreams.jpeg import JPEG_LS, read_jpeg_stream
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded
from viewer.reading.pixels.decoders import DECODERS

_BASE = "1.2.840.10008.1.2.4."
# Decoder (the file's name) -> (what it reads, in words; a transfer syntax of its own).
KINDS = {
    "jpeg": ("JPEG", _BASE + "50"),
    "jpeg_lossless": ("JPEG", _BASE + "70"),
    "jpeg_ls": ("JPEG-LS", _BASE + "80"),
    "jpeg2000": ("JPEG 2000", _BASE + "90"),
    "jpeg_xl": ("JPEG XL", _BASE + "110"),
}
# First bytes; those of JPEG and JPEG-LS are the same.
STARTS = {
    b"\xff\x4f\xff\x51": "jpeg2000",
    b"\x00\x00\x00\x0cjP  ": "jpeg2000",
    b"\xff\x0a": "jpeg_xl",
    b"\x00\x00\x00\x0cJXL ": "jpeg_xl",
}


def decode_stream(uid: str, data: bytes, coding: Coding) -> Decoded:
    """One frame by the decoder of its transfer syntax, or by that of another where the stream begins as one of its."""
    expected, found = DECODERS[uid].partition(":")[0].rpartition(".")[2], stream_kind(data)
    if expected not in KINDS or not found or KINDS[found][0] == KINDS[expected][0]:
        decoded: Decoded = load(DECODERS, uid)(data, coding)
        return decoded
    decoded = load(DECODERS, KINDS[found][1])(data, coding)
    said = f"The file says its pixels are {KINDS[expected][0]}; the compressed image is {KINDS[found][0]}."
    return replace(decoded, note=f"{decoded.note} {said}".strip())


def stream_kind(data: bytes) -> str:
    """Whose decoder a stream begins for, "" when it does not tell."""
    if data.startswith(b"\xff\xd8"):
        return "jpeg_ls" if read_jpeg_stream(data).frame_marker == JPEG_LS else "jpeg"
    return next((kind for start, kind in STARTS.items() if data.startswith(start)), "")
