"""Which shape lies under a point, and what becomes of a shape that is taken by a handle or moved."""

import math
from collections.abc import Sequence

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.measurements import roi_box
from viewer.core.shapes.outlines import handle_points, measurement_rings, shape_bounds, shape_rings
from viewer.core.shapes.rasterize import polygon_mask
from viewer.core.shapes.shape import Box, Polygon, Shape

Point = tuple[float, float]
Item = Annotation | Measurement

LEAST_CORNERS = 3
CORNER_SHARE = 0.5  # of the reach of a line: as near to a corner as this, a click means the corner


def item_id(item: Item) -> str:
    """The id a selection goes by."""
    return item.annotation_id if isinstance(item, Annotation) else item.measurement_id


def hit(items: Sequence[Item], at: Point, reach_px: float) -> Item | None:
    """The item whose line is within `reach_px` of `at`; else the smallest that holds it; later ones first."""
    near = [item for item in items if line_distance(item, at) <= reach_px]
    if near:
        return min(reversed(near), key=lambda item: line_distance(item, at))
    holding = [item for item in items if holds(item, at)]
    return min(reversed(holding), key=_size) if holding else None


def handle_at(item: Item, at: Point, reach_px: float) -> int | None:
    """The number of the handle within `reach_px` of `at`, the nearest one."""
    handles = handles_of(item)
    distances = [math.dist(handle, at) for handle in handles]
    if not distances or min(distances) > reach_px:
        return None
    return distances.index(min(distances))


def handles_of(item: Item) -> tuple[Point, ...]:
    """Where an item can be taken."""
    if isinstance(item, Annotation):
        return handle_points(item.shape)
    if item.kind in ("rectangle", "ellipse"):
        return handle_points(roi_box(item.points_px))
    return item.points_px


def with_handle_at(item: Item, handle: int, to: Point) -> Shape | tuple[Point, ...]:
    """The shape (or a measurement's points) after a handle was dragged to an image point."""
    if isinstance(item, Measurement) and item.kind not in ("rectangle", "ellipse"):
        return tuple(to if number == handle else point for number, point in enumerate(item.points_px))
    shape = item.shape if isinstance(item, Annotation) else roi_box(item.points_px)
    if isinstance(shape, Polygon):
        return Polygon(points_px=tuple(to if n == handle else p for n, p in enumerate(shape.points_px)))
    if not isinstance(shape, Box):
        return shape
    box = _resized(shape, handle, to)
    return box if isinstance(item, Annotation) else ((box.x0_px, box.y0_px), (box.x1_px, box.y1_px))


def _item_bounds(item: Item) -> tuple[float, float, float, float] | None:
    if isinstance(item, Annotation):
        return shape_bounds(item.shape)
    xs, ys = [x for x, _ in item.points_px], [y for _, y in item.points_px]
    return (min(xs), min(ys), max(xs), max(ys))


def step_together(items: Sequence[Item], dx_px: float, dy_px: float, rows: int, cols: int) -> Point:
    """How far several may move so that none of them leaves the image and they keep their places to each other."""
    for bounds in filter(None, map(_item_bounds, items)):
        dx_px = _kept_inside(dx_px, bounds[0], bounds[2], cols)
        dy_px = _kept_inside(dy_px, bounds[1], bounds[3], rows)
    return dx_px, dy_px


def moved(item: Item, dx_px: float, dy_px: float, rows: int, cols: int) -> Shape | tuple[Point, ...]:
    """The shape (or points) moved, but never out of the image; a mask stays where it is."""
    bounds = _item_bounds(item)
    shape = item.shape if isinstance(item, Annotation) else None
    if bounds is None:
        return shape if shape is not None else ()
    dx = _kept_inside(dx_px, bounds[0], bounds[2], cols)
    dy = _kept_inside(dy_px, bounds[1], bounds[3], rows)
    if isinstance(item, Measurement):
        return tuple((x + dx, y + dy) for x, y in item.points_px)
    if isinstance(shape, Box):
        return Box(x0_px=shape.x0_px + dx, y0_px=shape.y0_px + dy, x1_px=shape.x1_px + dx, y1_px=shape.y1_px + dy)
    if isinstance(shape, Polygon):
        return Polygon(points_px=tuple((x + dx, y + dy) for x, y in shape.points_px))
    return item.shape


