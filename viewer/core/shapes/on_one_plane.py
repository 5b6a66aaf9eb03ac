"""Whether two shapes on planes lie on the same one, and how far they then lie over each other, in the patient's mm."""

import math

from viewer.core.shapes.anchors import SAME_PLANE_MM, PlaneAnchor, off_mm
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.outlined import Point, Points
from viewer.core.shapes.rasterize import points_mask
from viewer.core.shapes.region_overlap import shared_extent

_CELLS = 512  # along the longer side of what two outlines cover together: the finest they are told apart by
_LEVEL = 1e-3  # sine of the angle from which on a box is no box along the other plane's directions


def on_one_plane(one: Annotation, other: Annotation) -> bool:
    """Whether each lies in the plane of the other, within what makes two planes one (`anchors.SAME_PLANE_MM`)."""
    if one.plane is None or other.plane is None or one.plane == other.plane:
        return one.plane is not None and other.plane is not None
    return (
        off_mm(one.plane.place, other.points_mm[0]) <= SAME_PLANE_MM  # first, as most planes end here
        and one.plane.is_shown_on(other.plane.place, one.outline_px)
        and other.plane.is_shown_on(one.plane.place, other.outline_px)
    )


def shared_on_plane(one: Annotation, other: Annotation) -> float:
    """The area that two shapes on one plane share, over that of the smaller one, as `region_overlap.shared_part`.

    0 on two planes. Without an area, such as points and lines, they are the same thing where they are of one kind and
    go through the same points.
    """
    if not on_one_plane(one, other):
        return 0.0
    assert one.plane is not None and other.plane is not None
    here, there = one.plane, other.plane
    if one.shape.as_box() is None or other.shape.as_box() is None:
        return float(one.shape.kind == other.shape.kind and _go_through_the_same(one, other))
    if not (one.shape.tells_pixels or other.shape.tells_pixels) and _is_level(here, there):
        box = other.shape.mapped(lambda x, y: here.from_patient(there.to_patient((x, y))), lambda pixels: pixels)
        return shared_extent(one.shape, box)
    return _shared_outlines(one.outline_px, tuple(here.from_patient(there.to_patient(at)) for at in other.outline_px))


def _go_through_the_same(one: Annotation, other: Annotation) -> bool:
    first, second = one.points_mm, other.points_mm
    return len(first) == len(second) and all(
        math.dist(a, b) <= SAME_PLANE_MM for a, b in zip(first, second, strict=True)
    )


def _is_level(one: PlaneAnchor, other: PlaneAnchor) -> bool:
    """Whether their directions are the same two, whichever way each goes."""
    along = abs(sum(a * b for a, b in zip(one.row_cosines, other.row_cosines, strict=True)))
    return min(along, abs(1 - along)) <= _LEVEL


def _shared_outlines(one: Points, other: Points) -> float:
    """The same of two outlines, cell by cell."""
    if any(max(a) <= min(b) or max(b) <= min(a) for a, b in zip(zip(*one), zip(*other))):
        return 0.0
    corners = (*one, *other)
    x0, y0 = min(x for x, _ in corners), min(y for _, y in corners)
    wide, high = max(x for x, _ in corners) - x0, max(y for _, y in corners) - y0
    cells_of_mm = _CELLS / max(wide, high)
    rows, cols = math.ceil(high * cells_of_mm), math.ceil(wide * cells_of_mm)

    def in_cells(points: Points) -> list[Point]:
        return [((x - x0) * cells_of_mm, (y - y0) * cells_of_mm) for x, y in points]

    first, second = points_mask(in_cells(one), rows, cols), points_mask(in_cells(other), rows, cols)
    least = min(int(first.sum()), int(second.sum()))
    return float((first & second).sum()) / least if least else 0.0
