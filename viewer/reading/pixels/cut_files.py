"""What a header alone tells of pixels that are not there: for uncompressed ones the length is known."""

from typing import TYPE_CHECKING

from viewer.core.errors import AppError
from viewer.reading.pixels.coding import read_coding
from viewer.reading.pixels.native import frame_bits, whole_rows
from viewer.reading.pixels.promise import frame_size_bytes

if TYPE_CHECKING:
    from viewer.reading.dicom.parsed_file import DicomFile

CUT_SHORT = "file cut short"
# What else stands in `PixelFacts.doubts` of pixels that may not be what was once written.
DAMAGED = "image may be damaged"


def missing_pixels(file: "DicomFile", frames: int) -> str:
    """Such as "85 of 143 rows are there"; "" where all are, or where only decoding can tell.

    frames: Number of Frames. Costs a product and a comparison for a file that is whole.
    """
    pixels = file.header.pixels
    if pixels is None or pixels.length < 0:
        return ""
    held = max(0, min(file.end, pixels.offset + pixels.length) - pixels.offset)
    if held >= frames * frame_size_bytes(file):
        return ""
    try:
        coding = read_coding(file.header, file.path)  # the exact length: 4:2:2 takes less, and bits are packed
    except AppError:
        return ""  # reading it says why
    whole, rest = divmod(8 * held, frame_bits(coding))
    if whole >= coding.frames:
        return ""
    if coding.frames > 1:
        return f"{whole} of {coding.frames} frames are there"
    return f"{whole_rows(rest, coding)} of {coding.rows} rows are there"
