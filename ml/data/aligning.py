"""Laying one image on the pixels of another, by where both lie in the patient."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from viewer.core.errors import BadFile
from viewer.core.pixels import PixelFacts

SAME_PX = 0.01  # of a pixel: what lies no further off is left as it is, bit for bit


def on_grid_of(
    shape: tuple[int, ...], own: PixelFacts, levels: NDArray[np.float32], facts: PixelFacts
) -> NDArray[np.float32]:
    """levels: (row, col) of a frame with `facts`. Returns them at the pixel centres of an image of this shape.

    Bilinear, antialiased where its pixels are finer, 0 where it does not reach. The planes are parallel. Raises BadFile
    where a size differs and the place is not known.
    """
    affine = _own_to_other(own, facts)
    if affine is None:
        if levels.shape != tuple(shape):
            raise BadFile(
                f"The frames of a sample have {shape[0]} x {shape[1]} and {levels.shape[0]} x {levels.shape[1]} px, "
                "and not all say their place and pixel spacing, so they cannot be laid over each other."
            )
        return levels
    if levels.shape == tuple(shape) and _off_px(affine, shape) <= SAME_PX:
        return levels
    return _sampled(levels, affine, shape)


def _own_to_other(own: PixelFacts, other: PixelFacts) -> NDArray[np.float64] | None:
    """(2, 3): from image points (x, y, 1) of one image to those of the other; None where a place is not known."""
    if own.plane is None or other.plane is None or own.spacing is None or other.spacing is None:
        return None
    corners = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    zero, right, down = (
        np.array(other.plane.patient_to_image(own.plane.image_to_patient(x, y, own.spacing), other.spacing))
        for x, y in corners
    )
    return np.stack([right - zero, down - zero, zero], axis=1)


def _off_px(affine: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """How far the corners of the image lie from the same points of the other, in its pixels."""
    rows, cols = shape[:2]
    points = np.array([[0, 0, 1], [cols, 0, 1], [0, rows, 1], [cols, rows, 1]], np.float64)
    return float(np.abs(points @ affine.T - points[:, :2]).max())


def _sampled(levels: NDArray[np.float32], affine: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float32]:
    image = torch.from_numpy(np.ascontiguousarray(levels))[None, None]
    rows, cols = levels.shape
    # How many pixels of the other one pixel of the image covers, along the other's own rows and columns.
    wide, high = np.linalg.norm(affine[:, :2], axis=1)
    if max(wide, high) > 1:
        size = max(1, round(rows / max(high, 1.0))), max(1, round(cols / max(wide, 1.0)))
        image = F.interpolate(image, size=size, mode="bilinear", align_corners=False, antialias=True)
    # Image points to -1..1 over the whole picture, on both sides (grid_sample, corners not aligned).
    out_rows, out_cols = shape[:2]
    to_own = np.array([[out_cols / 2, 0, out_cols / 2], [0, out_rows / 2, out_rows / 2], [0, 0, 1]])
    theta = (affine @ to_own) * np.array([[2 / cols], [2 / rows]]) - np.array([[0, 0, 1], [0, 0, 1]])
    grid = F.affine_grid(
        torch.from_numpy(theta.astype(np.float32))[None], [1, 1, out_rows, out_cols], align_corners=False
    )
    result: NDArray[np.float32] = F.grid_sample(
        image, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )[0, 0].numpy()
    return result
