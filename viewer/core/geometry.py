"""Where pixels lie: the only place that converts between indices, image points and patient points.

Indices are (row, col); image points (x_px, y_px) with the outer corner of the first pixel at (0, 0); patient points
(x_mm, y_mm, z_mm) in LPS (PS3.3 C.7.6.2.1.1).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest

PointMm = tuple[float, float, float]


class SpacingLevel(StrEnum):
    """What a millimetre means here."""

    PATIENT = "mm"
    DETECTOR = "mm at the detector"
    ESTIMATED = "mm (estimated)"  # a magnification was assumed or known, the depth in the patient was not
    CALIBRATED = "mm (calibrated)"  # true at the depth of whatever a projection was calibrated on
    UNSAID = "mm (calibration not said)"  # a projection that does not tell whether it was calibrated at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Distance between pixel centres.

    source: the attribute it comes from, e.g. "PixelSpacing". note: what the file says of its calibration, else "".
    """

    row_mm: float
    col_mm: float
    source: str
    level: SpacingLevel = SpacingLevel.PATIENT
    note: str = ""

    def __post_init__(self) -> None:
        if not (self.row_mm > 0 and self.col_mm > 0):
            raise BadRequest("Pixel spacing must be positive.")


def along(point_mm: PointMm, normal: PointMm) -> float:
    """How far a patient point lies along a unit normal, in mm: what slices are sorted by."""
    return sum(p * n for p, n in zip(point_mm, normal))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlane:
    """A frame's place in the patient (Image Plane Module).

    position_mm: centre of the first pixel. row_cosines: direction of increasing col; col_cosines: of increasing row.
    """

    position_mm: PointMm
    row_cosines: PointMm
    col_cosines: PointMm
    frame_of_reference: str = ""

    @property
    def normal(self) -> PointMm:
        """Unit normal, row_cosines x col_cosines."""
        # Plain arithmetic: a scan asks this for every file, and numpy takes ten times as long for three numbers.
        (a, b, c), (d, e, f) = self.row_cosines, self.col_cosines
        x, y, z = b * f - c * e, c * d - a * f, a * e - b * d
        length = math.hypot(x, y, z) or 1.0
        return (x / length, y / length, z / length)

    @property
    def along_normal_mm(self) -> float:
        """Position along the normal: what slices are sorted by."""
        return along(self.position_mm, self.normal)

    def image_to_patient(self, x_px: float, y_px: float, spacing: Spacing) -> PointMm:
        """The patient point under an image point; the half pixel is taken off here, once."""
        p = (
            np.asarray(self.position_mm)
            + np.asarray(self.row_cosines) * (x_px - 0.5) * spacing.col_mm
            + np.asarray(self.col_cosines) * (y_px - 0.5) * spacing.row_mm
        )
        return (float(p[0]), float(p[1]), float(p[2]))

    def patient_to_image(self, point_mm: PointMm, spacing: Spacing) -> tuple[float, float]:
        """The image point (x_px, y_px) nearest to a patient point."""
        d = np.asarray(point_mm) - np.asarray(self.position_mm)
        return (
            float(np.dot(d, np.asarray(self.row_cosines))) / spacing.col_mm + 0.5,
            float(np.dot(d, np.asarray(self.col_cosines))) / spacing.row_mm + 0.5,
        )


