"""Masks as row runs: the one stored form of a painted region."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest

LARGEST_SIDE = 1 << 24  # pixels; far above any image, far below what asks for all memory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskRuns:
    """A binary region on a grid of rows x cols pixels.

    runs: (n, 3) int32 of (row, col_start, col_end), half-open in col, sorted by (row, col_start), not touching.
    """

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
    def from_array(cls, mask: NDArray[Any]) -> "MaskRuns":
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
