"""Where words beside a shape go without covering another one. Rectangles are (left, top, width, height)."""

from collections.abc import Iterable, Sequence

Rect = tuple[float, float, float, float]


def place_beside(shape: Rect, size: tuple[float, float], view: Rect, taken: Sequence[Rect], gap: float) -> Rect:
    """A rectangle of `size` near `shape`, inside `view`, off everything in `taken` where that is possible.

    Tried from the upper right clockwise, first near, then further away; the first place is kept when all are covered.
    """
    places = [
        _inside((left, top, *size), view)
        for distance in (gap, 2.5 * gap, 5 * gap)
        for left, top in _around(shape, size, distance)
    ]
    free = (place for place in places if not any(_overlap(place, other) for other in (*taken, shape)))
    return next(free, places[0])


def bounds_of(points: Iterable[tuple[float, float]]) -> Rect:
    """The rectangle round some points."""
    xs, ys = zip(*points)
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def bounds_corners(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two opposite corners of the rectangle round some points: enough to find its bounds on a turned screen."""
    left, top, wide, high = bounds_of(points)
    return (left, top), (left + wide, top + high)


def _around(shape: Rect, size: tuple[float, float], gap: float) -> list[tuple[float, float]]:
    left, top, wide, high = shape
    width, height = size
    right_side, left_side = left + wide + gap, left - width - gap
    above, below, level = top - height - gap, top + high + gap, top + (high - height) / 2
    return [
        (right_side, top - height / 2),
        (right_side, level),
        (right_side, top + high - height / 2),
        (left + (wide - width) / 2, below),
        (left_side, top + high - height / 2),
        (left_side, level),
        (left_side, top - height / 2),
        (left + (wide - width) / 2, above),
    ]


def _inside(place: Rect, view: Rect) -> Rect:
    left = min(max(place[0], view[0]), max(view[0] + view[2] - place[2], view[0]))
    top = min(max(place[1], view[1]), max(view[1] + view[3] - place[3], view[1]))
    return left, top, place[2], place[3]


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