def direction_letters(direction: PointMm) -> str:
    """Letters for a patient direction, largest part first, a second one when oblique (PS3.3 C.7.6.1.1.1).

    Parts under 0.3 are not named; an all but zero direction gives "".
    """
    names = (("L", "R"), ("P", "A"), ("S", "I"))
    parts = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    letters = [names[axis][0 if direction[axis] > 0 else 1] for axis in parts[:2] if abs(direction[axis]) >= 0.3]
    return "".join(letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTransform:
    """From image points to view points (device pixels): first flip, then quarter turns clockwise, then zoom and pan.

    scale_x, scale_y: device pixels per image pixel along the image's own x and y (they differ for non-square pixels).
    center_x_px, center_y_px: the image point at the middle of a view of view_width x view_height device pixels.
    """

    view_width: int
    view_height: int
    scale_x: float
    scale_y: float
    center_x_px: float
    center_y_px: float
    quarter_turns: int = 0
    flipped: bool = False

    @property
    def _turn(self) -> tuple[int, int, int, int]:
        """(2, 2) of 0, 1 and -1, row by row: flip, then quarter turns. Its inverse is its transpose."""
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[self.quarter_turns % 4]
        flip = -1 if self.flipped else 1
        return cos * flip, -sin, sin * flip, cos

    def linear(self) -> NDArray[np.float64]:
        """(2, 2) matrix from image offset (x, y) to view offset (x, y)."""
        a, b, c, d = self._turn
        return np.array([[a * self.scale_x, b * self.scale_y], [c * self.scale_x, d * self.scale_y]])

    def to_view(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Image point to view point."""
        # In plain numbers: each tag, letter and outline asks, and two numpy matrices take twenty times as long.
        a, b, c, d = self._turn
        dx, dy = (x_px - self.center_x_px) * self.scale_x, (y_px - self.center_y_px) * self.scale_y
        return a * dx + b * dy + self.view_width / 2, c * dx + d * dy + self.view_height / 2

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """View point to image point."""
        a, b, c, d = self._turn
        dx, dy = x - self.view_width / 2, y - self.view_height / 2
        return (
            (a * dx + c * dy) * (1 / self.scale_x) + self.center_x_px,
            (b * dx + d * dy) * (1 / self.scale_y) + self.center_y_px,
        )


def edge_letters(plane: ImagePlane, view: ViewTransform) -> tuple[str, str, str, str]:
    """(left, right, top, bottom) letters of what is on the screen, from the displayed matrix."""
    right, down = _right_and_down(view)
    pairs = tuple(zip(plane.row_cosines, plane.col_cosines))

    def letters(along_x: float, along_y: float) -> str:
        x, y, z = (row * along_x + col * along_y for row, col in pairs)
        length = math.hypot(x, y, z) or 1.0
        return direction_letters((x / length, y / length, z / length))

    return letters(-right[0], -right[1]), letters(*right), letters(-down[0], -down[1]), letters(*down)


def _right_and_down(view: ViewTransform) -> tuple[tuple[float, float], tuple[float, float]]:
    """The image offsets (x, y) of one device pixel to the right and of one down."""
    # In plain numbers: every paint asks, and two numpy matrices take ten times as long.
    a, b, c, d = view._turn
    return (a / view.scale_x, b / view.scale_y), (c / view.scale_x, d / view.scale_y)


OPPOSITE_SIDES = {"L": "R", "R": "L", "A": "P", "P": "A", "S": "I", "I": "S"}


def side_letters(sides: tuple[str, str], view: ViewTransform) -> tuple[str, str, str, str]:
    """(left, right, top, bottom) letters on the screen. sides: where columns and rows of the image grow to."""
    right, down = _right_and_down(view)

    def letters(along_x: float, along_y: float) -> str:
        name, grows = (sides[0], along_x) if abs(along_x) > abs(along_y) else (sides[1], along_y)
        return name if grows > 0 else "".join(OPPOSITE_SIDES[letter] for letter in name)

    return letters(-right[0], -right[1]), letters(*right), letters(-down[0], -down[1]), letters(*down)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoxelGrid:
    """Where the voxels of a volume lie: index (slice, row, col) to patient points, shear of a tilted gantry included.

    origin_mm: centre of voxel (0, 0, 0). slice_step_mm, row_step_mm, col_step_mm: from one voxel to the next along each
    index; they need not be perpendicular. shape: (slices, rows, cols).
    """

    origin_mm: PointMm
    slice_step_mm: PointMm
    row_step_mm: PointMm
    col_step_mm: PointMm
    shape: tuple[int, int, int]

    def steps(self) -> NDArray[np.float64]:
        """(3, 3) matrix whose columns are the steps along slice, row and col, mm."""
        return np.array([self.slice_step_mm, self.row_step_mm, self.col_step_mm], np.float64).T

    def voxel_to_patient(self, indices: NDArray[np.float64]) -> NDArray[np.float64]:
        """indices: (..., 3) as (slice, row, col), whole numbers at voxel centres. Returns (..., 3) LPS mm."""
        return np.asarray(self.origin_mm) + np.asarray(indices, np.float64) @ self.steps().T

    def patient_to_voxel(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """points_mm: (..., 3) LPS. Returns (..., 3) as (slice, row, col)."""
        away = np.asarray(points_mm, np.float64) - np.asarray(self.origin_mm)
        return np.asarray(away @ np.linalg.inv(self.steps()).T, np.float64)

    def bounds_mm(self) -> tuple[PointMm, PointMm]:
        """The smallest and the largest (x, y, z) of the volume's outer corners, half a voxel beyond the centres."""
        ends = [(-0.5, count - 0.5) for count in self.shape]
        corners = self.voxel_to_patient(np.array([(s, r, c) for s in ends[0] for r in ends[1] for c in ends[2]]))
        low, high = corners.min(axis=0), corners.max(axis=0)
        return (float(low[0]), float(low[1]), float(low[2])), (float(high[0]), float(high[1]), float(high[2]))

    @property
    def finest_mm(self) -> float:
        """The smallest distance of neighbouring voxels: in the slice, or between slices along their normal."""
        steps = self.steps()
        normal = np.cross(steps[:, 2], steps[:, 1])
        between = abs(float(np.dot(steps[:, 0], normal))) / float(np.linalg.norm(normal))
        return min(between, float(np.linalg.norm(steps[:, 1])), float(np.linalg.norm(steps[:, 2])))


# What is seen in each standard plane: the patient direction of increasing column, and of increasing row (PS3.3
# C.7.6.2.1.1; axial is seen from the feet, coronal from the front, sagittal from the left).
STANDARD_PLANES: dict[str, tuple[PointMm, PointMm]] = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
AXIS_OF_PLANE = {"axial": 2, "coronal": 1, "sagittal": 0}  # the patient axis that the plane stands across


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneThrough:
    """A plane through a volume, as a picture: where it lies and how many square pixels of which side it has."""

    place: ImagePlane
    rows: int
    cols: int
    pixel_mm: float


def standard_plane(grid: VoxelGrid, name: str, at_mm: float | None = None) -> PlaneThrough:
    """The "axial", "coronal" or "sagittal" plane at a patient coordinate (mm), by default through the middle.

    It covers the whole volume, with square pixels of the finest spacing. Raises BadRequest outside the volume.
    """
    low, high = grid.bounds_mm()
    axis = AXIS_OF_PLANE[name]
    at = (low[axis] + high[axis]) / 2 if at_mm is None else at_mm
    if not low[axis] <= at <= high[axis]:
        raise BadRequest(f"The volume lies between {low[axis]:.1f} and {high[axis]:.1f} mm; there is no {at:.1f} mm.")
    right, down = STANDARD_PLANES[name]
    pixel = grid.finest_mm
    corner = [low[n] if right[n] + down[n] > 0 else high[n] for n in range(3)]
    corner[axis] = at
    across, along = (sum((high[n] - low[n]) * abs(side[n]) for n in range(3)) for side in (right, down))
    first = [corner[n] + (right[n] + down[n]) * pixel / 2 for n in range(3)]
    return PlaneThrough(
        place=ImagePlane(position_mm=(first[0], first[1], first[2]), row_cosines=right, col_cosines=down),
        rows=max(1, math.ceil(along / pixel - 1e-6)),
        cols=max(1, math.ceil(across / pixel - 1e-6)),
        pixel_mm=pixel,
    )


def plane_name(plane: ImagePlane) -> str:
    """Axial, Coronal or Sagittal when the normal is within 20 degrees of an axis, "Oblique" else."""
    normal = [abs(part) for part in plane.normal]
    largest = max(range(3), key=lambda axis: normal[axis])
    return ("Sagittal", "Coronal", "Axial")[largest] if normal[largest] > 0.94 else "Oblique"
