"""The EXIF of a PNG, wherever it stands (PNG 3rd edition 11.3.4.5), without decoding the picture before it."""

import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

SIGNATURE_BYTES, HEAD_BYTES, CHECKSUM_BYTES = 8, 8, 4
# Far more than any writer makes; a file of empty chunks could have millions.
MOST_CHUNKS = 100_000
MOST_EXIF_BYTES = 1 << 20


def exif_of(image: "Image") -> "Exif":
    """EXIF of an open picture. Pillow decodes a whole PNG to see whether there is some behind its pixels.

    Raises ValueError when a PNG is cut short.
    """
    from PIL.Image import Image as Picture

    name = getattr(image, "filename", "")
    if image.format == "PNG" and name:
        with Path(name).open("rb") as file:
            found = png_exif(file)
        if found:
            image.info.setdefault("exif", b"Exif\0\0" + found)
    return Picture.getexif(image)


def png_exif(file: IO[bytes]) -> bytes:
    """The data of the eXIf chunk, b"" where there is none. Raises ValueError for a file without its end chunk."""
    file.seek(SIGNATURE_BYTES)
    found = b""
    for _ in range(MOST_CHUNKS):
        head = file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES:
            raise ValueError("it is cut short")
        length, kind = struct.unpack(">L4s", head)
        if kind == b"IEND":
            break
        after = file.tell() + length + CHECKSUM_BYTES
        if kind == b"eXIf" and not found:
            found = file.read(min(length, MOST_EXIF_BYTES))
        file.seek(after)
    return found
