"""The lines of upright boxes as pixels: how much of each a line covers, exactly, and only of those that differ.

Away from its corners every pixel along a side is like the next one, so a box of any size is told by a small square of
pixels: what is near its corners, and one pixel of each side between them, to be repeated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stroke:
    """One line round each of n boxes.

    width_px: (n,) device pixels, half of it outside the box. rgba: (n, 4) in 0..255, not premultiplied; an alpha of 0
    draws nothing.
    """

    width_px: Floats
    rgba: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxLines:
    """n boxes as squares of `2 * near + 1` pixels.

    argb: (n, row, col) uint32, premultiplied 0xAARRGGBB. Its first `near` rows lie at `starts[:, 1]` and the following,
    its last `near` at `starts[:, 3]` and the following; the one between stands for all rows between. Likewise for the
    columns. starts: (n, 4) device pixels: left, top, right, bottom. fits: (n,) bool, False where a box is too small to
    have anything between its corners; its square means nothing.
    """

    near: int
    argb: NDArray[np.uint32]
    starts: NDArray[np.int64]
    fits: NDArray[np.bool_]


def box_lines(boxes: Floats, strokes: tuple[Stroke, ...]) -> BoxLines:
    """What lines round boxes look like, the later strokes over the earlier ones.

    boxes: (n, 4) device pixels, x0 < x1 and y0 < y1: left, top, right, bottom.
    """
    widest = max((float(stroke.width_px.max(initial=0.0)) for stroke in strokes), default=0.0)
    near = int(np.ceil(widest)) + 1
    starts = np.floor(boxes - widest / 2).astype(np.int64)
    across = [_Across(boxes[:, low], boxes[:, low + 2], starts[:, low], starts[:, low + 2], near) for low in (0, 1)]
    side = 2 * near + 1
    pixels = np.zeros((len(boxes), side, side, 4))
    for stroke in strokes:
        half = stroke.width_px / 2
        outer, inner = ([one.covered(grown) for one in across] for grown in (half, -half))
        share = outer[1][:, :, None] * outer[0][:, None, :] - inner[1][:, :, None] * inner[0][:, None, :]
        alpha = (share * (stroke.rgba[:, 3] / 255)[:, None, None])[..., None]
        color = stroke.rgba.copy()
        color[:, 3] = 255
        pixels = pixels * (1 - alpha) + alpha * color[:, None, None, :]
    red, green, blue, opaque = np.moveaxis(np.rint(pixels).astype(np.uint32), -1, 0)
    between = starts[:, 2:] - starts[:, :2]
    return BoxLines(
        near=near, argb=np.ascontiguousarray(opaque << 24 | red << 16 | green << 8 | blue), starts=starts,
        fits=np.asarray((between > near).all(axis=1)),
    )  # fmt: skip


class _Across:
    """One axis of n boxes: low, high: their edges; first, second: where the pixels near each begin."""

    def __init__(
        self, low: Floats, high: Floats, first: NDArray[np.int64], second: NDArray[np.int64], near: int
    ) -> None:
        steps = np.arange(near)
        self._low, self._high = low[:, None], high[:, None]
        self._pixels = np.concatenate((first[:, None] + steps, second[:, None] + steps), axis=1)
        self._near = near

    def covered(self, grown: Floats) -> Floats:
        """(n, 2 * near + 1): the share of each pixel within the edges moved outwards by `grown` (n,)."""
        low, high = self._low - grown[:, None], self._high + grown[:, None]
        share = np.minimum(self._pixels + 1, high) - np.maximum(self._pixels, low)
        return np.insert(np.clip(share, 0.0, 1.0), self._near, 1.0, axis=1)
