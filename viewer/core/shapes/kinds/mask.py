"""Masks as row runs: the one stored form of a painted region."""

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlined import (
    CONTOUR_WIDTH_PX,
    Extent,
    MovePoint,
    Outlined,
    Point,
    Points,
    RunsIn,
    RunsOut,
    TurnPixels,
)
from viewer.core.shapes.rasterize import outlines

LARGEST_SIDE = 1 << 24  # pixels; far above any image, far below what asks for all memory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskRuns(Outlined):
    """A binary region on a grid of rows x cols pixels. Brush and eraser change it, and nothing else does.

    runs: (n, 3) int32 of (row, col_start, col_end), half-open in col, sorted by (row, col_start), not touching.
    """

    kind: ClassVar[str] = "mask"
    plural: ClassVar[str] = "masks"
    icon: ClassVar[str] = "brush"
    under: ClassVar[bool] = False
    line_width_px: ClassVar[float] = CONTOUR_WIDTH_PX
    is_movable: ClassVar[bool] = False
    tells_pixels: ClassVar[bool] = True
    on_planes: ClassVar[bool] = False

    rows: int
    cols: int
    runs: NDArray[np.int32]

    def __post_init__(self) -> None:
        if not (0 <= self.rows <= LARGEST_SIDE and 0 <= self.cols <= LARGEST_SIDE):
            raise BadRequest(f"A mask of {self.rows} x {self.cols} pixels is larger than any image.")
        if self.runs.ndim != 2 or self.runs.shape[1] != 3:
            raise BadRequest("Mask runs are rows of (row, col_start, col_end).")
        if len(self.runs) and (
            self.runs.min() < 0
            or self.runs[:, 0].max() >= self.rows
            or self.runs[:, 2].max() > self.cols
            or (self.runs[:, 1] >= self.runs[:, 2]).any()
        ):
            raise BadRequest(f"A mask run lies outside its {self.rows} x {self.cols} image.")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, MaskRuns)
            and (self.rows, self.cols) == (other.rows, other.cols)
            and np.array_equal(self.runs, other.runs)
        )

    __hash__ = None  # type: ignore[assignment]  # holds an array

    @classmethod
    def from_array(cls, mask: NDArray[Any]) -> Self:
        """mask: (row, col), any dtype, non-zero is inside."""
        inside = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
        inside[:, 1:-1] = mask != 0
        step = np.diff(inside, axis=1)
        start_row, start_col = np.nonzero(step == 1)
        _, end_col = np.nonzero(step == -1)
        runs = np.stack([start_row, start_col, end_col], axis=1).astype(np.int32)
        return cls(rows=mask.shape[0], cols=mask.shape[1], runs=runs.reshape(-1, 3))

    def to_array(self) -> NDArray[np.bool_]:
        """Returns (row, col) bool."""
        mask = np.zeros((self.rows, self.cols), np.bool_)
        for row, start, end in self.runs.tolist():
            mask[row, start:end] = True
        return mask

    @property
    def area_px(self) -> int:
        """Number of pixels inside."""
        return int((self.runs[:, 2] - self.runs[:, 1]).sum())

    def bounds(self) -> tuple[int, int, int, int] | None:
        """(row0, col0, row1, col1), half-open; None when empty."""
        if not len(self.runs):
            return None
        return (
            int(self.runs[0, 0]),
            int(self.runs[:, 1].min()),
            int(self.runs[-1, 0]) + 1,
            int(self.runs[:, 2].max()),
        )

    @property
    def key(self) -> Hashable:
        return self.rows, self.cols, self.runs.tobytes()

    @property
    def is_empty(self) -> bool:
        return not len(self.runs)

    def rings(self) -> tuple[Points, ...]:
        """Along the sides of pixels; several where it has several parts or holes."""
        return _rings(_ByIdentity(self))

    @classmethod
    def of_points(cls, points_px: Sequence[Point]) -> Self:
        raise BadRequest("A mask is painted, and has no points.")

    def extent(self) -> Extent | None:
        bounds = self.bounds()
        return None if bounds is None else (bounds[1], bounds[0], bounds[3], bounds[2])

    def holds(self, at: Point) -> bool:
        row, col = math.floor(at[1]), math.floor(at[0])
        here = self.runs[self.runs[:, 0] == row]
        return bool(((here[:, 1] <= col) & (col < here[:, 2])).any())

    def mapped(self, move: MovePoint, turn: TurnPixels) -> Self:
        return self.from_array(turn(self.to_array()))

    def words(self) -> str:
        return f"{self.kind} · {self.area_px:,} px".replace(",", "\u202f")

    def drawn_as(self, label: str) -> str:
        return f"paint {label}"

    def as_box(self) -> Box | None:
        extent = self.extent()
        if extent is None:
            return None
        x0, y0, x1, y1 = extent
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    def as_mask(self, rows: int, cols: int) -> Self | None:
        """None where it lies on another grid."""
        return self if (self.rows, self.cols) == (rows, cols) else None

    def painted(self) -> Self:
        return self

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        mask = self.as_mask(rows, cols)
        return np.zeros((rows, cols), np.bool_) if mask is None else mask.to_array()

    def visible_area_px(self, rows: int, cols: int) -> float:
        return float(self.area_px)

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        return self.extent()

    def no_place(self, rows: int, cols: int) -> str:
        if self.as_mask(rows, cols) is not None:
            return ""
        return f"the mask has {self.rows} x {self.cols} pixels, the image {rows} x {cols} (rows x columns)"

    def to_stored(self, out: RunsOut) -> Any:
        return out.add(self.rows, self.cols, self.runs)

    @classmethod
    def from_stored(cls, value: Any, runs: RunsIn) -> Self:
        rows, cols, own = runs.get(value)
        return cls(rows=rows, cols=cols, runs=own)

    def to_document(self) -> dict[str, Any]:
        return {"rows": self.rows, "cols": self.cols, "runs": self.runs.tolist()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        runs = np.asarray(document["runs"], np.int32).reshape(-1, 3)
        return cls(rows=int(document["rows"]), cols=int(document["cols"]), runs=runs)

    def to_cells(self) -> dict[str, str]:
        return {"mask_runs": json.dumps(self.to_document(), separators=(",", ":"), allow_nan=False)}

    @classmethod
    def from_cells(cls, cells: Mapping[str, str]) -> Self:
        return cls.from_document(json.loads(cells["mask_runs"]))


class _ByIdentity:
    """A mask by identity: masks are never changed in place, so the same object has the same rings."""

    __slots__ = ("mask",)

    def __init__(self, mask: MaskRuns) -> None:
        self.mask = mask

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.mask is self.mask

    def __hash__(self) -> int:
        return id(self.mask)


@lru_cache(maxsize=256)
def _rings(key: _ByIdentity) -> tuple[Points, ...]:
    bounds = key.mask.bounds()
    if bounds is None:
        return ()
    row0, col0, row1, col1 = bounds
    inside = key.mask.to_array()[row0:row1, col0:col1]
    return tuple(tuple((float(x + col0), float(y + row0)) for x, y in ring.tolist()) for ring in outlines(inside))
