"""How much a file may ask for: budgets that are checked before anything is allocated.

A few wrong bytes in a header can promise any size. Whatever a file promises is held against these numbers and against
what it really holds, so that no file takes the machine's memory or the window's time.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.errors import BadFile, UnsupportedFile

if TYPE_CHECKING:
    pass

# The longest headers have items for some ten thousand frames (100 MiB); a document inside one may be as long.
MAX_HEADER_BYTES = 1 << 28
MAX_INFLATED_BYTES = 1 << 30
# Deeper and longer than any header that means something.
MAX_DEPTH = 24
MAX_ELEMENTS = 2_000_000
# Top-level elements of a header that is still not at its end; a real one has some hundred.
MAX_TOP_ELEMENTS = 100_000
# What pydicom is given, in this process, of a header that the own walker does not know; see `foreign_header`.
MAX_FOREIGN_BYTES = 1 << 20
# What the tag panel lists of a header.
MAX_LISTED_BYTES = 16 << 20
MAX_ROWS = 20_000

# One frame larger than this is refused, its samples counted: decoding takes several times as much. A film of 35 x 43 cm
# at 25 micrometres has 480 MiB; a whole-slide level is tiled far below.
MAX_FRAME_BYTES = 1 << 29
# A blank 16-bit image takes a 2,000th as JPEG 2000; beyond that a stream is a bomb, or another image's header.
PACKED_RATIO, PACKED_FLOOR_BYTES = 1 << 14, 256 << 20


def check_frame_size(path: Path, rows: int, cols: int, frame_bytes: int) -> None:
    """Refuse a frame that is larger than any that is read. Raises UnsupportedFile."""
    if frame_bytes > MAX_FRAME_BYTES:
        raise UnsupportedFile(
            f"{path} says one image has {rows} x {cols} pixels; over {MAX_FRAME_BYTES >> 20} MiB is not read."
        )


def check_picture_size(path: Path, rows: int, cols: int, pixel_bytes: int) -> None:
    """Refuse a picture that is too large, or larger than its file can hold. Raises UnsupportedFile or BadFile.

    pixel_bytes: of all samples of one pixel.
    """
    size = rows * cols * pixel_bytes
    check_frame_size(path, rows, cols, size)
    held = path.stat().st_size
    if size > max(PACKED_FLOOR_BYTES, PACKED_RATIO * held):
        raise BadFile(
            f"{path} says it holds a picture of {rows} x {cols} pixels of {pixel_bytes} bytes, but has only "
            f"{size_words(held)}; it is damaged: ask for a new copy."
        )


def size_words(count: int) -> str:
    """Bytes in words: as they are below a MiB."""
    return f"{count:,} bytes" if count < 1 << 20 else f"{count / (1 << 20):,.1f} MiB"
