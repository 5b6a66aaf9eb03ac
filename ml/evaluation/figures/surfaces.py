"""Outlines of masks and how far they lie apart, in mm.

An outline is where four neighbouring pixels are not all inside or all outside: a piece of it lies around each such
corner, as long as marching squares draw it there (Nikolov et al., J Med Internet Res 23, 2021, in two dimensions). A
piece is as far from the other outline as its corner is from the nearest corner with a piece of that. What touches the
image's edge ends there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Spacing = tuple[float, float]

ROUNDING = 1e-9  # neither a distance nor a share of a length misses its bound by the last digit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Of one outline. far_mm: (piece,) to the other outline, infinite where there is none. long_mm: (piece,)."""

    far_mm: Floats
    long_mm: Floats

    def within(self, tolerance_mm: float) -> float:
        """The length that lies at most so far away."""
        return float(self.long_mm[self.far_mm <= tolerance_mm * (1 + ROUNDING)].sum())

    def reach_mm(self, share: float) -> float:
        """The distance that this share of the length lies within; NaN without an outline."""
        if not len(self.far_mm):
            return float("nan")
        order = np.argsort(self.far_mm, kind="stable")
        passed = np.cumsum(self.long_mm[order])
        place = int(np.searchsorted(passed, share * passed[-1] * (1 - ROUNDING)))
        return float(self.far_mm[order][min(place, len(order) - 1)])


def outlines(truth: Bools, said: Bools, spacing_mm: Spacing) -> tuple[Pieces, Pieces]:
    """The pieces of both outlines. truth, said: (row, col). spacing_mm: between rows, and between cols."""
    from scipy.ndimage import distance_transform_edt

    rows, cols = (np.nonzero((truth | said).any(axis=axis))[0] for axis in (1, 0))
    if not len(rows):
        nothing = Pieces(far_mm=np.zeros(0), long_mm=np.zeros(0))
        return nothing, nothing
    window = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
    lengths = [_lengths_mm(mask[window], spacing_mm) for mask in (truth, said)]
    far = [
        distance_transform_edt(long == 0, sampling=spacing_mm) if long.any() else np.full(long.shape, np.inf)
        for long in lengths
    ]
    first, second = (
        Pieces(far_mm=np.asarray(other[long > 0], np.float64), long_mm=long[long > 0])
        for long, other in zip(lengths, reversed(far), strict=True)
    )
    return first, second


def _lengths_mm(mask: Bools, spacing_mm: Spacing) -> Floats:
    """(row + 1, col + 1) the length of outline around each corner of the pixels, 0 where there is none."""
    inside = np.pad(mask, 1).astype(np.int8)
    four = np.stack([inside[:-1, :-1], inside[:-1, 1:], inside[1:, :-1], inside[1:, 1:]])
    count, (upper_left, upper_right, lower_left, _) = four.sum(axis=0), four
    high, wide = spacing_mm
    slant = float(np.hypot(high, wide)) / 2
    two = np.where(upper_left == upper_right, wide, np.where(upper_left == lower_left, high, 2 * slant))
    return np.asarray(np.where(count == 2, two, np.where((count == 1) | (count == 3), slant, 0.0)), np.float64)


def surface_dice(first: Pieces, second: Pieces, tolerance_mm: float) -> float:
    """The share of both outlines that lies at most `tolerance_mm` from the other; NaN without any outline."""
    whole = float(first.long_mm.sum() + second.long_mm.sum())
    return (first.within(tolerance_mm) + second.within(tolerance_mm)) / whole if whole else float("nan")


def hausdorff_95_mm(first: Pieces, second: Pieces) -> float:
    """The larger of the two distances that 95 % of an outline lie within from the other; both have pieces."""
    return max(first.reach_mm(0.95), second.reach_mm(0.95))
