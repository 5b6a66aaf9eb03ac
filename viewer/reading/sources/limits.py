"""How much a file may ask for: budgets that are checked before anything is allocated.

A few wrong bytes in a header can promise any size. Whatever a file promises is held against these numbers and against
what it really holds, so that no file takes the machine's memory or the window's time.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.pixels.decoders import NATIVE

if TYPE_CHECKING:
    from viewer.reading.dicom.dicom_file import DicomFile

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
# The longest real ones (perfusion, microscopy) have some ten thousand; the header's text could say 10**12.
MAX_FRAMES = 200_000
# A cut file shows its rows that are there; with less than a 64th of them there is nothing to show, and blank rows cost
# memory. Small promises are kept in any case.
NATIVE_RATIO, NATIVE_FLOOR_BYTES = 64, 64 << 20
# A blank 16-bit image takes a 2,000th as JPEG 2000; beyond that a stream is a bomb, or another image's header.
PACKED_RATIO, PACKED_FLOOR_BYTES = 1 << 14, 256 << 20
ITEM_HEAD_BYTES = 8

ROWS, COLUMNS, SAMPLES, ALLOCATED = 0x00280010, 0x00280011, 0x00280002, 0x00280100
FLOAT_PIXELS, DOUBLE_PIXELS = 0x7FE00008, 0x7FE00009


def frame_size_bytes(file: "DicomFile") -> int:
    """What one frame takes by its header, before anything is packed; 0 without pixels."""
    header, pixels = file.header, file.header.pixels
    if pixels is None:
        return 0
    rows, cols = header.integer(ROWS) or 0, header.integer(COLUMNS) or 0
    allocated = {FLOAT_PIXELS: 32, DOUBLE_PIXELS: 64}.get(pixels.tag) or header.integer(ALLOCATED) or 0
    return max(0, rows * cols * (header.integer(SAMPLES) or 1) * allocated) // 8


def check_promise(file: "DicomFile", frames: int) -> None:
    """Hold what the header promises against what the file holds. Raises BadFile or UnsupportedFile, naming both.

    frames: Number of Frames. Allocates nothing. Numbers that are missing are left to `viewer.reading.pixels.coding`.
    """
    header = file.header
    pixels = header.pixels
    if pixels is None:
        return
    if frames > MAX_FRAMES:
        raise UnsupportedFile(f"{file.path} says it has {frames:,} frames; over {MAX_FRAMES:,} are not read.")
    rows, cols = header.integer(ROWS) or 0, header.integer(COLUMNS) or 0
    frame_bytes = frame_size_bytes(file)
    check_frame_size(file.path, rows, cols, frame_bytes)
    held = max(0, file.end - pixels.offset)
    is_native = pixels.length >= 0 or header.transfer_syntax in NATIVE
    if is_native:
        promised, most = frames * frame_bytes, max(NATIVE_FLOOR_BYTES, NATIVE_RATIO * held)
        too_little = False
    else:
        promised, most = frame_bytes, max(PACKED_FLOOR_BYTES, PACKED_RATIO * held)
        too_little = frames > 1 and frames * ITEM_HEAD_BYTES > held
    if promised > most or too_little:
        raise BadFile(
            f"{file.path} says it holds {frames:,} image(s) of {rows} x {cols} pixels, but has only {_size(held)} of "
            "pixel data; its header is wrong or most of it is missing: copy it again."
        )


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
            f"{_size(held)}; it is damaged: ask for a new copy."
        )


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1 << 20 else f"{count / (1 << 20):,.1f} MiB"
