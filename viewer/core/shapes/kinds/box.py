"""A box: four sides, and what is in it is not told pixel by pixel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.shapes.outlined import (
    Extent,
    MovePoint,
    Outlined,
    Point,
    Points,
    RunsIn,
    RunsOut,
    TurnPixels,
    refuse_endless,
    stored_number,
)
from viewer.core.shapes.rasterize import box_mask

_LEAST_PX = 0.5  # of a side that is dragged onto its opposite
_CELLS = ("x0_px", "y0_px", "x1_px", "y1_px")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Outlined):
    """An axis-parallel box, x0_px < x1_px and y0_px < y1_px."""

    kind: ClassVar[str] = "box"
    plural: ClassVar[str] = "boxes"
    icon: ClassVar[str] = "box"

    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float

    def __post_init__(self) -> None:
        refuse_endless("A box", self.x0_px, self.y0_px, self.x1_px, self.y1_px)
        if not (self.x0_px < self.x1_px and self.y0_px < self.y1_px):
            raise BadRequest(f"A box needs a width and a height; got {self}.")

    @classmethod
    def of_points(cls, points_px: Sequence[Point]) -> Self:
        if len(points_px) != 2:
            raise BadRequest("A box is made of two of its corners, opposite to each other.")
        (xa, ya), (xb, yb) = points_px
        return cls(x0_px=min(xa, xb), y0_px=min(ya, yb), x1_px=max(xa, xb), y1_px=max(ya, yb))

    @property
    def width_px(self) -> float:
        """Extent along x."""
        return self.x1_px - self.x0_px

    @property
    def height_px(self) -> float:
        """Extent along y."""
        return self.y1_px - self.y0_px

    def rings(self) -> tuple[Points, ...]:
        x0, y0, x1, y1 = self.extent()
        return (((x0, y0), (x1, y0), (x1, y1), (x0, y1)),)

    def points(self) -> Points:
        return ((self.x0_px, self.y0_px), (self.x1_px, self.y1_px))

    def extent(self) -> Extent:
        return self.x0_px, self.y0_px, self.x1_px, self.y1_px

    def handles(self) -> Points:
        """Corners and side middles, clockwise from the upper left corner."""
        x0, y0, x1, y1 = self.extent()
        x_middle, y_middle = (x0 + x1) / 2, (y0 + y1) / 2
        return (
            (x0, y0), (x_middle, y0), (x1, y0), (x1, y_middle),
            (x1, y1), (x_middle, y1), (x0, y1), (x0, y_middle),
        )  # fmt: skip

    def with_handle(self, handle: int, to: Point) -> Self:
        """A side dragged over its opposite changes places with it."""
        x0, y0, x1, y1 = self.extent()
        if handle in (0, 6, 7):
            x0 = to[0]
        if handle in (2, 3, 4):
            x1 = to[0]
        if handle in (0, 1, 2):
            y0 = to[1]
        if handle in (4, 5, 6):
            y1 = to[1]
        left, top = min(x0, x1), min(y0, y1)
        right, bottom = max(x0, x1, left + _LEAST_PX), max(y0, y1, top + _LEAST_PX)
        return replace(self, x0_px=left, y0_px=top, x1_px=right, y1_px=bottom)

    def moved(self, dx_px: float, dy_px: float) -> Self:
        return self.of_points(tuple((x + dx_px, y + dy_px) for x, y in self.points()))

    def holds(self, at: Point) -> bool:
        return self.x0_px <= at[0] < self.x1_px and self.y0_px <= at[1] < self.y1_px

    def mapped(self, move: MovePoint, turn: TurnPixels) -> Self:
        (xa, ya), (xb, yb) = (move(x, y) for x, y in self.points())
        return self.of_points(((min(xa, xb), min(ya, yb)), (max(xa, xb), max(ya, yb))))

    def side_note(self) -> tuple[float, float, str]:
        return self.x1_px, self.y1_px, self.size_words()

    def size_words(self) -> str:
        """Such as "12 × 30 px"."""
        return f"{self.width_px:.0f} × {self.height_px:.0f} px"

    def words(self) -> str:
        return f"{self.kind} · {self.size_words()}"

    def as_box(self) -> Self:
        return self

    def as_mask(self, rows: int, cols: int) -> None:
        return None

    def painted(self) -> None:
        return None

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        return box_mask(self, rows, cols)

    def visible_area_px(self, rows: int, cols: int) -> float:
        extent = self.visible_extent(rows, cols)
        return 0.0 if extent is None else (extent[2] - extent[0]) * (extent[3] - extent[1])

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        x0, y0, x1, y1 = max(self.x0_px, 0.0), max(self.y0_px, 0.0), min(self.x1_px, cols), min(self.y1_px, rows)
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def written_numbers(self) -> tuple[float, ...]:
        """Its corner and its extent: those lie between 0 and 1 where its sides are fractions, however it is written."""
        return self.x0_px, self.y0_px, self.width_px, self.height_px

    def where_words(self) -> str:
        return f"from ({self.x0_px:g}, {self.y0_px:g}) to ({self.x1_px:g}, {self.y1_px:g})"

    def to_stored(self, out: RunsOut) -> Any:
        return list(self.extent())

    @classmethod
    def from_stored(cls, value: Any, runs: RunsIn) -> Self:
        x0, y0, x1, y1 = map(stored_number, value)
        return cls(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    def to_document(self) -> dict[str, Any]:
        return {"box": list(self.extent())}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        x0, y0, x1, y1 = document["box"]
        return cls(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    def to_cells(self) -> dict[str, str]:
        return dict(zip(_CELLS, map(repr, self.extent()), strict=True))

    @classmethod
    def from_cells(cls, cells: Mapping[str, str]) -> Self:
        x0, y0, x1, y1 = (float(cells[name]) for name in _CELLS)
        return cls(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
