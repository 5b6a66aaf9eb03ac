"""How far regions lie over each other, and a mask without the pixels that others hold.

A pixel belongs to a shape when its centre is inside. A box holds no pixels: boxes may lie over each other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.masks import MaskRuns
from viewer.core.shapes.rasterize import polygon_mask
from viewer.core.shapes.shape import Box, Polygon, Shape

SAME_PLACE = 0.25  # of the smaller of two shapes: from here on they mark the same thing


def pixels_of(shapes: Sequence[Shape], rows: int, cols: int) -> NDArray[np.bool_] | None:
    """(row, col) the pixels of masks and polygons together, None where there are none."""
    whole: NDArray[np.bool_] | None = None
    for shape in shapes:
        if isinstance(shape, MaskRuns) and (shape.rows, shape.cols) == (rows, cols):
            one = shape.to_array()
        elif isinstance(shape, Polygon):
            one = polygon_mask(shape, rows, cols)
        else:
            continue
        whole = one if whole is None else whole | one
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
    if isinstance(first, Box) and isinstance(second, Box):
        wide = min(first.x1_px, second.x1_px) - max(first.x0_px, second.x0_px)
        high = min(first.y1_px, second.y1_px) - max(first.y0_px, second.y0_px)
        least = min(first.width_px * first.height_px, second.width_px * second.height_px)
        return max(0.0, wide) * max(0.0, high) / least
    a, b = (_pixels_with_box(shape, rows, cols) for shape in (first, second))
    least_px = min(int(a.sum()), int(b.sum()))
    return float((a & b).sum()) / least_px if least_px else 0.0


def _pixels_with_box(shape: Shape, rows: int, cols: int) -> NDArray[np.bool_]:
    if isinstance(shape, Box):
        ring = (
            (shape.x0_px, shape.y0_px), (shape.x1_px, shape.y0_px),
            (shape.x1_px, shape.y1_px), (shape.x0_px, shape.y1_px),
        )  # fmt: skip
        shape = Polygon(points_px=ring)
    found = pixels_of([shape], rows, cols)
    return np.zeros((rows, cols), np.bool_) if found is None else found
