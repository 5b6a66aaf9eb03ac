"""Whether a JPEG stream lost data.

Codecs fill what is missing with something and go on; libjpeg warns, but what stands above it drops the warnings. A
codec for 8 bits that takes a warning for an error tells of streams of every depth, because what is entropy-coded does
not depend on the depth: 12-bit and lossless ones are given to it as 8-bit ones, for the warnings only.
"""

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from viewer.reading.codestreams.jpeg_bare import BareJpeg, bare_jpeg

NO_END = "The compressed image has no end; parts of it may be missing."
DAMAGED = "The compressed image is damaged inside; from some row on it may be wrong."
LOST_COLOUR = "The compressed image lost one of its colours."
LOST_SCANS = "The compressed image ends early: its finer details are missing."
UNCHECKED = "It is not known whether the compressed image is whole: it is coded in an unusual way."

SPACES = {1: "GRAY", 3: "RGB", 4: "CMYK"}
EIGHT_BITS = 8


def jpeg_damage(data: bytes, tables: bytes = b"") -> str:
    """The sentence for a stream that lost data, "" for one that is whole. Costs as much as decoding it does.

    tables: a stream of tables only, as a TIFF page keeps them once for all of its strips.
    """
    if tables:
        data = tables.rstrip(b"\0").removesuffix(b"\xff\xd9") + data[2:]
    bare = bare_jpeg(data)
    return NO_END if bare is None else bare_damage(bare)


def bare_damage(bare: BareJpeg) -> str:
    """The same, of a stream whose parts are known."""
    return structure_damage(bare) or entropy_damage(bare)


def structure_damage(bare: BareJpeg) -> str:
    """What the markers tell: no end, a component or a progressive scan that is missing."""
    if not bare.has_end:
        return NO_END
    if bare.lost_components:
        return LOST_COLOUR
    return LOST_SCANS if bare.lost_scans else ""


def entropy_damage(bare: BareJpeg) -> str:
    """What the scans tell when they are decoded and every warning counts."""
    if _strictly(bare) is not None:
        return ""
    return DAMAGED if _leniently(bare) else UNCHECKED


def decoded_if_whole(bare: BareJpeg) -> NDArray[np.uint8] | None:
    """The components of a whole 8-bit stream as they are coded, (row, col[, component]); None of any other."""
    if bare.precision != EIGHT_BITS or structure_damage(bare):
        return None
    array = _strictly(bare)
    return array[:, :, 0] if array is not None and array.shape[2] == 1 else array


def _strictly(bare: BareJpeg) -> NDArray[np.uint8] | None:
    return _decoded(bare, strict=True)


def _leniently(bare: BareJpeg) -> bool:
    return _decoded(bare, strict=False) is not None


def _decoded(bare: BareJpeg, *, strict: bool) -> NDArray[np.uint8] | None:
    space = SPACES.get(len(bare.component_ids))
    if space is None:
        return None
    data = bare.data if bare.precision == EIGHT_BITS else bare.in_eight_bits
    try:
        array: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, colorspace=space, strict=strict)
    except (ValueError, MemoryError):
        return None
    return array
