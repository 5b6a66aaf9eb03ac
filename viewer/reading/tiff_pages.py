"""TIFF pages in their own depth: signed, 16 and 32 bit, float, tiled and compressed ones (TIFF 6.0)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile, UnsupportedFile

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

log = logging.getLogger(__name__)

ORIENTATION_TAG = 274
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6


@contextmanager
def opened_tiff(path: Path) -> Iterator["TiffFile"]:
    """An open TIFF. Whatever is wrong in it becomes BadFile."""
    import tifffile

    # What is odd in a file is for its reader to hear as a sentence, not as lines of a library's log.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        with tifffile.TiffFile(path) as tiff:
            if not len(tiff.pages):
                raise BadFile(f"{path} is a TIFF without a page; ask for a new copy.")
            yield tiff
    except (BadFile, UnsupportedFile):
        raise
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, IndexError, AttributeError, ImportError) as error:
        # tifffile raises whatever a broken directory makes it raise.
        log.debug("tifffile", exc_info=True)
        raise BadFile(f"{path} cannot be read as a TIFF ({error}); ask for a new copy.") from error


def page_of(tiff: "TiffFile", path: Path, index: int) -> "TiffPage":
    """Page `index`, counted from 0. Raises BadFile."""
    if not 0 <= index < len(tiff.pages):
        raise BadFile(f"{path} has {len(tiff.pages)} page(s); there is no page {index}.")
    page: TiffPage = tiff.pages[index].aspage()
    return page


def page_orientation(page: "TiffPage") -> int:
    """EXIF orientation 1..8."""
    tag = page.tags.get(ORIENTATION_TAG)
    return int(tag.value) if tag is not None and 1 <= int(tag.value) <= 8 else 1


def page_pixels(page: "TiffPage", path: Path) -> tuple[NDArray[Any], str]:
    """(stored values as (row, col) or (row, col, 3), photometric interpretation) of one page."""
    photometric = int(page.photometric)
    array = np.asarray(page.asarray())
    if page.planarconfig == 2 and array.ndim == 3:
        array = array.transpose(1, 2, 0)
    if photometric == PALETTE and array.ndim == 2 and page.colormap is not None:
        # The colour map has 16-bit entries, all of red, then green, then blue.
        return (page.colormap.T[array] >> 8).astype(np.uint8), "RGB"
    if array.ndim == 3 and array.shape[2] in (2, 4) and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, YCBCR):
        array = array[:, :, :-1]  # without what says how transparent it is
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2 and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO) and array.dtype.kind in "uifb":
        array = array.astype(np.uint8) if array.dtype.kind == "b" else array
        return array, "MONOCHROME1" if photometric == WHITE_IS_ZERO else "MONOCHROME2"
    if array.ndim == 3 and array.shape[2] == 3 and photometric in (RGB, YCBCR):
        return array, "RGB"
    raise UnsupportedFile(f"{path} is a TIFF of a kind that is not read ({page.photometric}, {array.shape}).")
