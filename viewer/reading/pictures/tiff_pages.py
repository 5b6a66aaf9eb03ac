"""TIFF pages in their own depth: signed, 16 and 32 bit, float, tiled and compressed ones (TIFF 6.0)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.pictures.colours import transparency_note
from viewer.reading.sources.file_stamp import file_stamp

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

log = logging.getLogger(__name__)

ORIENTATION_TAG, COEFFICIENTS_TAG, REFERENCE_TAG = 274, 529, 532
JPEG_COMPRESSIONS = (6, 7)
COLOUR_NAMES = {4: "a mask", 5: "CMYK", 8: "CIE Lab", 9: "ICC Lab", 10: "ITU Lab", 32803: "colour filter array"}
MOST_TAG = 281  # Max Sample Value
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6


@contextmanager
def opened_tiff(path: Path) -> Iterator["TiffFile"]:
    """An open TIFF. Whatever is wrong in it becomes BadFile."""
    import tifffile

    # What is odd in a file is for its reader to hear as a sentence, not as lines of a library's log.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        with _kept(path) if _last.keeps else tifffile.TiffFile(path) as tiff:
            if not len(tiff.pages):
                raise BadFile(f"{path} is a TIFF without a page; ask for a new copy.")
            yield tiff
    except (BadFile, UnsupportedFile):
        raise
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, IndexError, AttributeError, ImportError) as error:
        # tifffile raises whatever a broken directory makes it raise.
        log.debug("tifffile", exc_info=True)
        raise BadFile(f"{path} cannot be read as a TIFF ({error}); ask for a new copy.") from error


class _Last:
    """The TIFF that was read last. Only a child that is asked page by page keeps it open."""

    keeps = False
    key: tuple[Path, int, int] | None = None
    tiff: "TiffFile | None" = None


_last = _Last()


def keep_open() -> None:
    """Walk a file's chain of directories once, not once for each page: 0.1 s for 60,000. For a child; see `_Last`."""
    _last.keeps = True


@contextmanager
def _kept(path: Path) -> Iterator["TiffFile"]:
    import tifffile

    key = (path, *file_stamp(path))
    if _last.key != key:
        if _last.tiff is not None:
            _last.tiff.close()
        _last.key, _last.tiff = None, tifffile.TiffFile(path)
        _last.key = key
    assert _last.tiff is not None
    try:
        yield _last.tiff
    except BaseException:
        _last.key = None  # what failed is opened anew
        raise


def page_of(tiff: "TiffFile", path: Path, index: int) -> "TiffPage":
    """Page `index`, counted from 0. Raises BadFile."""
    if not 0 <= index < len(tiff.pages):
        raise BadFile(f"{path} has {len(tiff.pages)} page(s); there is no page {index}.")
    page: TiffPage = tiff.pages[index].aspage()
    return page


def pixel_bytes(page: "TiffPage") -> int:
    """Bytes of all samples of one pixel, as they are decoded."""
    bits = page.bitspersample
    return max(1, int(page.samplesperpixel)) * max(1, -(-int(max(bits) if isinstance(bits, tuple) else bits) // 8))


def page_orientation(page: "TiffPage") -> int:
    """EXIF orientation 1..8."""
    tag = page.tags.get(ORIENTATION_TAG)
    return int(tag.value) if tag is not None and 1 <= int(tag.value) <= 8 else 1


def page_pixels(page: "TiffPage", path: Path, values: NDArray[Any] | None = None) -> tuple[NDArray[Any], str, str]:
    """(stored values as (row, col) or (row, col, 3), photometric interpretation, what is not shown) of one page.

    values: of another image that the page's directory describes too.
    """
    photometric = int(page.photometric)
    array = np.asarray(page.asarray()) if values is None else values
    if page.planarconfig == 2 and array.ndim == 3:
        array = array.transpose(1, 2, 0)
    if photometric == PALETTE and array.ndim == 2 and page.colormap is not None:
        # The colour map has 16-bit entries, all of red, then green, then blue; some writers fill them with 8-bit ones.
        shift = 8 if int(page.colormap.max(initial=0)) > 255 else 0
        return (page.colormap.T[array] >> shift).astype(np.uint8), "RGB", ""
    note = ""
    if array.ndim == 3 and array.shape[2] in (2, 4) and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, YCBCR):
        note = transparency_note(array[:, :, -1], value_bits(page))
        array = array[:, :, :-1]
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2 and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO) and array.dtype.kind in "uifb":
        array = array.astype(np.uint8) if array.dtype.kind == "b" else array
        return array, "MONOCHROME1" if photometric == WHITE_IS_ZERO else "MONOCHROME2", note
    if array.ndim == 3 and array.shape[2] == 3 and photometric == YCBCR and not is_lossy(page):
        array = _rgb_of_ycbcr(page, array, path)  # what is not JPEG comes as it is stored
    if array.ndim == 3 and array.shape[2] == 3 and photometric in (RGB, YCBCR):
        return array, "RGB", note
    what = COLOUR_NAMES.get(photometric, f"photometric interpretation {photometric}, {array.shape}")
    raise UnsupportedFile(f"{path} is a TIFF of a kind that is not read ({what}); save it as RGB.")


def value_bits(page: "TiffPage") -> int:
    """How many bits a value has: Bits Per Sample, or fewer where Max Sample Value says so (TIFF 6.0)."""
    said, tag = page.bitspersample, page.tags.get(MOST_TAG)
    bits = int(max(said) if isinstance(said, tuple) else said)
    most = max(tag.value) if tag is not None and isinstance(tag.value, tuple) else tag.value if tag is not None else 0
    return min(bits, int(most).bit_length() or bits)


def is_lossy(page: "TiffPage") -> bool:
    """Whether a page is compressed as JPEG."""
    return int(page.compression) in JPEG_COMPRESSIONS


def _rgb_of_ycbcr(page: "TiffPage", array: NDArray[Any], path: Path) -> NDArray[Any]:
    """(row, col, 3) RGB of a page in the YCbCr that TIFF 6.0 section 21 takes for granted; others are refused."""
    from viewer.reading.pixels.samples import ybr_to_rgb

    coefficients, reference = page.tags.get(COEFFICIENTS_TAG), page.tags.get(REFERENCE_TAG)
    usual = coefficients is None or np.allclose(_fractions(coefficients.value), (0.299, 0.587, 0.114), atol=1e-3)
    usual = usual and (
        reference is None or np.allclose(_fractions(reference.value), (0, 255, 128, 255, 128, 255), atol=0.5)
    )
    if not usual or array.dtype != np.uint8:
        raise UnsupportedFile(f"{path} is a TIFF with colours of a kind that is not read (YCbCr of its own).")
    return ybr_to_rgb(array, 8)


def _fractions(values: tuple[int, ...]) -> list[float]:
    return [top / bottom if bottom else 0.0 for top, bottom in zip(values[::2], values[1::2])]
