"""Segmentation objects: their frames are masks, which are shown as pictures only with the words that say so."""

from viewer.core.pixels import VoiFunction, Window
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header

SEGMENTATION_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")  # the second: label maps
TYPE, SEGMENTS, SEGMENT_NUMBER, SEGMENT_LABEL = 0x00620001, 0x00620002, 0x00620004, 0x00620005
IDENTIFICATION, REFERENCED_SEGMENT = 0x0062000A, 0x0062000B
MAXIMUM_FRACTION, FRACTIONAL_TYPE = 0x0062000E, 0x00620010
MOST_NAMED = 6


def is_segmentation(header: Header) -> bool:
    """Whether the object is a segmentation or a label map (PS3.3 A.51, A.101)."""
    return (header.text(0x00080016) or header.media_class) in SEGMENTATION_CLASSES


def segmentation_words(frame: FrameHeader) -> str:
    """One sentence that says what the frame's values are; "" for what is no segmentation (PS3.3 C.8.20.2)."""
    header = frame.header
    if not is_segmentation(header):
        return ""
    kind = header.text(TYPE).upper()
    if kind == "BINARY":
        return f"Mask of {_segment(frame)}, not an image: 1 is inside, 0 is outside."
    if kind == "FRACTIONAL":
        top = _word(header, MAXIMUM_FRACTION)
        share = f"value / {top}" if top else "value / largest value (which the file does not give)"
        meaning = {"PROBABILITY": "its probability", "OCCUPANCY": "its part of the pixel"}.get(
            header.text(FRACTIONAL_TYPE).upper(), "a fraction of an unknown kind"
        )
        return f"Mask of {_segment(frame)}, not an image: {share} is {meaning}."
    if kind == "LABELMAP":
        names = [f"{_word(one, SEGMENT_NUMBER)} is {_label(one)}" for one in header.items(SEGMENTS)]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"Label map, not an image: {', '.join(names[:MOST_NAMED]) or 'its segments have no names'}{more}."
    return "Segmentation, not an image; the file does not say of which kind."


def segmentation_windows(frame: FrameHeader) -> tuple[Window, ...]:
    """The whole range the values can have, so that an empty mask is black and a full one white; () when not known."""
    header = frame.header
    if not is_segmentation(header):
        return ()
    numbers = [_word(one, SEGMENT_NUMBER) for one in header.items(SEGMENTS)]
    kind = header.text(TYPE).upper()
    tops = {"BINARY": 1, "FRACTIONAL": _word(header, MAXIMUM_FRACTION), "LABELMAP": max(numbers, default=0)}
    top = tops.get(kind, 0)
    if top < 1:
        return ()
    return (Window(center=top / 2, width=float(top), name="Whole mask", function=VoiFunction.LINEAR_EXACT),)


def _segment(frame: FrameHeader) -> str:
    """The name of the segment that a frame is of; its number, or "one segment", when there is none."""
    identification = frame.macro(IDENTIFICATION)
    number = _word(identification, REFERENCED_SEGMENT) if identification is not None else 0
    for one in frame.header.items(SEGMENTS):
        if _word(one, SEGMENT_NUMBER) == number:
            return _label(one)
    return f"segment {number}" if number else "one segment"


def _label(segment: Header) -> str:
    name = segment.text(SEGMENT_LABEL)
    return f"“{name}”" if name else f"segment {_word(segment, SEGMENT_NUMBER)}"


def _word(item: Header, tag: int) -> int:
    found = item.words(tag, signed=False)
    return found[0] if found else 0
