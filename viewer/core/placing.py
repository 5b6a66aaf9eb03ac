"""Where words go: beside a shape without covering another one, or where a presentation state puts them.

Rectangles are (left, top, width, height).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.core.geometry import ViewTransform
from viewer.core.presentation import GraphicText

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPlace:
    """Where a state's words stand, in view pixels. leader: the line to what they point at, None without one."""

    left: float
    top: float
    width: float
    align: str
    leader: tuple[tuple[float, float], tuple[float, float]] | None

    def starts(self, widths: Iterable[float]) -> list[float]:
        """The left end of each line, by its width."""
        share = {"center": 0.5, "right": 1.0}.get(self.align, 0.0)
        return [self.left + (self.width - width) * share for width in widths]


def place_words(text: GraphicText, size: tuple[float, float], transform: ViewTransform) -> WordsPlace:
    """Where the words of a state go. size: (width, height) of the block of lines, in view pixels.

    They keep their own size: the box says where they begin and how they are justified, not how large letters are
    (PS3.3 C.10.5.1.1), and a block wider than its box stays on the screen.
    """
    width, height = size
    anchor = transform.to_view(*text.anchor_px) if text.anchor_px is not None else None
    if text.box_px is not None:
        x0, y0, x1, y1 = text.box_px
        left, top, wide, _ = bounds_of((transform.to_view(x0, y0), transform.to_view(x1, y1)))
        share = {"center": 0.5, "right": 1.0}.get(text.align, 0.0)
        left += (wide - width) * share
        target = anchor
    else:
        assert anchor is not None, "words without box and anchor are no words (see `viewer.reading`)"
        left, top, target = anchor[0] + 8, anchor[1] - height / 2, anchor
    view = (0.0, 0.0, float(transform.view_width), float(transform.view_height))
    left, top, _, _ = _inside((left, top, width, height), view)
    leader = None
    if text.shows_anchor and target is not None:
        near_x = min(max(target[0], left), left + width)
        near_y = min(max(target[1], top), top + height)
        leader = ((near_x, near_y), target)
    return WordsPlace(left=left, top=top, width=width, align=text.align, leader=leader)


def point_cross(at: tuple[float, float], arm: float = 5.0) -> list[list[tuple[float, float]]]:
    """The two strokes that mark a single point, in view pixels."""
    x, y = at
    return [[(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]]


def place_beside(
    shape: Rect,
    size: tuple[float, float],
    view: Rect,
    taken: Sequence[Rect],
    gap: float,
    words: Sequence[Rect] = (),
) -> Rect:
    """A rectangle of `size` near `shape`, inside `view`, off everything in `taken` and `words` where that is possible.

    Tried from the upper right clockwise, first near, then further away, at last anywhere in the view. Where all of it
    is covered, other words stay readable before shapes do; the first place is kept when there is no room at all.
    """
    places = [
        _inside((left, top, *size), view)
        for distance in (gap, 2.5 * gap, 5 * gap)
        for left, top in _around(shape, size, distance)
    ]
    anywhere = [*places, *_rows_of_places(shape, size, view)] if words else places
    for tried, others in ((places, (*words, *taken, shape)), (anywhere, (*words, shape)), (anywhere, words)):
        for place in tried:
            if not any(_overlap(place, other) for other in others):
                return place
    return places[0]


def _rows_of_places(shape: Rect, size: tuple[float, float], view: Rect) -> list[Rect]:
    """Places side by side over the whole view, those nearest to `shape` first."""
    across, down = (int(view[side + 2] // size[side]) for side in (0, 1))
    found = [(view[0] + col * size[0], view[1] + row * size[1], *size) for row in range(down) for col in range(across)]
    x, y = shape[0] + shape[2] / 2, shape[1] + shape[3] / 2
    return sorted(found, key=lambda place: abs(place[0] + size[0] / 2 - x) + abs(place[1] + size[1] / 2 - y))


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
