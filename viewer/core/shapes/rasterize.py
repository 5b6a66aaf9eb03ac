"""Shapes to pixels and back: a pixel belongs to a shape or a brush when its centre is inside.

Pixel (row, col) has its centre at (col + 0.5, row + 0.5).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Points = Sequence[tuple[float, float]]
Corner = tuple[int, int]


class Sides(Protocol):
    """The four sides of a box."""

    @property
    def x0_px(self) -> float: ...
    @property
    def y0_px(self) -> float: ...
    @property
    def x1_px(self) -> float: ...
    @property
    def y1_px(self) -> float: ...


def box_mask(box: Sides, rows: int, cols: int) -> NDArray[np.bool_]:
    """(row, col) bool. A centre on the left or upper side is inside, on the right or lower side outside."""
    mask = np.zeros((rows, cols), np.bool_)
    row0, row1 = _centres_between(box.y0_px, box.y1_px, rows)
    col0, col1 = _centres_between(box.x0_px, box.x1_px, cols)
    mask[row0:row1, col0:col1] = True
    return mask


def points_mask(points_px: Points, rows: int, cols: int) -> NDArray[np.bool_]:
    """(row, col) bool of a closed outline, by the even-odd rule on each row's centre line; sides half-open as in
    `box_mask`."""
    mask = np.zeros((rows, cols), np.bool_)
    points = np.asarray(points_px, np.float64)
    ends = np.roll(points, -1, axis=0)
    low, high = np.minimum(points[:, 1], ends[:, 1]), np.maximum(points[:, 1], ends[:, 1])
    row0, row1 = _centres_between(float(low.min()), float(high.max()), rows)
    for row in range(row0, row1):
        y = row + 0.5
        crossing = (low <= y) & (y < high)  # half-open: a corner on the line counts once
        start, end = points[crossing], ends[crossing]
        xs = np.sort(start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1]))
        for left, right in zip(xs[0::2], xs[1::2]):
            col0, col1 = _centres_between(float(left), float(right), cols)
            mask[row, col0:col1] = True
    return mask


def ellipse_mask(box: Sides, rows: int, cols: int) -> NDArray[np.bool_]:
    """(row, col) bool of the ellipse that touches the four sides of `box`; a centre on the rim is inside."""
    mask = np.zeros((rows, cols), np.bool_)
    row0, row1 = _centres_between(box.y0_px, box.y1_px, rows)
    col0, col1 = _centres_between(box.x0_px, box.x1_px, cols)
    y = (np.arange(row0, row1) + 0.5 - (box.y0_px + box.y1_px) / 2) / ((box.y1_px - box.y0_px) / 2)
    x = (np.arange(col0, col1) + 0.5 - (box.x0_px + box.x1_px) / 2) / ((box.x1_px - box.x0_px) / 2)
    mask[row0:row1, col0:col1] = y[:, None] ** 2 + x[None, :] ** 2 <= 1.0
    return mask


def brush_stroke(points_px: Points, radius_px: float, rows: int, cols: int) -> tuple[int, int, NDArray[np.bool_]]:
    """The pixels whose centre lies within `radius_px` of the line through `points_px` (one point: a disc).

    Returns (row0, col0, patch): the first pixel and the (row, col) bool content of the touched rectangle, cut to the
    image of rows x cols. A brush smaller than a pixel still takes the pixel each point lies in.
    """
    points = np.asarray(points_px, np.float64).reshape(-1, 2)
    reach = max(radius_px, 0.5)
    row0 = int(np.clip(np.floor(points[:, 1].min() - reach), 0, rows))
    row1 = int(np.clip(np.ceil(points[:, 1].max() + reach), row0, rows))
    col0 = int(np.clip(np.floor(points[:, 0].min() - reach), 0, cols))
    col1 = int(np.clip(np.ceil(points[:, 0].max() + reach), col0, cols))
    patch = np.zeros((row1 - row0, col1 - col0), np.bool_)
    if not patch.size:
        return row0, col0, patch
    starts = points[:-1] if len(points) > 1 else points
    ends = points[1:] if len(points) > 1 else points
    for start, end in zip(starts, ends):
        _add_capsule(patch, row0, col0, start, end, radius_px)
    for x_px, y_px in points.tolist():
        row, col = int(np.floor(y_px)) - row0, int(np.floor(x_px)) - col0
        if 0 <= row < patch.shape[0] and 0 <= col < patch.shape[1]:
            patch[row, col] = True
    return row0, col0, patch


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The borders of a mask as closed rings along pixel sides.

    mask: (row, col) bool. Returns rings of (n, 2) corner points (x_px, y_px), the inside on the right of the walk as
    seen on the screen (holes run the other way); pixels that touch at a corner only get rings of their own.
    """
    padded = np.pad(mask, 1)
    # Directed sides, the inside on their right: top sides run right, bottom ones left, right ones down, left ones up.
    sides = (
        (padded[1:, 1:-1] & ~padded[:-1, 1:-1], True, True),
        (padded[:-1, 1:-1] & ~padded[1:, 1:-1], True, False),
        (padded[1:-1, :-1] & ~padded[1:-1, 1:], False, True),
        (padded[1:-1, 1:] & ~padded[1:-1, :-1], False, False),
    )
    following: dict[Corner, list[Corner]] = {}
    for edge, horizontal, forward in sides:
        for line, low, high in _straight_runs(edge, horizontal=horizontal).tolist():
            first, last = (low, high) if forward else (high, low)
            start, stop = ((first, line), (last, line)) if horizontal else ((line, first), (line, last))
            following.setdefault(start, []).append(stop)
    rings = []
    while following:
        start, stops = next(iter(following.items()))
        ring, before, here = [start], start, _take(following, start, stops[-1])
        while here != start:
            ring.append(here)
            before, here = here, _turn(following, before, here)
        rings.append(np.asarray(ring, np.int64))
    return rings


