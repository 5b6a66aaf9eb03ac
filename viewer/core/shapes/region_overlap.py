"""How far regions lie over each other, and a mask without the pixels that others hold.

A pixel belongs to a shape when its centre is inside. A box holds no pixels: boxes may lie over each other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape

SAME_PLACE = 0.25  # of the smaller of two shapes: from here on they mark the same thing


def pixels_of(shapes: Sequence[Shape], rows: int, cols: int) -> NDArray[np.bool_] | None:
    """(row, col) the pixels of all that tells them, such as masks and polygons, None where nothing does."""
    whole: NDArray[np.bool_] | None = None
    for mask in (shape.as_mask(rows, cols) for shape in shapes):
        if mask is not None:
            whole = mask.to_array() if whole is None else whole | mask.to_array()
    return whole


def without(mask: MaskRuns, taken: Sequence[Shape]) -> MaskRuns:
    """The mask without the pixels of other shapes; the same object where they share none."""
    others = pixels_of(taken, mask.rows, mask.cols)
    if others is None:
        return mask
    own = mask.to_array()
    return MaskRuns.from_array(own & ~others) if (own & others).any() else mask


def shared_part(first: Shape, second: Shape, rows: int, cols: int) -> float:
    """The area that two shapes share, over that of the smaller one: 0 apart, 1 where one lies within the other.

    rows, cols: of the image; masks and polygons are compared pixel by pixel, a box with them by its pixels.
    """
    if not (first.tells_pixels or second.tells_pixels):
        return shared_extent(first, second)
    a, b = first.inside(rows, cols), second.inside(rows, cols)
    least_px = min(int(a.sum()), int(b.sum()))
    return float((a & b).sum()) / least_px if least_px else 0.0


def shared_extent(first: Shape, second: Shape) -> float:
    """What `shared_part` says of two that tell no pixels. Two without an area, such as points, are the same thing where
    they are equal."""
    one, other = first.as_box(), second.as_box()
    if one is None or other is None:
        return float(first.kind == second.kind and first.key == second.key)
    wide = min(one.x1_px, other.x1_px) - max(one.x0_px, other.x0_px)
    high = min(one.y1_px, other.y1_px) - max(one.y0_px, other.y0_px)
    least = min(one.width_px * one.height_px, other.width_px * other.height_px)
    return max(0.0, wide) * max(0.0, high) / least
