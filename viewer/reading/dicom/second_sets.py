"""A second data set behind the pixels of the first: two images in one file, of which one is shown."""

import struct

from viewer.reading.dicom.parsed_file import DicomFile
from viewer.reading.dicom.walker import LONG_VRS, PIXEL_TAGS, SHORT_VRS

PREAMBLE_BYTES = 128
FIRST_GROUPS = (0x0002, 0x0004, 0x0008)
LOOKED_AT = PREAMBLE_BYTES + 4
SECOND_SET = "A second data set follows in the same file; the first one is shown."
PIXELS_TWICE = "The file holds its pixels twice; the first ones are shown."


def second_set_words(file: DicomFile) -> str:
    """A sentence where another data set, or other pixels, lie behind the pixels; "" for every other file.

    Of compressed pixels the end is known once a frame was read. Data Set Trailing Padding, signatures and zeros are no
    data set.
    """
    end = _end_of_pixels(file)
    if end is None or end + 8 > file.end:
        return ""
    data = file.read(end, LOOKED_AT)
    if data[PREAMBLE_BYTES:] == b"DICM" or data[:4] == b"DICM":
        return SECOND_SET
    order = ">" if file.header.syntax.big_endian else "<"
    group, element = struct.unpack_from(order + "HH", data)
    vr = data[4:6]
    known = vr in SHORT_VRS or vr in LONG_VRS
    if not known and struct.unpack_from(order + "L", data, 4)[0] > file.end - end:
        return ""
    if group << 16 | element in PIXEL_TAGS:
        return PIXELS_TWICE
    if group in FIRST_GROUPS and (group, element) != (0x0008, 0x0000):
        return SECOND_SET
    return ""


def _end_of_pixels(file: DicomFile) -> int | None:
    pixels = file.header.pixels
    if pixels is None:
        return None
    if pixels.length >= 0:
        return pixels.offset + pixels.length
    found = file.fragments
    if found is None or not found.is_ended or not found.pieces:
        return None
    offset, length = found.pieces[-1]
    return offset + length + 8  # the end mark
