"""Lines, handles and words on an image, by kind of what is drawn. Expected values by hand and from the look."""

import math

import numpy as np
import pytest

from viewer.core.shapes.annotations import Annotation, Measurement, Origin, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.outlined import CONTOUR_WIDTH_PX, SHAPE_WIDTH_PX
from viewer.core.shapes.outlines import (
    CROSS_COLOR,
    MEASUREMENT_COLOR,
    SELECTED_WIDTH_PX,
    BadgeStyle,
    annotation_lines,
    cross_lines,
    measurement_lines,
    proposal_lines,
)
from viewer.core.shapes.shape import Shape

BOX = Box(x0_px=1, y0_px=2, x1_px=5, y1_px=8)
TRIANGLE = Polygon(points_px=((0.0, 3.0), (10.0, 0.0), (4.0, 9.0)))
MASK = MaskRuns(rows=20, cols=30, runs=np.array([[4, 6, 8], [5, 6, 7]], np.int32))
EMPTY = MaskRuns(rows=20, cols=30, runs=np.empty((0, 3), np.int32))


def drawn(shape: Shape, origin: Origin = Origin.PERSON) -> Annotation:
    return Annotation(annotation_id="a", image_id="i", label="Lung", shape=shape, author="me", origin=origin)


def proposed(shape: Shape | None, **facts: object) -> Proposal:
    return Proposal(
        proposal_id="p", prediction_id="q", image_id="i", label="Lung", score=0.876, shape=shape, **facts
    )  # type: ignore[arg-type]  # fmt: skip


def measured(kind: str, *points: tuple[float, float]) -> Measurement:
    return Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)


def test_rings_go_round_corners_of_pixels() -> None:
    assert BOX.rings() == (((1, 2), (5, 2), (5, 8), (1, 8)),)
    assert TRIANGLE.rings() == (TRIANGLE.points_px,)
    (ring,) = MASK.rings()
    assert set(ring) == {(6.0, 4.0), (8.0, 4.0), (8.0, 5.0), (7.0, 5.0), (7.0, 6.0), (6.0, 6.0)}
    assert EMPTY.rings() == ()


def test_two_equal_masks_are_each_traced_and_the_same_one_only_once() -> None:
    twin = MaskRuns(rows=20, cols=30, runs=MASK.runs.copy())

    assert MASK.rings() is MASK.rings()
    assert twin.rings() == MASK.rings()
    moved = MaskRuns(rows=20, cols=30, runs=MASK.runs + np.array([1, 0, 0], np.int32))
    assert moved.rings() != MASK.rings()


def test_bounds_are_x_y_x_y() -> None:
    assert BOX.extent() == (1, 2, 5, 8)
    assert TRIANGLE.extent() == (0.0, 0.0, 10.0, 9.0)
    assert MASK.extent() == (6, 4, 8, 6)
    assert EMPTY.extent() is None


def test_handles_are_corners_and_side_middles() -> None:
    assert BOX.handles() == ((1, 2), (3, 2), (5, 2), (5, 5), (5, 8), (3, 8), (1, 8), (1, 5))
    assert TRIANGLE.handles() == TRIANGLE.points_px
    assert MASK.handles() == ()


def test_a_measurement_is_drawn_as_what_it_measures() -> None:
    assert measured("length", (1, 2), (3, 4)).shape.rings() == (((1, 2), (3, 4)),)
    assert measured("rectangle", (1, 2), (5, 8)).shape.rings() == (((1, 2), (5, 2), (5, 8), (1, 8)),)
    (ring,) = measured("ellipse", (0, 0), (8, 4)).shape.rings()
    assert len(ring) == 72
    assert ring[0] == (8.0, 2.0) and ring[18] == pytest.approx((4.0, 4.0)) and ring[36] == pytest.approx((0.0, 2.0))
    assert {round(((x - 4) / 4) ** 2 + ((y - 2) / 2) ** 2, 9) for x, y in ring} == {1.0}


def test_lengths_are_open_with_ends_and_areas_are_closed_without() -> None:
    (length,) = measurement_lines(measured("length", (1, 2), (3, 4)), selected=False)
    (area,) = measurement_lines(measured("ellipse", (0, 0), (8, 4)), selected=True)

    assert (length.closed, length.ends, length.width_px, length.color) == (
        False,
        True,
        CONTOUR_WIDTH_PX,
        MEASUREMENT_COLOR,
    )
    assert length.handles_px == () and length.owner_id == "m"
    assert (area.closed, area.ends, area.width_px) == (True, False, SELECTED_WIDTH_PX)
    assert area.handles_px == ((0, 0), (8, 0), (8, 4), (0, 4))
    (taken,) = measurement_lines(measured("angle", (1, 2), (3, 4), (5, 6)), selected=True)
    assert taken.handles_px == ((1, 2), (3, 4), (5, 6)) and not taken.closed


