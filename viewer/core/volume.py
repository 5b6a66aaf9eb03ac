"""A volume: values on a grid in the patient, and planes through it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.geometry import PlaneThrough, Spacing, VoxelGrid
from viewer.core.pixels import PixelFacts

MOST_PIXELS = 1 << 26  # of one plane; a spacing far from true would ask for more memory than there is
_CHUNK = 1 << 18  # pixels sampled at once: eight neighbours of each stay in the cache's reach
_NEAR = 1e-6  # voxels; a point this near a centre is meant to be on it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """Grey values in the patient.

    values: (slice, row, col) floats in modality units (HU and the like), NaN where there is no image (padding).
    facts: of the first slice, as they hold for values that have been through the modality step.
    """

    values: NDArray[np.floating]
    grid: VoxelGrid
    facts: PixelFacts

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise BadRequest("A volume's values and grid must have one shape.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reformat:
    """A plane through a volume. values: (row, col) in modality units, NaN outside. facts: with place and spacing."""

    values: NDArray[np.floating]
    facts: PixelFacts


def modality_facts(facts: PixelFacts) -> PixelFacts:
    """The facts of floats that have been through the modality step; windows and unit stay, what lies on pixels goes."""
    return replace(
        facts,
        rescale_slope=1.0,
        rescale_intercept=0.0,
        modality_lut=None,
        padding=None,
        bits_stored=32,
        signed=True,
        overlay_planes=(),
        shutter=None,
    )


def reformat(volume: Volume, plane: PlaneThrough) -> Reformat:
    """Sample a plane, trilinear. Raises BadRequest when it has too many pixels."""
    if plane.rows * plane.cols > MOST_PIXELS:
        raise BadRequest(f"A plane of {plane.cols} x {plane.rows} pixels is too large; check the spacing of the files.")
    spacing = Spacing(row_mm=plane.pixel_mm, col_mm=plane.pixel_mm, source="reformatted from the volume")
    values = np.empty((plane.rows, plane.cols), volume.values.dtype)
    grid = volume.grid
    first = grid.patient_to_voxel(np.asarray(plane.place.position_mm))
    # The way from a pixel to a voxel is affine, so one voxel offset per row and per column says it all.
    origin = np.asarray(grid.origin_mm)
    down = grid.patient_to_voxel(origin + np.asarray(plane.place.col_cosines) * plane.pixel_mm)
    right = grid.patient_to_voxel(origin + np.asarray(plane.place.row_cosines) * plane.pixel_mm)
    rows_at_once = max(1, _CHUNK // plane.cols)
    across = np.arange(plane.cols)[:, None] * right
    for row in range(0, plane.rows, rows_at_once):
        here = np.arange(row, min(row + rows_at_once, plane.rows))
        values[here] = sample(volume, first + here[:, None, None] * down + across)
    shown = replace(volume.facts, rows=plane.rows, cols=plane.cols, spacing=spacing, plane=plane.place)
    return Reformat(values=values, facts=shown)


def sample(volume: Volume, voxels: NDArray[np.float64]) -> NDArray[np.floating]:
    """Values at points, trilinear; NaN outside. voxels: (..., 3) as (slice, row, col), whole at voxel centres.

    Up to half a voxel beyond the outermost centres belongs to the volume. Padding takes part in no mean: a point most
    of whose neighbours' weight is padding is none.
    """
    values = volume.values
    whole = np.rint(voxels)
    at = np.where(np.abs(voxels - whole) < _NEAR, whole, voxels)
    last = np.array(values.shape) - 1
    inside = ((at >= -0.5 - _NEAR) & (at <= last + 0.5 + _NEAR)).all(axis=-1)
    at = np.clip(at, 0, last)
    below = np.minimum(at.astype(np.intp), np.maximum(last - 1, 0))
    share = at - below
    above = np.minimum(below + 1, last)
    total = np.zeros(at.shape[:-1], np.float64)
    weight = np.zeros(at.shape[:-1], np.float64)
    for corner in range(8):
        index, part = [], np.ones(at.shape[:-1], np.float64)
        for axis in range(3):
            far = bool(corner >> axis & 1)
            index.append((above if far else below)[..., axis])
            part *= share[..., axis] if far else 1.0 - share[..., axis]
        found: NDArray[Any] = values[index[0], index[1], index[2]]
        there = np.isfinite(found)
        part = np.where(there, part, 0.0)
        total += np.where(there, found, 0.0) * part
        weight += part
    kept = inside & (weight >= 0.5)
    out = np.where(kept, total / np.where(weight > 0, weight, 1.0), np.nan)
    return np.asarray(out, values.dtype)
