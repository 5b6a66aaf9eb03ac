"""Whole-slide microscopy: a frame is a tile, and says so; the slide is not put together here."""

from viewer.reading.dicom.functional_groups import FrameHeader

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
FRAMES = 0x00280008


def slide_words(frame: FrameHeader) -> str:
    """One sentence for a tile of a slide, "" for other images and for a slide in one piece (PS3.3 C.8.12.4)."""
    header = frame.header
    count = header.integer(FRAMES) or 1
    if (header.text(0x00080016) or header.media_class) != WHOLE_SLIDE or count < 2:
        return ""
    return f"Tile {frame.index + 1} of {count} of a whole-slide image; the slide is not put together here."