def edge_at(points: Sequence[Point], at: Point, reach: float) -> tuple[int, float] | None:
    """The edge of a closed outline within `reach` of a point, nearest first: (its number, how far along it in 0..1).

    Edge n goes from point n to the one after it. All in one unit: device pixels, for a reach that is one at any zoom.
    None where no edge is near, or where the point lies on a corner: between that and its neighbours is nothing to add.
    """
    if min(math.dist(corner, at) for corner in points) <= reach * CORNER_SHARE:
        return None
    near = [
        (math.dist(at, _along(start, end, share)), number, share)
        for number, (start, end) in enumerate(zip(points, (*points[1:], points[0])))
        for share in (_share_along(at, start, end),)
    ]
    distance, number, share = min(near)
    return (number, share) if distance <= reach else None


def with_corner(shape: Polygon, edge: int, share: float) -> Polygon:
    """The polygon with one more corner on an edge; its outline stays where it is."""
    points = shape.points_px
    new = _along(points[edge], points[(edge + 1) % len(points)], share)
    return Polygon(points_px=(*points[: edge + 1], new, *points[edge + 1 :]))


def without_corner(shape: Polygon, corner: int) -> Polygon | None:
    """The polygon with one corner less; None where it has only three."""
    if len(shape.points_px) <= LEAST_CORNERS:
        return None
    return Polygon(points_px=(*shape.points_px[:corner], *shape.points_px[corner + 1 :]))


def line_distance(item: Item, at: Point) -> float:
    """Distance in image pixels from a point to the nearest line of an item."""
    rings = shape_rings(item.shape) if isinstance(item, Annotation) else measurement_rings(item)
    closed = isinstance(item, Annotation) or item.kind in ("rectangle", "ellipse")
    nearest = math.inf
    for ring in rings:
        ends = ring[1:] + ring[:1] if closed else ring[1:]
        for start, end in zip(ring, ends):
            nearest = min(nearest, _segment_distance(at, start, end))
    return nearest


def holds(item: Item, at: Point) -> bool:
    """Whether a point lies inside an item; lengths and angles hold nothing."""
    x, y = at
    if isinstance(item, Measurement):
        if item.kind not in ("rectangle", "ellipse"):
            return False
        box = roi_box(item.points_px)
        return box.x0_px <= x < box.x1_px and box.y0_px <= y < box.y1_px
    shape = item.shape
    if isinstance(shape, Box):
        return shape.x0_px <= x < shape.x1_px and shape.y0_px <= y < shape.y1_px
    row, col = math.floor(y), math.floor(x)
    if row < 0 or col < 0:
        return False
    if isinstance(shape, Polygon):
        # The pixel grid of the rasteriser, moved so that the point is the centre of pixel (0, 0).
        local = Polygon(points_px=tuple((px - x + 0.5, py - y + 0.5) for px, py in shape.points_px))
        return bool(polygon_mask(local, 1, 1)[0, 0])
    here = shape.runs[shape.runs[:, 0] == row]
    return bool(((here[:, 1] <= col) & (col < here[:, 2])).any())


def _size(item: Item) -> float:
    if isinstance(item, Measurement):
        box = roi_box(item.points_px)
        return box.width_px * box.height_px
    bounds = shape_bounds(item.shape)
    return 0.0 if bounds is None else (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _resized(box: Box, handle: int, to: Point) -> Box:
    """Handles run clockwise from the upper left corner; a side dragged over its opposite changes places with it."""
    x0, y0, x1, y1 = box.x0_px, box.y0_px, box.x1_px, box.y1_px
    if handle in (0, 6, 7):
        x0 = to[0]
    if handle in (2, 3, 4):
        x1 = to[0]
    if handle in (0, 1, 2):
        y0 = to[1]
    if handle in (4, 5, 6):
        y1 = to[1]
    least = 0.5
    left, top = min(x0, x1), min(y0, y1)
    return Box(x0_px=left, y0_px=top, x1_px=max(x0, x1, left + least), y1_px=max(y0, y1, top + least))


def _kept_inside(step: float, low: float, high: float, size: int) -> float:
    """The part of a step that keeps low..high within 0..size; one that sticks out already may only come back."""
    if step < 0:
        return max(step, min(-low, 0.0))
    return min(step, max(size - high, 0.0))


def _segment_distance(at: Point, start: Point, end: Point) -> float:
    return math.dist(at, _along(start, end, _share_along(at, start, end)))


def _share_along(at: Point, start: Point, end: Point) -> float:
    """Where on a line the point nearest to `at` lies: 0 at its start, 1 at its end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / square
    return min(max(along, 0.0), 1.0)


def _along(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
