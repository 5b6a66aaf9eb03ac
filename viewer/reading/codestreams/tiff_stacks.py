"""Stacks of one TIFF directory: many images whose values follow the first one's without a directory of their own.

ImageJ writes so above 4 GB ("images=6" in Image Description), tifffile with `truncate` (a shape in JSON), MetaMorph
always. The directory describes the first image; only the description tells of the others.
"""

import logging
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

log = logging.getLogger(__name__)

NOT_COMPRESSED = 1
MOST_IMAGES = 200_000


class TiffStack(NamedTuple):
    """Images of a TIFF. images: those that can be read; promised: those its description speaks of, 0 without one."""

    images: int
    promised: int

    @property
    def note(self) -> str:
        """What is not there, as a sentence; "" where all is."""
        if self.promised <= self.images:
            return ""
        return f"The file says it holds {self.promised} images; {self.images} can be read."


def tiff_stack(tiff: "TiffFile") -> TiffStack:
    """How many images a TIFF holds, by its directories and by its description."""
    pages = len(tiff.pages)
    page: TiffPage = tiff.pages[0].aspage()
    told = [number for number in _told(tiff, page) if 1 < number <= MOST_IMAGES]
    if not told or max(told) <= pages:
        return TiffStack(pages, 0)
    if pages > 1 or not _is_plain(page):
        return TiffStack(pages, min(told))
    there = (tiff.filehandle.size - page.dataoffsets[0]) // page.nbytes
    fitting = [number for number in told if number <= there]
    if fitting:
        return TiffStack(max(fitting), 0)
    return TiffStack(max(1, there), min(told))


def _told(tiff: "TiffFile", page: "TiffPage") -> list[int]:
    """Counts that a description gives; where it is a hyperstack, both the count and the product of its axes."""
    found: list[int] = []
    try:
        if tiff.is_imagej:
            said = tiff.imagej_metadata or {}
            axes = {name: int(said.get(name, 1)) for name in ("channels", "slices", "frames")}
            if page.samplesperpixel == axes["channels"]:
                axes["channels"] = 1  # colours of one image that are called channels
            found += [int(said.get("images", 1)), prod(axes.values())]
        elif tiff.is_shaped:
            found += [prod(one["shape"]) // page.size for one in (tiff.shaped_metadata or ())[:1] if "shape" in one]
        elif tiff.is_stk:
            found.append(int((tiff.stk_metadata or {}).get("NumberPlanes", 1)))
    except (ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError, OverflowError):
        log.debug("the description of a TIFF stack", exc_info=True)
    return found


def _is_plain(page: "TiffPage") -> bool:
    """Whether the values of the first image lie in one piece, as they are."""
    whole = page.dtype is not None and page.bitspersample == 8 * page.dtype.itemsize
    return int(page.compression) == NOT_COMPRESSED and bool(page.is_contiguous) and whole and page.nbytes > 0


def stacked_values(tiff: "TiffFile", page: "TiffPage", index: int, path: Path) -> NDArray[Any]:
    """The values of image `index` behind the first, in its shape. Raises BadFile where not all are there."""
    handle = tiff.filehandle
    handle.seek(page.dataoffsets[0] + index * page.nbytes)
    data = handle.read(page.nbytes)
    if len(data) < page.nbytes or page.dtype is None:
        raise BadFile(f"{path} ends inside image {index + 1}; copy it again.")
    return np.frombuffer(data, page.dtype.newbyteorder(tiff.byteorder)).reshape(page.shape)
