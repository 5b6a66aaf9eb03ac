"""What is drawn as lines and words on an image: outlines and tags, in image points."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from viewer.core.shapes.annotations import Annotation, Measurement, Origin, Proposal
from viewer.core.shapes.masks import MaskRuns
from viewer.core.shapes.rasterize import outlines as mask_rings
from viewer.core.shapes.shape import Box, Polygon, Shape

SHAPE_WIDTH_PX = 1.75
CONTOUR_WIDTH_PX = 1.5
SELECTED_WIDTH_PX = 2.5
DASH = (7.0, 4.0)
MEASUREMENT_COLOR = "#FFFFFF"
CROSS_COLOR = "#5BC8E8"

Points = tuple[tuple[float, float], ...]


class BadgeStyle(StrEnum):
    """How a tag's badge looks: a model's score on white, or an origin in a frame."""

    SCORE = "score"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One line on the image.

    points_px: (x_px, y_px) image points. closed: the last point joins the first. dashed: a proposal, dash 7-4.
    width_px: line width in view pixels (at 96 per inch). handles_px: image points of white handles. under: a dark
    under-line is drawn first. ends: cross strokes at the first and last point, as on a ruler.
    """

    points_px: Points
    color: str
    closed: bool = True
    dashed: bool = False
    width_px: float = SHAPE_WIDTH_PX
    handles_px: Points = ()
    under: bool = True
    ends: bool = False
    owner_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Words beside a shape. x_px, right_px, top_px, bottom_px: the bounds of what it belongs to, in image points."""

    text: str
    color: str
    x_px: float
    right_px: float
    top_px: float
    bottom_px: float
    badge: str = ""
    badge_style: BadgeStyle = BadgeStyle.SCORE
    owner_id: str = ""


def cross_lines(x_px: float, y_px: float, rows: int, cols: int) -> tuple[Outline, ...]:
    """Four lines from a point to the edges of its image, open around the point so that it stays in sight."""
    gap = max(rows, cols) / 40
    ends = (((0.0, y_px), (x_px - gap, y_px)), ((x_px + gap, y_px), (float(cols), y_px)),
            ((x_px, 0.0), (x_px, y_px - gap)), ((x_px, y_px + gap), (x_px, float(rows))))  # fmt: skip
    return tuple(
        Outline(points_px=line, color=CROSS_COLOR, closed=False, width_px=1.0)
        for line in ends
        if line[0][0] <= line[1][0] and line[0][1] <= line[1][1]
    )


def shape_rings(shape: Shape) -> tuple[Points, ...]:
    """The closed lines of a shape in image points; several for a mask."""
    if isinstance(shape, Box):
        corners = (
            (shape.x0_px, shape.y0_px),
            (shape.x1_px, shape.y0_px),
            (shape.x1_px, shape.y1_px),
            (shape.x0_px, shape.y1_px),
        )
        return (corners,)
    if isinstance(shape, Polygon):
        return (shape.points_px,)
    return _rings_of_mask(_MaskKey(shape))


def shape_bounds(shape: Shape) -> tuple[float, float, float, float] | None:
    """(x0_px, y0_px, x1_px, y1_px) around a shape; None for an empty mask."""
    if isinstance(shape, Box):
        return shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px
    if isinstance(shape, Polygon):
        xs, ys = [x for x, _ in shape.points_px], [y for _, y in shape.points_px]
        return min(xs), min(ys), max(xs), max(ys)
    bounds = shape.bounds()
    return None if bounds is None else (bounds[1], bounds[0], bounds[3], bounds[2])


def handle_points(shape: Shape) -> Points:
    """Where a shape can be taken: corners and side middles of a box, corners of a polygon, none of a mask."""
    if isinstance(shape, Polygon):
        return shape.points_px
    if not isinstance(shape, Box):
        return ()
    x_middle, y_middle = (shape.x0_px + shape.x1_px) / 2, (shape.y0_px + shape.y1_px) / 2
    return (
        (shape.x0_px, shape.y0_px),
        (x_middle, shape.y0_px),
        (shape.x1_px, shape.y0_px),
        (shape.x1_px, y_middle),
        (shape.x1_px, shape.y1_px),
        (x_middle, shape.y1_px),
        (shape.x0_px, shape.y1_px),
        (shape.x0_px, y_middle),
    )


def measurement_rings(measurement: Measurement) -> tuple[Points, ...]:
    """The lines of a measurement in image points: an ellipse as 72 corners, a length or angle as it was clicked."""
    if measurement.kind not in ("rectangle", "ellipse"):
        return (measurement.points_px,)
    (x0, y0), (x1, y1) = measurement.points_px
    if measurement.kind == "rectangle":
        return (((x0, y0), (x1, y0), (x1, y1), (x0, y1)),)
    turns = [2 * math.pi * step / 72 for step in range(72)]
    middle_x, middle_y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    return (tuple((middle_x + half_x * math.cos(t), middle_y + half_y * math.sin(t)) for t in turns),)


def measurement_lines(measurement: Measurement, *, selected: bool) -> list[Outline]:
    """White lines, with handles when selected."""
    is_area = measurement.kind in ("rectangle", "ellipse")
    handles: Points = ()
    if selected:
        corners = measurement.points_px
        box = ((corners[0][0], corners[0][1]), (corners[1][0], corners[0][1]),
               (corners[1][0], corners[1][1]), (corners[0][0], corners[1][1]))  # fmt: skip
        handles = box if is_area else corners
    return [
        Outline(
            points_px=ring,
            color=MEASUREMENT_COLOR,
            closed=is_area,
            width_px=SELECTED_WIDTH_PX if selected else CONTOUR_WIDTH_PX,
            handles_px=handles,
            ends=not is_area,
            owner_id=measurement.measurement_id,
        )
        for ring in measurement_rings(measurement)
    ]


def annotation_lines(annotation: Annotation, color: str, *, selected: bool) -> tuple[list[Outline], Tag | None]:
    """A person's shape: solid; accepted or corrected from a model: solid with a framed badge "from AI"."""
    shape = annotation.shape
    width = CONTOUR_WIDTH_PX if isinstance(shape, MaskRuns) else SHAPE_WIDTH_PX
    lines = [
        Outline(
            points_px=ring,
            color=color,
            width_px=SELECTED_WIDTH_PX if selected else width,
            owner_id=annotation.annotation_id,
            under=not isinstance(shape, MaskRuns),
            handles_px=handle_points(shape) if selected else (),
        )
        for ring in shape_rings(shape)
    ]
    from_ai = annotation.origin in (Origin.ACCEPTED, Origin.CORRECTED)
    tag = _tag(shape, annotation.label, color, annotation.annotation_id)
    if tag is not None and from_ai:
        tag = replace(tag, badge="from AI", badge_style=BadgeStyle.ORIGIN)
    return lines, tag