def _straight_runs(edge: NDArray[np.bool_], *, horizontal: bool) -> NDArray[np.int64]:
    """Sides that continue each other: (n, 3) of (line, first, one past the last), along x or along y.

    edge: (row, col) bool. Sparse: `flatnonzero` is many times faster here than differences of the whole array.
    """
    row, col = np.divmod(np.flatnonzero(edge), edge.shape[1])
    line, at = (row, col) if horizontal else (col, row)
    if not horizontal:
        order = np.lexsort((at, line))
        line, at = line[order], at[order]
    breaks = np.flatnonzero((np.diff(line) != 0) | (np.diff(at) != 1))
    first = np.concatenate([[0], breaks + 1]) if len(at) else breaks
    last = np.concatenate([breaks, [len(at) - 1]]) if len(at) else breaks
    return np.stack([line[first], at[first], at[last] + 1], axis=1).astype(np.int64)


def _take(following: dict[Corner, list[Corner]], at: Corner, to: Corner) -> Corner:
    following[at].remove(to)
    if not following[at]:
        del following[at]
    return to


def _turn(following: dict[Corner, list[Corner]], before: Corner, here: Corner) -> Corner:
    """The next corner; where two borders meet, turn right, so that diagonal neighbours stay apart."""
    choices = following[here]
    best = choices[0]
    if len(choices) > 1:
        come = (here[0] - before[0], here[1] - before[1])
        best = max(choices, key=lambda stop: come[0] * (stop[1] - here[1]) - come[1] * (stop[0] - here[0]))
    return _take(following, here, best)


def _add_capsule(
    patch: NDArray[np.bool_],
    row0: int,
    col0: int,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    radius_px: float,
) -> None:
    top = max(0, int(np.floor(min(start[1], end[1]) - radius_px)) - row0)
    bottom = min(patch.shape[0], int(np.ceil(max(start[1], end[1]) + radius_px)) - row0)
    left = max(0, int(np.floor(min(start[0], end[0]) - radius_px)) - col0)
    right = min(patch.shape[1], int(np.ceil(max(start[0], end[0]) + radius_px)) - col0)
    if bottom <= top or right <= left:
        return
    y = np.arange(top, bottom)[:, None] + (row0 + 0.5 - start[1])
    x = np.arange(left, right)[None, :] + (col0 + 0.5 - start[0])
    dx, dy = float(end[0] - start[0]), float(end[1] - start[1])
    length2 = dx * dx + dy * dy
    along = np.clip((x * dx + y * dy) / length2, 0, 1) if length2 > 0 else 0.0
    patch[top:bottom, left:right] |= (x - along * dx) ** 2 + (y - along * dy) ** 2 <= radius_px * radius_px


def _centres_between(low: float, high: float, count: int) -> tuple[int, int]:
    """Half-open range of pixels whose centres lie in [low, high)."""
    first = int(np.clip(np.ceil(low - 0.5), 0, count))
    last = int(np.clip(np.ceil(high - 0.5), first, count))
    return first, last
