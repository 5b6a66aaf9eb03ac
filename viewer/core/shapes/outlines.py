"""What is drawn as lines and words on an image: outlines and tags, in image points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from viewer.core.deciding import score_words
from viewer.core.shapes.annotations import Annotation, Measurement, Origin, Proposal
from viewer.core.shapes.outlined import CONTOUR_WIDTH_PX, SHAPE_WIDTH_PX, MovePoint, Points
from viewer.core.shapes.shape import Shape

SELECTED_WIDTH_PX = 2.5
DASH = (7.0, 4.0)
MEASUREMENT_COLOR = "#FFFFFF"
CROSS_COLOR = "#5BC8E8"


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


def measurement_lines(measurement: Measurement, *, selected: bool) -> list[Outline]:
    """White lines, with handles when selected."""
    shape = measurement.shape
    return [
        Outline(
            points_px=ring,
            color=MEASUREMENT_COLOR,
            closed=shape.closed,
            width_px=SELECTED_WIDTH_PX if selected else CONTOUR_WIDTH_PX,
            handles_px=shape.drawn_handles() if selected else (),
            ends=shape.ends,
            owner_id=measurement.measurement_id,
        )
        for ring in shape.rings()
    ]


def annotation_lines(annotation: Annotation, color: str, *, selected: bool) -> tuple[list[Outline], Tag | None]:
    """A person's shape: solid; accepted or corrected from a model: solid with a framed badge "from AI"."""
    shape = annotation.shape
    lines = [
        Outline(
            points_px=ring,
            color=color,
            closed=shape.closed,
            width_px=SELECTED_WIDTH_PX if selected else shape.line_width_px,
            owner_id=annotation.annotation_id,
            under=shape.under,
            handles_px=shape.drawn_handles() if selected else (),
        )
        for ring in shape.rings()
    ]
    from_ai = annotation.origin in (Origin.ACCEPTED, Origin.CORRECTED)
    tag = _tag(shape, annotation.label, color, annotation.annotation_id)
    if tag is not None and from_ai:
        tag = replace(tag, badge="from AI", badge_style=BadgeStyle.ORIGIN)
    return lines, tag


def lines_moved(lines: Sequence[Outline], tag: Tag | None, move: MovePoint) -> tuple[list[Outline], Tag | None]:
    """Lines and a tag as they lie on another picture, which may be turned: a box need not have upright sides there.

    move: from the points of the one to those of the other.
    """
    moved = [
        replace(
            line, points_px=tuple(move(*point) for point in line.points_px),
            handles_px=tuple(move(*point) for point in line.handles_px),
        )
        for line in lines
    ]  # fmt: skip
    points = [point for line in moved for point in line.points_px]
    if tag is None or not points:
        return moved, tag
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return moved, replace(tag, x_px=min(xs), right_px=max(xs), top_px=min(ys), bottom_px=max(ys))


def proposal_lines(
    proposal: Proposal, color: str, *, selected: bool, cut: float | None = None
) -> tuple[list[Outline], Tag | None]:
    """A model's shape: dashed, never filled, with a white badge that says AI and the score.

    cut: what the score is held against, where it is.
    """
    if proposal.shape is None:
        return [], None
    lines = [
        Outline(
            points_px=ring,
            color=color,
            closed=proposal.shape.closed,
            dashed=True,
            width_px=SELECTED_WIDTH_PX if selected else SHAPE_WIDTH_PX,
            owner_id=proposal.proposal_id,
        )
        for ring in proposal.shape.rings()
    ]
    tag = _tag(proposal.shape, proposal.label, color, proposal.proposal_id)
    if tag is not None:
        outside = " · outside its domain" if proposal.outside_domain else ""
        tag = replace(tag, badge=f"AI {score_words(proposal.score, cut)}{outside}")
    return lines, tag


def _tag(shape: Shape, text: str, color: str, owner_id: str) -> Tag | None:
    bounds = shape.extent()
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