def proposal_lines(proposal: Proposal, color: str, *, selected: bool) -> tuple[list[Outline], Tag | None]:
    """A model's shape: dashed, never filled, with a white badge that says AI and the score."""
    if proposal.shape is None:
        return [], None
    lines = [
        Outline(
            points_px=ring,
            color=color,
            dashed=True,
            width_px=SELECTED_WIDTH_PX if selected else SHAPE_WIDTH_PX,
            owner_id=proposal.proposal_id,
        )
        for ring in shape_rings(proposal.shape)
    ]
    tag = _tag(proposal.shape, proposal.label, color, proposal.proposal_id)
    if tag is not None:
        outside = " · outside its domain" if proposal.outside_domain else ""
        tag = replace(tag, badge=f"AI {proposal.score:.2f}{outside}")
    return lines, tag


def _tag(shape: Shape, text: str, color: str, owner_id: str) -> Tag | None:
    bounds = shape_bounds(shape)
    if bounds is None:
        return None
    return Tag(
        text=text,
        color=color,
        x_px=bounds[0],
        right_px=bounds[2],
        top_px=bounds[1],
        bottom_px=bounds[3],
        owner_id=owner_id,
    )


class _MaskKey:
    """A mask by identity: masks are never changed in place, so the same object has the same rings."""

    __slots__ = ("mask",)

    def __init__(self, mask: MaskRuns) -> None:
        self.mask = mask

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MaskKey) and other.mask is self.mask

    def __hash__(self) -> int:
        return id(self.mask)


@lru_cache(maxsize=256)
def _rings_of_mask(key: _MaskKey) -> tuple[Points, ...]:
    bounds = key.mask.bounds()
    if bounds is None:
        return ()
    row0, col0, row1, col1 = bounds
    inside = key.mask.to_array()[row0:row1, col0:col1]
    return tuple(tuple((float(x + col0), float(y + row0)) for x, y in ring.tolist()) for ring in mask_rings(inside))
