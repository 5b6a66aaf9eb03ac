"""What a header promises of its pixels, held against what the file holds, before anything is allocated."""

from typing import TYPE_CHECKING

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.pixels.decoders import NATIVE
from viewer.reading.sources.limits import PACKED_FLOOR_BYTES, PACKED_RATIO, check_frame_size, size_words

if TYPE_CHECKING:
    from viewer.reading.dicom.parsed_file import DicomFile

# The longest real ones (perfusion, microscopy) have some ten thousand; the header's text could say 10**12.
MAX_FRAMES = 200_000
# A cut file shows its rows that are there; with less than a 64th of them there is nothing to show, and blank rows cost
# memory. Small promises are kept in any case.
NATIVE_RATIO, NATIVE_FLOOR_BYTES = 64, 64 << 20
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
            f"{file.path} says it holds {frames:,} image(s) of {rows} x {cols} pixels, but has only {size_words(held)} "
            "of pixel data; its header is wrong or most of it is missing: copy it again."
        )
