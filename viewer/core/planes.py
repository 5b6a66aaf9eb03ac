"""Overlay planes over the pixels: bit-mapped graphics of the file, at the size of the view."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.core.compose import over_rgba, premultiplied
from viewer.core.covering import placed_part
from viewer.core.geometry import ViewTransform
from viewer.core.pixels import OverlayPlane
from viewer.core.resample import Span, nearest_rows, spans, turned

# No label has this colour; 9:1 on black. The file names none (PS3.3 C.9.2: how a plane is rendered is undefined).
PLANE_COLOR = "#FFD24A"
GRAPHICS_ALPHA, REGION_ALPHA = 0.9, 0.4


def planes_rgba(
    planes: Sequence[OverlayPlane],
    rows: int,
    cols: int,
    transform: ViewTransform,
    *,
    colors: dict[str, str] | None = None,
) -> NDArray[np.uint8]:
    """Every plane at the size of the view. Returns (view row, view col, 4) uint8, premultiplied RGBA.

    Enlarged nearest. Shrunk, a view pixel is the more opaque the more of it is set, and never invisible where one bit
    is: a hairline must not vanish. colors: of the graphic layers by name. Bits beside the image are not drawn.
    """
    width, height = transform.view_width, transform.view_height
    if transform.quarter_turns % 2:
        width, height = height, width
    out = np.zeros((height, width, 4), np.uint8)
    placed = spans(transform, rows, cols)
    if placed is not None:
        vertical, horizontal = placed
        here = (
            slice(vertical.first, vertical.first + vertical.count),
            slice(horizontal.first, horizontal.first + horizontal.count),
        )
        for plane in planes:
            image, part = placed_part(plane.bits, plane.row0, plane.col0, rows, cols)
            whole = np.zeros((rows, cols), np.bool_)
            whole[image] = plane.bits[part]
            share = _shares(_shares(whole, vertical).T, horizontal).T
            color = (colors or {}).get(plane.layer, PLANE_COLOR)
            alpha = REGION_ALPHA if plane.is_region else GRAPHICS_ALPHA
            # The square root keeps a line one pixel wide readable when four of them share a view pixel.
            palette = np.stack([premultiplied(color, alpha * (n / 255) ** 0.5) for n in range(256)])
            out[here] = over_rgba(out[here], palette[np.rint(share * 255).astype(np.uint8)])
    return np.asarray(turned(out, transform), np.uint8)


def _shares(values: NDArray[np.bool_] | NDArray[np.float32], part: Span) -> NDArray[np.float32]:
    """Along the first axis: the value under each view pixel when enlarging, the mean over its rows when shrinking."""
    count = values.shape[0]
    if part.step <= 1:
        return values[nearest_rows(part, count)].astype(np.float32)
    edges = part.start + np.arange(part.count + 1) * part.step
    first = np.clip(np.floor(edges[:-1] + 1e-9), 0, count - 1).astype(np.intp)
    last = np.clip(np.ceil(edges[1:] - 1e-9), first + 1, count).astype(np.intp)
    total = np.zeros((count + 1, values.shape[1]), np.float64)
    np.cumsum(values, axis=0, out=total[1:])
    return np.asarray((total[last] - total[first]) / (last - first)[:, None], np.float32)
