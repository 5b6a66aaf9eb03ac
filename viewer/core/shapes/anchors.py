"""What a thing is drawn on where no image lies: a plane in a patient's space, such as one cut through a volume.

Points on a plane are (x, y) in mm from its origin along its two directions: a picture of it has pixels of 1 mm, the
first corner of which is the origin. A mask lies on no plane, but on the grid of its series (`Shape.on_planes`).
"""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewer.core.errors import BadRequest
from viewer.core.geometry import ImagePlane, PointMm, Spacing
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.outlined import Point

# A thing is shown on a plane that is turned no further against its own, and of which none of its points lies further.
SAME_PLANE_MM = 0.1
SAME_PLANE_DEGREES = 0.1

_AS_WRITTEN = 1e-4  # of a cosine: as far as a decimal string of DICOM (16 letters) carries it
_OF_A_PLANE = "the plane, in mm of the patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneAnchor:
    """A plane in a frame of reference; mm, LPS (PS3.3 C.7.6.2.1.1).

    series_id: through whose volume it was cut, so whose case its things are of. row_cosines: where x grows to;
    col_cosines: where y does. Raises BadRequest for directions that are no unit vectors at right angles.
    """

    frame_of_reference_uid: str
    series_id: str
    origin_mm: PointMm
    row_cosines: PointMm
    col_cosines: PointMm

    def __post_init__(self) -> None:
        if not self.frame_of_reference_uid or not self.series_id:
            raise BadRequest("A plane needs the frame of reference that it lies in, and the series that it cuts.")
        numbers = (*self.origin_mm, *self.row_cosines, *self.col_cosines)
        if len(numbers) != 9 or not all(map(math.isfinite, numbers)):
            raise BadRequest("A plane needs an origin and two directions of three finite numbers each.")
        row, col = self.row_cosines, self.col_cosines
        if max(abs(_dot(row, row) - 1), abs(_dot(col, col) - 1), abs(_dot(row, col))) > _AS_WRITTEN:
            raise BadRequest("The directions of a plane are unit vectors at right angles.")

    @property
    def place(self) -> ImagePlane:
        """It, as images say where they lie."""
        return ImagePlane(
            position_mm=self.origin_mm,
            row_cosines=self.row_cosines,
            col_cosines=self.col_cosines,
            frame_of_reference=self.frame_of_reference_uid,
        )

    @property
    def anchor_id(self) -> str:
        """32 hex digits of what it says: the same plane has one id."""
        said = json.dumps([self.frame_of_reference_uid, self.series_id, self.numbers()], allow_nan=False)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def numbers(self) -> list[list[float]]:
        """[origin, direction of a row, direction of a column], as a project keeps them."""
        # There is one zero.
        return [[float(number) + 0.0 for number in one] for one in (self.origin_mm, self.row_cosines, self.col_cosines)]

    def to_patient(self, at: Point) -> PointMm:
        """The patient point of a point on it."""
        found = [o + at[0] * r + at[1] * c for o, r, c in zip(self.origin_mm, self.row_cosines, self.col_cosines)]
        return found[0], found[1], found[2]

    def from_patient(self, point_mm: PointMm) -> Point:
        """The point on it that is nearest to a patient point."""
        away = _from(self.origin_mm, point_mm)
        return _dot(away, self.row_cosines), _dot(away, self.col_cosines)

    def on_it(self, points_mm: Sequence[PointMm]) -> tuple[Point, ...]:
        """Patient points as points on it. Raises BadRequest where one lies further off than `SAME_PLANE_MM`."""
        for point in points_mm:
            off = off_mm(self.place, point)
            if not off <= SAME_PLANE_MM:
                raise BadRequest(f"The point {words_of(point)} lies {off:.2f} mm off the plane.")
        return tuple(map(self.from_patient, points_mm))

    def is_shown_on(self, place: ImagePlane, points: Iterable[Point]) -> bool:
        """Whether what has these points on it is shown where that plane is; see `SAME_PLANE_MM`."""
        if place.frame_of_reference != self.frame_of_reference_uid:
            return False
        turned = np.linalg.norm(np.cross(np.asarray(self.place.normal), np.asarray(place.normal)))
        if math.degrees(math.asin(min(1.0, float(turned)))) > SAME_PLANE_DEGREES:
            return False
        return all(off_mm(place, self.to_patient(point)) <= SAME_PLANE_MM for point in points)


def plane_facts() -> PixelFacts:
    """What a measurement on a plane says its numbers by: pixels of 1 mm, and no values."""
    return PixelFacts(rows=0, cols=0, spacing=Spacing(row_mm=1.0, col_mm=1.0, source=_OF_A_PLANE))


def plane_of(frame_of_reference_uid: str, series_id: str, numbers: Any) -> PlaneAnchor:
    """The plane of `PlaneAnchor.numbers`. Raises BadRequest, ValueError, TypeError for what is none."""
    origin, row, col = (_point(one) for one in numbers)
    return PlaneAnchor(
        frame_of_reference_uid=frame_of_reference_uid, series_id=series_id, origin_mm=origin, row_cosines=row,
        col_cosines=col,
    )  # fmt: skip


def off_mm(place: ImagePlane, point_mm: PointMm) -> float:
    """How far a patient point lies from a plane."""
    return abs(_dot(_from(place.position_mm, point_mm), place.normal))


def size_words(points: Sequence[Point]) -> str:
    """How far points on a plane reach along its two directions: "30.0 × 40.0 mm"; "" of one point."""
    if len(points) < 2:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return f"{max(xs) - min(xs):.1f} × {max(ys) - min(ys):.1f} mm"


def words_of(point_mm: PointMm) -> str:
    """A patient point as people read it: "(-70.0, -40.0, 12.5)"."""
    return f"({', '.join(f'{one:.1f}' for one in point_mm)})"


def _point(numbers: Any) -> PointMm:
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise ValueError("a place that is no numbers")
    x, y, z = map(float, numbers)
    return x, y, z


def _from(start: PointMm, end: PointMm) -> PointMm:
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


def _dot(one: PointMm, other: PointMm) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
