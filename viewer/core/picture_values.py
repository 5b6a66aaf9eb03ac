"""The picture that a frame holds, apart from how it is stored: for networks, and to know a picture again.

The same grey values may stand in a file as grey, as RGB of three equal channels, through a palette, as MONOCHROME1 of
the inverted values, in 8 bits or in 16. Whoever asks a model means the picture, and never the way of storing it.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts
from viewer.core.windowing import no_image_mask, palette_colors

# Steps in which a picture is known again: every 8-bit value is a whole one of them.
_STEPS = 65_535


def without_storage(stored: NDArray[Any], facts: PixelFacts) -> tuple[NDArray[Any], bool]:
    """(values, inverted): grey (row, col) where all channels are equal, else colour (row, col, 3).

    stored: (row, col) or (row, col, 3). A palette's indices become its colours. inverted: small values are bright,
    which MONOCHROME1 and Presentation LUT Shape INVERSE say alike (PS3.3 C.8.11.3.1.2); never of colours.
    """
    if stored.ndim == 2 and facts.palette is None:
        return stored, facts.inverse or facts.photometric == "MONOCHROME1"
    rgb = stored
    if facts.palette is not None and stored.ndim == 2:
        rgb = palette_colors(facts.palette, stored)
    return (rgb[:, :, 0], False) if _is_grey(rgb) else (rgb, False)


def is_colour(stored: NDArray[Any], facts: PixelFacts) -> bool:
    """Whether any pixel of the frame has a colour."""
    return without_storage(stored, facts)[0].ndim == 3


def not_image(values: NDArray[Any], stored: NDArray[Any], facts: PixelFacts) -> NDArray[np.bool_] | None:
    """(row, col) bool, True where `values` of `without_storage` are no image; None where all are.

    A padding value is one of grey pixels (PS3.3 C.7.5.1.1.2), rows that a cut file lacks are those of any picture.
    """
    if values is stored:
        return no_image_mask(stored, facts)
    if facts.rows_there is None or facts.rows_there >= values.shape[0]:
        return None
    mask = np.zeros(values.shape[:2], np.bool_)
    mask[facts.rows_there :] = True
    return mask


def content_sha256(stored: NDArray[Any], facts: PixelFacts) -> str:
    """By what a picture is known again in whatever way it is stored: SHA-256 over its levels from dark to bright.

    The levels span the picture's own range, so that another depth, slope or inversion changes nothing; a picture that
    was compressed with loss is another one. "" for a picture of one value: empty slices are alike and nobody's own.
    """
    values, inverted = without_storage(stored, facts)
    mask = not_image(values, stored, facts)
    plain = _in_modality_order(values, facts, is_grey=values is stored)
    kept = plain if mask is None else plain[~mask]
    if not kept.size:
        return ""
    low, high = float(kept.min()), float(kept.max())
    if not (np.isfinite([low, high]).all() and high > low):
        return ""
    # One division of whole numbers is exact to the last bit, so v and 257 v come to the same level.
    share = (high - plain if inverted else plain - low) / (high - low)
    if mask is not None:
        share[mask] = 0
    levels = np.rint(np.clip(share, 0, 1) * _STEPS).astype("<u2")
    digest = hashlib.sha256(f"picture {levels.shape}".encode())
    digest.update(np.ascontiguousarray(levels).tobytes())
    return digest.hexdigest()


def _in_modality_order(values: NDArray[Any], facts: PixelFacts, *, is_grey: bool) -> NDArray[np.float64]:
    """Values as float64, growing as those in modality units do; a slope would only add rounding."""
    plain = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    if not is_grey:
        return plain
    if facts.modality_lut is not None:
        table = facts.modality_lut
        index = np.clip(np.rint(plain) - table.first_mapped, 0, len(table.values) - 1).astype(np.intp)
        return np.asarray(table.values[index], np.float64)
    return -plain if facts.rescale_slope < 0 else plain


def _is_grey(rgb: NDArray[Any]) -> bool:
    """rgb: (row, col, 3). The first row answers for most pictures of colour."""
    return all(np.array_equal(part[..., 0], part[..., c]) for part in (rgb[:1], rgb) for c in (1, 2))
