"""Display shutters: which pixels are covered, at the image's size and at the view's. Display only, no value changes."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import ViewTransform
from viewer.core.pixels import PixelFacts, Shutter
from viewer.core.resample import nearest_rows, spans, turned
from viewer.core.shapes.kinds.polygon import Polygon


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """What a shutter hides of one frame. mask: (row, col) bool, True where covered. level: the grey shown there."""

    mask: NDArray[np.bool_]
    level: int

    def in_view(self, transform: ViewTransform) -> NDArray[np.bool_]:
        """(view row, view col) bool: the mask under each view pixel's centre; False beside the image."""
        rows, cols = self.mask.shape
        width, height = transform.view_width, transform.view_height
        if transform.quarter_turns % 2:
            width, height = height, width
        out = np.zeros((height, width), np.bool_)
        placed = spans(transform, rows, cols)
        if placed is not None:
            down, right = placed
            part = self.mask[nearest_rows(down, rows)][:, nearest_rows(right, cols)]
            out[down.first : down.first + down.count, right.first : right.first + right.count] = part
        return np.asarray(turned(out, transform), np.bool_)


def cover_of(facts: PixelFacts) -> Cover | None:
    """The cover of a frame's shutter, None without one or where it covers nothing."""
    if facts.shutter is None:
        return None
    aspect = facts.spacing.row_mm / facts.spacing.col_mm if facts.spacing is not None else facts.pixel_aspect
    mask = covered(facts.shutter, facts.rows, facts.cols, aspect=aspect)
    return Cover(mask=mask, level=facts.shutter.level) if mask.any() else None


def covered(shutter: Shutter, rows: int, cols: int, *, aspect: float = 1.0) -> NDArray[np.bool_]:
    """(row, col) bool, True where a pixel's centre is outside of any of the shapes or under the bitmap.

    aspect: height of a pixel over its width; the circle is round on the screen (its radius counts along the row).
    """
    mask = np.zeros((rows, cols), np.bool_)
    # Whole rows and parts of rows are set, not pixels asked one by one: a mammogram has 13 million.
    if shutter.rectangle is not None:
        x0, y0, x1, y1 = shutter.rectangle
        top, bottom, left, right = (*_centres(y0, y1, rows), *_centres(x0, x1, cols))
        mask[:top] = mask[bottom:] = True
        mask[:, :left] = mask[:, right:] = True
    if shutter.circle is not None:
        middle_x, middle_y, radius = shutter.circle
        for row in range(rows):
            rest = radius**2 - ((row + 0.5 - middle_y) * aspect) ** 2
            half = math.sqrt(rest) if rest >= 0 else 0.0
            left, right = _centres(middle_x - half, middle_x + half, cols) if rest >= 0 else (cols, cols)
            mask[row, :left] = mask[row, right:] = True
    if len(shutter.polygon) >= 3:
        mask |= ~Polygon(points_px=shutter.polygon).inside(rows, cols)
    if shutter.bitmap is not None:
        plane = shutter.bitmap
        here, there = placed_part(plane.bits, plane.row0, plane.col0, rows, cols)
        mask[here] |= plane.bits[there]
    return mask


def _centres(low: float, high: float, count: int) -> tuple[int, int]:
    """The half-open range of indices whose centres lie in low..high, both ends counted."""
    first = min(max(math.ceil(low - 0.5 - 1e-9), 0), count)
    return first, min(max(math.floor(high - 0.5 + 1e-9) + 1, first), count)


def placed_part(
    part: NDArray[Any], row0: int, col0: int, rows: int, cols: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """(where in an image of rows x cols, where in the part) a part laid at (row0, col0) meets the image."""
    top, left = max(row0, 0), max(col0, 0)
    bottom, right = max(min(row0 + part.shape[0], rows), top), max(min(col0 + part.shape[1], cols), left)
    image = slice(top, bottom), slice(left, right)
    return image, (slice(top - row0, bottom - row0), slice(left - col0, right - col0))
