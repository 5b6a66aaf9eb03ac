"""JPEG lossless, non-hierarchical (process 14, all selection values; PS3.5 8.2.1)."""

from dataclasses import replace

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded
from viewer.reading.pixels.jpeg_frame import decode_jpeg, is_lossless

LOSSY = "The file says its pixels are JPEG lossless; the compressed image is lossy JPEG."


def decode(data: bytes, coding: Coding) -> Decoded:
    """One frame. A stream with a DCT under such a name is shown as it is, and said to be lossy."""
    decoded = decode_jpeg(data, coding)
    return decoded if is_lossless(data) else replace(decoded, note=f"{decoded.note} {LOSSY}".strip())
