"""What a PNG, JPEG or TIFF says of itself, as rows for the tag panel."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.reading.codestreams.png_exif import exif_of
from viewer.reading.dicom.tag_rows import TagRow, shortened
from viewer.reading.pictures.raster import opened_picture, picture_kind
from viewer.reading.pictures.tiff_pages import opened_tiff, page_of
from viewer.reading.sources.limits import MAX_ROWS

if TYPE_CHECKING:
    from PIL.Image import Image
    from tifffile import TiffFile

log = logging.getLogger(__name__)

BROKEN = "(cannot be read)"
MOST_VALUES = 16  # of a tag; a long list says where its pixels lie
MOST_PAGES = 50


def picture_tag_rows(path: Path) -> list[TagRow]:
    """Format, size and mode, then what stands in the file: EXIF, texts, resolution. Raises BadFile."""
    kind = picture_kind(path)
    if kind == "TIFF":
        with opened_tiff(path) as tiff:
            rows = [_row("Format", kind), _row("Pages", len(tiff.pages))]
            for number in range(min(len(tiff.pages), MOST_PAGES)):
                rows.append(_row(f"page {number + 1}", ""))
                rows += [_row(name, value, level=1) for name, value in _page(tiff, path, number)]
    else:
        with opened_picture(path) as image:
            rows = [_row(name, value) for name, value in _picture(image)]
    return rows[:MAX_ROWS]


def _picture(image: "Image") -> Iterator[tuple[str, Any]]:
    from PIL.ExifTags import IFD, TAGS

    yield "Format", image.format
    yield "Columns", image.width
    yield "Rows", image.height
    yield "Mode", image.mode
    for name, value in image.info.items():
        # Profiles and packed EXIF are bytes; EXIF follows by its fields.
        if not isinstance(value, bytes):
            yield str(name), value
    try:
        exif = exif_of(image)
        for fields in (exif, exif.get_ifd(IFD.Exif)):
            for number, value in fields.items():
                if number not in tuple(IFD):
                    yield TAGS.get(number, f"EXIF {number}"), value
    except Exception:
        # Pillow raises whatever a broken directory makes it raise; the picture itself is still there.
        log.debug("EXIF", exc_info=True)
        yield "EXIF", BROKEN


def _page(tiff: "TiffFile", path: Path, number: int) -> Iterator[tuple[str, Any]]:
    try:
        for tag in page_of(tiff, path, number).tags:
            yield tag.name, tag.value
    except Exception:
        log.debug("page %d of %s", number, path, exc_info=True)
        yield "", BROKEN


def _row(name: str, value: Any, *, level: int = 0) -> TagRow:
    return TagRow(tag="", keyword=name, vr="", value=shortened(_words(value)), level=level)


def _words(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if isinstance(value, (tuple, list)):
        listed = " ".join(_words(one) for one in value[:MOST_VALUES])
        return listed if len(value) <= MOST_VALUES else f"{listed} … ({len(value)} values)"
    return f"{value:.9g}" if isinstance(value, float) else str(value).strip("\0 ")
