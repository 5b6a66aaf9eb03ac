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
    side = 2 * near + 1
    starts = np.floor(boxes - widest / 2).astype(np.int64)
    # Of a view of twenty boxes each step is small, and how many there are is what it costs: all at once, then.
    half = np.stack([stroke.width_px / 2 for stroke in strokes])
    across = _covered(boxes, starts, np.concatenate((half, -half)), near)
    over = across[:, 1, :, :, None] * across[:, 0, :, None, :]
    shares = over[: len(strokes)] - over[len(strokes) :]
    weights, shown = [], np.ones_like(shares[0])
    for stroke, share in zip(strokes[::-1], shares[::-1]):  # from the uppermost: what it leaves to those below
        weight = share * (stroke.rgba[:, 3] / 255)[:, None, None] * shown
        weights.append(weight.reshape(-1, side * side))
        shown = shown - weight
    colors = np.stack([stroke.rgba[:, (2, 1, 0, 3)] for stroke in strokes[::-1]], axis=1)
    colors[:, :, 3] = 255.0
    bgra = np.rint(np.stack(weights, axis=2) @ colors).astype(np.uint8)
    between = starts[:, 2:] - starts[:, :2]
    return BoxLines(
        near=near, argb=bgra.view("<u4").astype(np.uint32).reshape(-1, side, side), starts=starts,
        fits=np.asarray((between > near).all(axis=1)),
    )  # fmt: skip


def _covered(boxes: Floats, starts: NDArray[np.int64], grown: Floats, near: int) -> Floats:
    """How far boxes with their edges moved outwards cover the pixels of their squares along each axis.

    grown: (m, n). Returns (m, axis, n, 2 * near + 1), the x axis first: shares in 0..1.
    """
    low, high = boxes[:, :2].T[..., None], boxes[:, 2:].T[..., None]
    outwards = grown[:, None, :, None]
    pixels = np.stack((starts[:, :2].T, starts[:, 2:].T), axis=2)[..., None] + np.arange(near)
    pixels = pixels.reshape(*pixels.shape[:2], 2 * near)
    share = np.minimum(pixels + 1, high + outwards) - np.maximum(pixels, low - outwards)
    out = np.ones((len(grown), 2, len(boxes), 2 * near + 1))
    np.clip(share[..., :near], 0.0, 1.0, out=out[..., :near])
    np.clip(share[..., near:], 0.0, 1.0, out=out[..., near + 1 :])
    return out
