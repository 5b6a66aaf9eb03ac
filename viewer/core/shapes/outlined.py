"""What a shape says where its kind has no better answer: from its outline, or from the points that it is drawn by.

Kinds inherit from here and not from each other. The contract, with what each answer means, is
`viewer.core.shapes.shape.Shape`.
"""

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.even_odd import ends_on_image

SHAPE_WIDTH_PX = 1.75
CONTOUR_WIDTH_PX = 1.5

Point = tuple[float, float]
Points = tuple[Point, ...]
Extent = tuple[float, float, float, float]
MovePoint = Callable[[float, float], Point]
TurnPixels = Callable[[NDArray[np.bool_]], NDArray[np.bool_]]


class RunsOut(Protocol):
    """Takes the runs of a mask into a block, and says where in it they are."""

    def add(self, rows: int, cols: int, runs: NDArray[np.int32]) -> dict[str, Any]: ...


class RunsIn(Protocol):
    """Gives them back: (rows, cols, runs). Raises ValueError where they do not fit."""

    def get(self, facts: Mapping[str, Any]) -> tuple[int, int, NDArray[np.int32]]: ...


def refuse_endless(what: str, *numbers: float) -> None:
    """Raise BadRequest for infinity and NaN. Every entrance checks its own numbers; none may be forgotten, since one
    endless shape makes every repaint and every mean of boxes fail."""
    try:
        finite = all(map(math.isfinite, numbers))
    except OverflowError:  # a whole number beyond every float
        finite = False
    if not finite:
        raise BadRequest(f"{what} has a number that is not finite.")


def stored_number(value: Any) -> float:
    """A coordinate as JSON keeps it, int or float as it was written. Raises ValueError."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("a coordinate that is no number")
    return value  # type: ignore[no-any-return]  # checked above


def stored_points(points: Any) -> Points:
    """Points as JSON keeps them. Raises ValueError, TypeError."""
    return tuple((stored_number(x_px), stored_number(y_px)) for x_px, y_px in points)


def along(start: Point, end: Point, share: float) -> Point:
    """The point at a share of the way, 0 at the start, 1 at the end."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


