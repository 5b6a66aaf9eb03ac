"""The part of an outline on its image, by the rule by which it is painted (even-odd): its area and the box around it.

Outlines may reach over the edge of their image, and may cross themselves. Exact for outlines of up to
`MAX_EXACT_POINTS` points, beyond that a count of the pixels whose centre is inside.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.rasterize import points_mask

Floats = NDArray[np.float64]
Points = Sequence[tuple[float, float]]
# Every pair of sides is looked at; at this many points that is 100 MB for a moment.
MAX_EXACT_POINTS = 1500


def visible_area_px(points_px: Points, rows: int, cols: int) -> float:
    """The area of the part on an image of rows x cols pixels, in pixels; 0 where nothing of it is on the image."""
    if len(points_px) > MAX_EXACT_POINTS:
        return float(points_mask(points_px, rows, cols).sum())
    return even_odd_area(np.asarray(points_px, np.float64), rows, cols)


def visible_extent(points_px: Points, rows: int, cols: int) -> tuple[float, float, float, float] | None:
    """(x0, y0, x1, y1) of the smallest box around the part on an image; None where that has no area."""
    if visible_area_px(points_px, rows, cols) <= 0:
        return None
    points = np.asarray(points_px, np.float64)
    found = ends_on_image(points.tolist(), rows, cols, closed=True)
    corners = [(float(x), float(y)) for x in (0, cols) for y in (0, rows)]
    found += [corner for corner in corners if _holds(points, *corner)]
    if not found:
        return None
    on_image = np.clip(np.asarray(found, np.float64), 0, (cols, rows))
    (x0, y0), (x1, y1) = on_image.min(axis=0).tolist(), on_image.max(axis=0).tolist()
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def even_odd_area(points: Floats, rows: int, cols: int) -> float:
    """Strip by strip between the heights at which something changes: in each, every length is linear in y."""
    ends = np.roll(points, -1, axis=0)
    heights = np.concatenate(
        [points[:, 1], _heights_at(points, ends, 0.0), _heights_at(points, ends, cols), _crossings(points, ends)]
    )
    heights = np.unique(np.clip(heights, 0, rows))
    if len(heights) < 2:
        return 0.0
    middle, height = (heights[1:] + heights[:-1]) / 2, np.diff(heights)
    low, high = np.minimum(points[:, 1], ends[:, 1]), np.maximum(points[:, 1], ends[:, 1])
    area, step = 0.0, max(1, 1_000_000 // len(points))
    for first in range(0, len(middle), step):
        y = middle[first : first + step, None]
        crossing = (low <= y) & (y < high)
        with np.errstate(divide="ignore", invalid="ignore"):
            x = points[:, 0] + (y - points[:, 1]) * (ends[:, 0] - points[:, 0]) / (ends[:, 1] - points[:, 1])
        x = np.sort(np.where(crossing, np.clip(x, 0, cols), np.inf), axis=1)
        pairs = x[:, : x.shape[1] // 2 * 2].reshape(len(x), -1, 2)
        left, right = pairs[:, :, 0], pairs[:, :, 1]
        inside = np.isfinite(right)
        lengths = np.where(inside, right, 0.0) - np.where(inside, left, 0.0)
        area += float((lengths.sum(axis=1) * height[first : first + step]).sum())
    return area


def _heights_at(starts: Floats, ends: Floats, x: float) -> Floats:
    """Where the sides cross a vertical line."""
    across = ends[:, 0] - starts[:, 0]
    crosses = (starts[:, 0] - x) * (ends[:, 0] - x) < 0
    start, end = starts[crosses], ends[crosses]
    return start[:, 1] + (x - start[:, 0]) * (end[:, 1] - start[:, 1]) / across[crosses]


def _crossings(starts: Floats, ends: Floats) -> Floats:
    """The heights at which two sides cross."""
    along = ends - starts
    cross = along[:, None, 0] * along[None, :, 1] - along[:, None, 1] * along[None, :, 0]
    apart = starts[None, :, :] - starts[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_first = (apart[:, :, 0] * along[None, :, 1] - apart[:, :, 1] * along[None, :, 0]) / cross
        on_second = (apart[:, :, 0] * along[:, None, 1] - apart[:, :, 1] * along[:, None, 0]) / cross
    meet = (on_first > 0) & (on_first < 1) & (on_second > 0) & (on_second < 1)
    first, _ = np.nonzero(meet)
    return np.asarray(starts[first, 1] + on_first[meet] * along[first, 1], np.float64)


def ends_on_image(points_px: Points, rows: int, cols: int, *, closed: bool) -> list[tuple[float, float]]:
    """The ends of the parts of the sides on the image (Liang and Barsky, 1984). closed: the last point joins the first.

    A single point is a side without a length.
    """
    found: list[tuple[float, float]] = []
    following = [*points_px[1:], points_px[0]] if closed or len(points_px) == 1 else points_px[1:]
    for (x0, y0), (x1, y1) in zip(points_px, following):
        enters, leaves = 0.0, 1.0
        for start, delta, limit in ((x0, x1 - x0, cols), (y0, y1 - y0, rows)):
            for toward, room in ((-delta, start), (delta, limit - start)):
                if toward == 0:
                    leaves = leaves if room >= 0 else -1.0
                elif toward < 0:
                    enters = max(enters, room / toward)
                else:
                    leaves = min(leaves, room / toward)
        if enters <= leaves:
            found += [(x0 + at * (x1 - x0), y0 + at * (y1 - y0)) for at in (enters, leaves)]
    return found


def _holds(points: Floats, x: float, y: float) -> bool:
    ends = np.roll(points, -1, axis=0)
    crossing = (points[:, 1] <= y) != (ends[:, 1] <= y)
    start, end = points[crossing], ends[crossing]
    at = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1])
    return bool((at > x).sum() % 2)
