"""Which shape lies under a point, and what becomes of a shape that is taken by a handle or moved."""

import math
from collections.abc import Iterator, Sequence

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.outlined import Point, along
from viewer.core.shapes.shape import Shape

Item = Annotation | Measurement

CORNER_SHARE = 0.5  # of the reach of a line: as near to a corner as this, a click means the corner


def item_id(item: Item) -> str:
    """The id a selection goes by."""
    return item.annotation_id if isinstance(item, Annotation) else item.measurement_id


def hit(items: Sequence[Item], at: Point, reach_px: float) -> Item | None:
    """The item whose line is within `reach_px` of `at`; else the smallest that holds it; later ones first."""
    near = [item for item in items if line_distance(item, at) <= reach_px]
    if near:
        return min(reversed(near), key=lambda item: line_distance(item, at))
    holding = [item for item in items if item.shape.holds(at)]
    return min(reversed(holding), key=_size) if holding else None


def handle_at(item: Item, at: Point, reach_px: float) -> int | None:
    """The number of the handle within `reach_px` of `at`, the nearest one."""
    handles = item.shape.handles()
    distances = [math.dist(handle, at) for handle in handles]
    if not distances or min(distances) > reach_px:
        return None
    return distances.index(min(distances))


def step_together(items: Sequence[Item], dx_px: float, dy_px: float, rows: int, cols: int) -> Point:
    """How far several may move so that none of them leaves the image and they keep their places to each other."""
    for bounds in filter(None, (item.shape.extent() for item in items)):
        dx_px = _kept_inside(dx_px, bounds[0], bounds[2], cols)
        dy_px = _kept_inside(dy_px, bounds[1], bounds[3], rows)
    return dx_px, dy_px


def moved(item: Item, dx_px: float, dy_px: float, rows: int, cols: int) -> Shape:
    """The shape moved, but never out of the image; one that cannot be moved stays where it is."""
    shape = item.shape
    bounds = shape.extent()
    if bounds is None:
        return shape
    dx = _kept_inside(dx_px, bounds[0], bounds[2], cols)
    dy = _kept_inside(dy_px, bounds[1], bounds[3], rows)
    return shape.moved(dx, dy)


def edge_at(points: Sequence[Point], at: Point, reach: float, *, closed: bool = True) -> tuple[int, float] | None:
    """The edge of an outline within `reach` of a point, nearest first: (its number, how far along it in 0..1).

    Edge n goes from point n to the one after it. All in one unit: device pixels, for a reach that is one at any zoom.
    None where no edge is near, or where the point lies on a corner: between that and its neighbours is nothing to add.
    """
    if min(math.dist(corner, at) for corner in points) <= reach * CORNER_SHARE:
        return None
    near = [
        (math.dist(at, along(start, end, share)), number, share)
        for number, (start, end) in enumerate(sides(points, closed=closed))
        for share in (_share_along(at, start, end),)
    ]
    distance, number, share = min(near)
    return (number, share) if distance <= reach else None


def line_distance(item: Item, at: Point) -> float:
    """Distance in image pixels from a point to the nearest line of an item."""
    shape = item.shape
    lines = (side for ring in shape.rings() for side in sides(ring, closed=shape.closed))
    return min((math.dist(at, _nearest(at, *side)) for side in lines), default=math.inf)


def sides(ring: Sequence[Point], *, closed: bool) -> Iterator[tuple[Point, Point]]:
    """The sides of a line from point to point; a single point is a side without a length."""
    ends = (*ring[1:], ring[0]) if closed or len(ring) == 1 else ring[1:]
    return zip(ring, ends)


def _size(item: Item) -> float:
    """By its extent: the smallest of those that hold a point is meant."""
    bounds = item.shape.extent()
    return 0.0 if bounds is None else (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _kept_inside(step: float, low: float, high: float, size: int) -> float:
    """The part of a step that keeps low..high within 0..size; one that sticks out already may only come back."""
    if step < 0:
        return max(step, min(-low, 0.0))
    return min(step, max(size - high, 0.0))


def _nearest(at: Point, start: Point, end: Point) -> Point:
    """The point of a side that is nearest to another."""
    return along(start, end, _share_along(at, start, end))


def _share_along(at: Point, start: Point, end: Point) -> float:
    """Where on a line the point nearest to `at` lies: 0 at its start, 1 at its end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / square
    return min(max(along, 0.0), 1.0)