class Outlined:
    """A closed outline with nothing to take it by."""

    __slots__ = ()

    kind: ClassVar[str] = ""
    plural: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    measures: ClassVar[bool] = False
    closed: ClassVar[bool] = True
    ends: ClassVar[bool] = False
    under: ClassVar[bool] = True
    line_width_px: ClassVar[float] = SHAPE_WIDTH_PX
    is_movable: ClassVar[bool] = True
    tells_pixels: ClassVar[bool] = False
    on_planes: ClassVar[bool] = True
    fewest_words: ClassVar[str] = ""

    @property
    def a_word(self) -> str:
        return f"{'an' if self.kind[:1] in 'aeiou' else 'a'} {self.kind}"

    @property
    def key(self) -> Hashable:
        return self

    @property
    def is_empty(self) -> bool:
        return False

    def rings(self) -> tuple[Points, ...]:
        raise NotImplementedError

    def points(self) -> Points:
        return ()

    def extent(self) -> Extent | None:
        corners = [point for ring in self.rings() for point in ring]
        if not corners:
            return None
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def handles(self) -> Points:
        return ()

    def drawn_handles(self) -> Points:
        return self.handles()

    def with_handle(self, handle: int, to: Point) -> Self:
        return self

    def corners(self) -> Points:
        return ()

    def with_corner(self, edge: int, share: float) -> Self:
        return self

    def without_corner(self, corner: int) -> Self | None:
        return None

    def moved(self, dx_px: float, dy_px: float) -> Self:
        return self

    def holds(self, at: Point) -> bool:
        return False

    def side_note(self) -> tuple[float, float, str] | None:
        return None

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        return np.zeros((rows, cols), np.bool_)

    def visible_area_px(self, rows: int, cols: int) -> float:
        return 0.0

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        found = [end for ring in self.rings() for end in ends_on_image(ring, rows, cols, closed=self.closed)]
        xs, ys = [x for x, _ in found], [y for _, y in found]
        return (min(xs), min(ys), max(xs), max(ys)) if found else None

    def words(self) -> str:
        return self.kind

    def drawn_as(self, label: str) -> str:
        return f"draw {label} {self.kind}"

    def written_numbers(self) -> tuple[float, ...]:
        return tuple(number for point in self.points() for number in point)

    def where_words(self) -> str:
        return f"at {self.points()[0]}"

    def no_place(self, rows: int, cols: int) -> str:
        extent = self.extent()
        if extent is None:
            return ""
        x0, y0, x1, y1 = extent
        touches = x1 > 0 and y1 > 0 and x0 < cols and y0 < rows
        return "" if touches else f"it lies outside the image ({rows} x {cols}), {self.where_words()}"

    def quantities(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        return ()

    def unit_sources(self, facts: PixelFacts) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPoints(Outlined):
    """A shape of the points that it is drawn by, each of which is a handle. fewest, most: how many there may be.

    points_px: (x_px, y_px) each.
    """

    fewest: ClassVar[int] = 1
    most: ClassVar[int | None] = None

    points_px: Points

    def __post_init__(self) -> None:
        what = self.a_word.capitalize()
        count = len(self.points_px)
        if count < self.fewest or (self.most is not None and count > self.most):
            raise BadRequest(f"{what} needs {self.needed_words()}.")
        refuse_endless(what, *(number for point in self.points_px for number in point))

    @classmethod
    def needed_words(cls) -> str:
        """How many points it has, in words."""
        words = ("no", "one", "two", "three", "four")[cls.fewest]
        least = "" if cls.most is not None else "at least "
        return f"{least}{words} point{'' if cls.fewest == 1 else 's'}"

    @classmethod
    def of_points(cls, points_px: Sequence[Point]) -> Self:
        return cls(points_px=tuple(points_px))

    def rings(self) -> tuple[Points, ...]:
        return (self.points_px,)

    def points(self) -> Points:
        return self.points_px

    def handles(self) -> Points:
        return self.points_px

    def with_handle(self, handle: int, to: Point) -> Self:
        return replace(self, points_px=tuple(to if n == handle else p for n, p in enumerate(self.points_px)))

    def with_corner(self, edge: int, share: float) -> Self:
        points = self.points_px
        new = along(points[edge], points[(edge + 1) % len(points)], share)
        return replace(self, points_px=(*points[: edge + 1], new, *points[edge + 1 :]))

    def without_corner(self, corner: int) -> Self | None:
        if len(self.points_px) <= self.fewest:
            return None
        return replace(self, points_px=(*self.points_px[:corner], *self.points_px[corner + 1 :]))

    def moved(self, dx_px: float, dy_px: float) -> Self:
        return replace(self, points_px=tuple((x + dx_px, y + dy_px) for x, y in self.points_px))

    def mapped(self, move: MovePoint, turn: TurnPixels) -> Self:
        return replace(self, points_px=tuple(move(x, y) for x, y in self.points_px))

    def words(self) -> str:
        return f"{self.kind} · {len(self.points_px)} points"

    def to_stored(self, out: RunsOut) -> Any:
        return [list(point) for point in self.points_px]

    @classmethod
    def from_stored(cls, value: Any, runs: RunsIn) -> Self:
        return cls(points_px=stored_points(value))

    def to_document(self) -> dict[str, Any]:
        return {"points": [list(point) for point in self.points_px]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(points_px=tuple((float(x), float(y)) for x, y in document["points"]))

    def to_cells(self) -> dict[str, str]:
        return {"points_px": json.dumps([list(point) for point in self.points_px], allow_nan=False)}

    @classmethod
    def from_cells(cls, cells: Mapping[str, str]) -> Self:
        return cls(points_px=tuple((float(x), float(y)) for x, y in json.loads(cells["points_px"])))

    def painted(self) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(OfPoints):
    """A point, a line or an angle: open, and without an area."""

    closed: ClassVar[bool] = False

    def as_box(self) -> None:
        return None

    def as_mask(self, rows: int, cols: int) -> None:
        return None

    def no_place(self, rows: int, cols: int) -> str:
        """What has no area lies on the image on its very edge too."""
        if self.visible_extent(rows, cols) is not None:
            return ""
        return f"it lies outside the image ({rows} x {cols}), {self.where_words()}"
