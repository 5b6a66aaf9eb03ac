"""What a TIFF page lost: strips and tiles that are not in the file, and JPEG ones that lost data inside."""

from typing import TYPE_CHECKING

from viewer.reading.codestreams.jpeg_damage import jpeg_damage

if TYPE_CHECKING:
    from tifffile import TiffPage

JPEG = 7  # each strip or tile is a stream of its own (TIFF Technical Note 2)
NOT_THERE = "Parts of the picture are not in the file; they are blank."
INSIDE = "A part of the picture is damaged inside; it may be wrong."


def page_damage(page: "TiffPage") -> str:
    """The sentence for a page that lost something, "" for one that is whole."""
    file = page.parent.filehandle
    parts = list(zip(page.dataoffsets, page.databytecounts))
    if any(count == 0 or offset + count > file.size for offset, count in parts):
        return NOT_THERE
    if int(page.compression) != JPEG:
        return ""
    for offset, count in parts:
        file.seek(offset)
        if jpeg_damage(file.read(count), page.jpegtables or b""):
            return INSIDE
    return ""
