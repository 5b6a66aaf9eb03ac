"""A stroke on a mask as runs: the pixels that it adds and those that it removes, and no other.

A cut through a series is a stroke on each of hundreds of slices, each long and thin: the rectangles round them are
hundreds of megabytes, their runs a few.
"""

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.mask import MaskRuns

Runs = NDArray[np.int32]  # (n, 3) of (row, col_start, col_end), as of MaskRuns
Pixels = NDArray[np.bool_]


def stroke_runs(before: Pixels, after: Pixels, *, row0: int, col0: int) -> tuple[Runs, Runs]:
    """(What a stroke adds, what it removes). before, after: (row, col), a rectangle whose first pixel is (row0, col0).

    Raises BadRequest where the two are not of one size.
    """
    if before.shape != after.shape:
        raise BadRequest("A brush stroke has as many pixels after it as before.")
    offset = np.asarray([row0, col0, col0], np.int32)
    return MaskRuns.from_array(after & ~before).runs + offset, MaskRuns.from_array(before & ~after).runs + offset


def stroke_fits(mask: MaskRuns, added: Runs, removed: Runs) -> bool:
    """Whether what a stroke adds is not in the mask and what it removes is. Raises BadRequest outside of the image."""
    band, row0 = _band(mask, added, removed)
    return not _any_of(band, added, row0, inside=True) and not _any_of(band, removed, row0, inside=False)


def with_stroke(mask: MaskRuns, added: Runs, removed: Runs) -> MaskRuns:
    """The mask with a stroke on it; only the touched rows are unpacked, whatever the image's size.

    Raises BadRequest where the mask does not hold what the stroke says was there, or where that leaves the image.
    """
    if not stroke_fits(mask, added, removed):
        raise BadRequest("The mask has changed since; the stroke does not fit any more.")
    band, row0 = _band(mask, added, removed)
    for runs, value in ((added, True), (removed, False)):
        for row, start, end in runs.tolist():
            band[row - row0, start:end] = value
    new = MaskRuns.from_array(band).runs
    new[:, 0] += row0
    first, last = np.searchsorted(mask.runs[:, 0], [row0, row0 + len(band)])
    return MaskRuns(rows=mask.rows, cols=mask.cols, runs=np.concatenate([mask.runs[:first], new, mask.runs[last:]]))


def _band(mask: MaskRuns, added: Runs, removed: Runs) -> tuple[Pixels, int]:
    """The rows that a stroke touches, whole, (row, col), and the first of them."""
    touched = np.concatenate([added, removed])
    if not len(touched):
        return np.zeros((0, mask.cols), np.bool_), 0
    row0, row1 = int(touched[:, 0].min()), int(touched[:, 0].max()) + 1
    if row0 < 0 or row1 > mask.rows or touched[:, 1].min() < 0 or touched[:, 2].max() > mask.cols:
        raise BadRequest("A brush stroke lies outside its image.")
    first, last = np.searchsorted(mask.runs[:, 0], [row0, row1])
    runs = mask.runs[first:last].copy()
    runs[:, 0] -= row0
    return MaskRuns(rows=row1 - row0, cols=mask.cols, runs=runs).to_array(), row0


def _any_of(band: Pixels, runs: Runs, row0: int, *, inside: bool) -> bool:
    return any((band[row - row0, start:end] == inside).any() for row, start, end in runs.tolist())