def test_a_person_s_shape_is_solid_and_tagged_by_its_label() -> None:
    (line,), tag = annotation_lines(drawn(BOX), "#123456", selected=False)

    assert (line.dashed, line.width_px, line.under, line.handles_px) == (False, SHAPE_WIDTH_PX, True, ())
    assert (line.color, line.owner_id, line.closed) == ("#123456", "a", True)
    assert tag is not None and (tag.text, tag.badge, tag.owner_id) == ("Lung", "", "a")
    assert (tag.x_px, tag.right_px, tag.top_px, tag.bottom_px) == (1, 5, 2, 8)


def test_a_mask_s_contour_is_thin_and_has_no_under_line() -> None:
    (line,), _ = annotation_lines(drawn(MASK), "#123456", selected=False)
    (taken,), _ = annotation_lines(drawn(BOX), "#123456", selected=True)
    nothing, no_tag = annotation_lines(drawn(EMPTY), "#123456", selected=True)

    assert (line.width_px, line.under) == (CONTOUR_WIDTH_PX, False)
    assert taken.width_px == SELECTED_WIDTH_PX and taken.handles_px == BOX.handles()
    assert nothing == [] and no_tag is None


@pytest.mark.parametrize(
    ("origin", "badge"), [(Origin.ACCEPTED, "from AI"), (Origin.CORRECTED, "from AI"), (Origin.IMPORTED, "")]
)
def test_what_came_from_a_model_says_so_for_good(origin: Origin, badge: str) -> None:
    _, tag = annotation_lines(drawn(BOX, origin), "#123456", selected=False)

    assert tag is not None and tag.badge == badge
    assert not badge or tag.badge_style is BadgeStyle.ORIGIN


def test_a_proposal_is_dashed_with_its_score_and_whether_it_lies_outside_its_domain() -> None:
    (line,), tag = proposal_lines(proposed(BOX), "#123456", selected=False)
    _, outside = proposal_lines(proposed(BOX, outside_domain=True), "#123456", selected=True)

    assert (line.dashed, line.width_px, line.owner_id, line.handles_px) == (True, SHAPE_WIDTH_PX, "p", ())
    assert tag is not None and (tag.text, tag.badge, tag.badge_style) == ("Lung", "AI 0.88", BadgeStyle.SCORE)
    assert outside is not None and outside.badge == "AI 0.88 · outside its domain"
    assert proposal_lines(proposed(None), "#123456", selected=False) == ([], None)
    assert proposal_lines(proposed(EMPTY), "#123456", selected=False) == ([], None)


def test_the_crosshair_reaches_the_edges_and_leaves_its_middle_open() -> None:
    lines = cross_lines(40.0, 60.0, rows=100, cols=80)

    # The gap is a fortieth of the longer side: 2.5 pixels.
    assert [line.points_px for line in lines] == [
        ((0.0, 60.0), (37.5, 60.0)),
        ((42.5, 60.0), (80.0, 60.0)),
        ((40.0, 0.0), (40.0, 57.5)),
        ((40.0, 62.5), (40.0, 100.0)),
    ]
    assert {(line.color, line.closed, line.width_px) for line in lines} == {(CROSS_COLOR, False, 1.0)}


def test_an_arm_of_the_crosshair_without_room_is_left_out() -> None:
    lines = cross_lines(1.0, 99.0, rows=100, cols=80)

    assert [line.points_px for line in lines] == [((3.5, 99.0), (80.0, 99.0)), ((1.0, 0.0), (1.0, 96.5))]
    assert math.isclose(SELECTED_WIDTH_PX, 2.5)


def test_handles_stand_on_half_pixels_where_the_middle_is_there() -> None:
    box = Box(x0_px=1, y0_px=2, x1_px=4, y1_px=9)

    assert box.handles()[1] == (2.5, 2) and box.handles()[3] == (4, 5.5)
    assert box.handles()[5] == (2.5, 9) and box.handles()[7] == (1, 5.5)


def test_a_selected_area_has_its_four_corners_as_handles_wherever_it_lies() -> None:
    for kind in ("rectangle", "ellipse"):
        (area,) = measurement_lines(measured(kind, (3, 5), (11, 17)), selected=True)
        assert area.handles_px == ((3, 5), (11, 5), (11, 17), (3, 17))
