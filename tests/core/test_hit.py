"""What lies under the pointer and what becomes of it. Expected values by hand."""

import math

import numpy as np
import pytest

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.hit import (
    edge_at,
    handle_at,
    hit,
    item_id,
    line_distance,
    moved,
)
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape

BOX = Box(x0_px=10, y0_px=20, x1_px=30, y1_px=40)
TRIANGLE = Polygon(points_px=((0.0, 0.0), (10.0, 0.0), (0.0, 10.0)))


def drawn(shape: Shape, name: str = "a") -> Annotation:
    return Annotation(annotation_id=name, image_id="i", label="Lung", shape=shape, author="me")


def measured(kind: str, *points: tuple[float, float], name: str = "m") -> Measurement:
    return Measurement(measurement_id=name, image_id="i", kind=kind, points_px=points)


def mask(*runs: tuple[int, int, int], rows: int = 50, cols: int = 60) -> MaskRuns:
    return MaskRuns(rows=rows, cols=cols, runs=np.array(runs, np.int32).reshape(-1, 3))


def test_an_item_is_selected_by_its_own_id() -> None:
    assert item_id(drawn(BOX, "shape")) == "shape"
    assert item_id(measured("length", (0, 0), (1, 1), name="line")) == "line"


def test_the_nearest_line_within_reach_wins_over_what_holds_the_point() -> None:
    outer = drawn(Box(x0_px=0, y0_px=0, x1_px=100, y1_px=100), "outer")
    inner = drawn(Box(x0_px=40, y0_px=40, x1_px=60, y1_px=60), "inner")

    assert hit([outer, inner], (98, 50), 3) is outer, "2 px from its line, and far from the inner one"
    assert hit([inner, outer], (41, 50), 3) is inner
    assert hit([outer, inner], (97, 50), 3) is outer, "exactly within reach"
    assert hit([outer, inner], (50, 50), 3) is inner, "no line is near: the smallest that holds the point"
    assert hit([outer, inner], (20, 50), 3) is outer
    assert hit([outer, inner], (104, 50), 3) is None


def test_of_two_that_lie_alike_the_later_one_is_hit() -> None:
    below, above = drawn(BOX, "below"), drawn(BOX, "above")

    assert hit([below, above], (20, 20), 1) is above
    assert hit([below, above], (20, 30), 1) is above


def test_lines_are_closed_for_shapes_and_open_for_lengths_and_angles() -> None:
    assert line_distance(drawn(TRIANGLE), (-3.0, 5.0)) == 3.0, "the side that joins the last point to the first"
    angle = measured("angle", (10.0, 0.0), (0.0, 0.0), (0.0, 10.0))
    assert line_distance(angle, (10.0, 10.0)) == 10.0, "nothing joins the ends"
    assert line_distance(measured("rectangle", (0, 0), (10, 10)), (5, -2)) == 2.0
    assert line_distance(drawn(mask()), (5, 5)) == math.inf, "an empty mask has no line"


def test_distance_is_to_the_segment_and_not_to_its_prolongation() -> None:
    line = measured("length", (0.0, 0.0), (10.0, 0.0))

    assert line_distance(line, (4.0, 3.0)) == 3.0
    assert line_distance(line, (13.0, 4.0)) == 5.0
    assert line_distance(line, (-3.0, -4.0)) == 5.0
    assert line_distance(measured("length", (2.0, 2.0), (2.0, 2.0)), (5.0, 6.0)) == 5.0, "a length of nothing"
    assert line_distance(measured("length", (0.0, 0.0), (10.0, 10.0)), (0.0, 10.0)) == pytest.approx(math.sqrt(50))


@pytest.mark.parametrize(
    ("item", "inside", "outside"),
    [
        (drawn(BOX), [(10, 20), (29.9, 39.9)], [(30, 30), (20, 40), (9.9, 30), (20, 19.9)]),
        (measured("rectangle", (30, 40), (10, 20)), [(10, 20), (29, 39)], [(30, 30), (20, 40), (9, 30), (20, 19)]),
        (measured("ellipse", (10, 20), (30, 40)), [(20, 30)], [(31, 30)]),
        (drawn(TRIANGLE), [(2, 2), (0.1, 9.5)], [(6, 6), (-1, 2), (2, -1)]),
        (drawn(mask((3, 5, 8), (4, 5, 6))), [(5, 3), (7.9, 3.9), (5.5, 4.5)], [(8, 3), (4.9, 3), (6, 4), (5, 5)]),
        (drawn(mask((3, 5, 8))), [], [(5, 2), (5, -1), (-1, 3)]),
        (measured("length", (0, 0), (10, 0)), [], [(5, 0)]),
        (measured("angle", (0, 0), (10, 0), (10, 10)), [], [(9, 1)]),
    ],
)  # fmt: skip
def test_what_holds_a_point(
    item: object, inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    assert [point for point in inside if not item.shape.holds(point)] == []  # type: ignore[arg-type]
    assert [point for point in outside if item.shape.holds(point)] == []  # type: ignore[arg-type]


def test_a_box_has_eight_handles_clockwise_from_the_upper_left_corner() -> None:
    expected = ((10, 20), (20, 20), (30, 20), (30, 30), (30, 40), (20, 40), (10, 40), (10, 30))

    assert drawn(BOX).shape.handles() == expected
    assert measured("rectangle", (30, 20), (10, 40)).shape.handles() == expected
    assert drawn(TRIANGLE).shape.handles() == TRIANGLE.points_px
    assert measured("length", (1, 2), (3, 4)).shape.handles() == ((1, 2), (3, 4))
    assert drawn(mask((1, 1, 4))).shape.handles() == ()


def test_the_nearest_handle_within_reach_is_taken() -> None:
    assert handle_at(drawn(BOX), (29.0, 21.0), 2) == 2
    assert handle_at(drawn(BOX), (30.0, 22.0), 2) == 2, "exactly within reach"
    assert handle_at(drawn(BOX), (30.0, 22.1), 2) is None
    assert handle_at(drawn(BOX), (26.0, 20.0), 9) == 2, "4 px from the corner, 6 from the middle of the side"
    assert handle_at(drawn(mask((1, 1, 4))), (1, 1), 9) is None


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        (0, (12, 23, 30, 40)), (1, (10, 23, 30, 40)), (2, (10, 23, 12, 40)), (3, (10, 20, 12, 40)),
        (4, (10, 20, 12, 23)), (5, (10, 20, 30, 23)), (6, (12, 20, 30, 23)), (7, (12, 20, 30, 40)),
    ],
)  # fmt: skip
def test_a_dragged_handle_moves_its_own_sides_only(handle: int, expected: tuple[float, ...]) -> None:
    box = drawn(BOX).shape.with_handle(handle, (12, 23))

    assert isinstance(box, Box)
    assert (box.x0_px, box.y0_px, box.x1_px, box.y1_px) == expected


def test_a_side_dragged_over_its_opposite_changes_places_and_a_box_is_never_flat() -> None:
    over = drawn(BOX).shape.with_handle(3, (4.0, 0.0))
    flat = drawn(BOX).shape.with_handle(4, (10.0, 20.0))

    assert isinstance(over, Box) and isinstance(flat, Box)
    assert (over.x0_px, over.x1_px) == (4.0, 10)
    assert (flat.x0_px, flat.y0_px, flat.x1_px, flat.y1_px) == (10, 20, 10.5, 20.5)


def test_the_points_of_lines_and_polygons_are_moved_one_by_one() -> None:
    assert measured("length", (1, 2), (3, 4)).shape.with_handle(1, (9, 9)).points() == ((1, 2), (9, 9))
    assert measured("rectangle", (10, 20), (30, 40)).shape.with_handle(4, (32, 44)).points() == ((10, 20), (32, 44))
    polygon = drawn(TRIANGLE).shape.with_handle(2, (0.0, 12.0))
    assert isinstance(polygon, Polygon) and polygon.points_px == ((0.0, 0.0), (10.0, 0.0), (0.0, 12.0))
    painted = mask((1, 1, 4))
    assert drawn(painted).shape.with_handle(0, (9, 9)) is painted, "a mask has no handle"


def test_nothing_is_moved_out_of_its_image() -> None:
    def after(dx_px: float, dy_px: float) -> tuple[float, ...]:
        box = moved(drawn(BOX), dx_px, dy_px, 50, 60)
        assert isinstance(box, Box)
        return box.x0_px, box.y0_px, box.x1_px, box.y1_px

    assert after(5, -3) == (15, 17, 35, 37)
    assert after(99, 99) == (40, 30, 60, 50)
    assert after(-99, -99) == (0, 0, 20, 20)


def test_what_sticks_out_already_may_only_come_back() -> None:
    out = drawn(Box(x0_px=-5, y0_px=45, x1_px=5, y1_px=55))

    def after(dx_px: float, dy_px: float) -> tuple[float, float]:
        box = moved(out, dx_px, dy_px, 50, 60)
        assert isinstance(box, Box)
        return box.x0_px, box.y0_px

    assert after(-1, 1) == (-5, 45)
    assert after(2, -2) == (-3, 43)


def test_polygons_and_measurements_are_moved_as_a_whole_and_masks_stay() -> None:
    polygon = moved(drawn(TRIANGLE), 3, 4, 50, 60)
    assert isinstance(polygon, Polygon) and polygon.points_px == ((3.0, 4.0), (13.0, 4.0), (3.0, 14.0))
    assert moved(measured("length", (10, 5), (2, 30)), -9, 30, 50, 60).points() == ((8, 25), (0, 50))
    painted = mask((1, 1, 4))
    assert moved(drawn(painted), 5, 5, 50, 60) is painted
    empty = mask()
    assert moved(drawn(empty), 5, 5, 50, 60) is empty


def test_a_mask_that_is_smaller_wins_where_two_hold_the_point() -> None:
    large, small = drawn(mask(*((row, 0, 40) for row in range(40))), "large"), drawn(mask((20, 20, 23)), "small")
    region = measured("rectangle", (15, 15), (28, 28), name="region")

    assert hit([small, large], (21.5, 20.5), 0.1) is small
    assert hit([large, region], (17, 17), 0.1) is region


def test_the_distance_from_a_line_is_that_of_its_nearest_point_wherever_it_lies() -> None:
    line = measured("length", (7.0, 2.0), (11.0, 5.0))  # 3 down on 4 across

    assert line_distance(line, (9.0 - 3.0, 3.5 + 4.0)) == pytest.approx(5.0), "off its middle, at a right angle"
    assert line_distance(line, (7.0, -1.0)) == 3.0 and line_distance(line, (11.0, 9.0)) == 4.0
    assert line_distance(measured("length", (7.0, 2.0), (7.0, 2.0)), (10.0, 6.0)) == 5.0, "one point twice"


def test_nothing_is_held_left_of_or_above_the_image() -> None:
    left = drawn(Polygon(points_px=((-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0))))

    assert left.shape.holds((0.5, 0.5)) and not left.shape.holds((-0.5, 0.5)) and not left.shape.holds((0.5, -0.5))


@pytest.mark.parametrize(("step", "expected"), [(0.4, 0.4), (-0.4, -0.4), (50.0, 30.0), (-50.0, -10.0), (0.0, 0.0)])
def test_a_move_of_less_than_a_pixel_is_one_and_a_far_one_ends_at_the_edge(step: float, expected: float) -> None:
    shape = moved(drawn(BOX), step, 0, 80, 60)

    assert isinstance(shape, Box) and (shape.x0_px, shape.y0_px) == (10 + expected, 20)


def test_a_shape_near_the_edge_is_moved_no_further_even_by_a_part_of_a_pixel() -> None:
    near = drawn(Box(x0_px=0.25, y0_px=0.25, x1_px=59.75, y1_px=79.75))

    for step, expected in ((0.5, 0.25), (-0.5, -0.25), (0.1, 0.1)):
        shape = moved(near, step, step, 80, 60)
        assert isinstance(shape, Box)
        assert (shape.x0_px, shape.y0_px) == pytest.approx((0.25 + expected, 0.25 + expected))


def test_the_smallest_is_the_one_of_the_smallest_area_wherever_it_lies() -> None:
    def box(x0: float, y0: float, x1: float, y1: float) -> Annotation:
        return drawn(Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1))

    # 390 against 400 square pixels, then the same with x and y changed.
    wide, long = box(0, 93, 30, 106), box(29, 99, 69, 109)
    assert hit([wide, long], (29.5, 100), 0.1) is wide and hit([long, wide], (29.5, 100), 0.1) is wide
    tall, high = box(93, 0, 106, 30), box(99, 29, 109, 69)
    assert hit([tall, high], (100, 29.5), 0.1) is tall and hit([high, tall], (100, 29.5), 0.1) is tall


@pytest.mark.parametrize("x", [10.0, 11.25, 13.99])
@pytest.mark.parametrize("y", [20.0, 20.01, 21.5, 22.99])
def test_a_polygon_of_straight_sides_holds_what_a_box_of_them_does(x: float, y: float) -> None:
    square = drawn(Polygon(points_px=((10.0, 20.0), (14.0, 20.0), (14.0, 23.0), (10.0, 23.0))))

    assert square.shape.holds((x, y))
    for beside in ((x - 4, y), (x + 4, y), (x, y - 3), (x, y + 3)):
        assert not square.shape.holds(beside)


FIVE = ((0.0, 0.0), (40.0, 0.0), (40.0, 20.0), (20.0, 36.0), (0.0, 20.0))


@pytest.mark.parametrize("corner", range(5))
def test_any_corner_is_taken_off_and_no_other(corner: int) -> None:
    less = Polygon(points_px=FIVE).without_corner(corner)

    assert less is not None
    assert less.points_px == tuple(point for number, point in enumerate(FIVE) if number != corner)


def test_a_triangle_keeps_its_corners_and_a_square_may_lose_one() -> None:
    assert TRIANGLE.without_corner(1) is None
    assert Polygon(points_px=FIVE[:4]).without_corner(3) == Polygon(points_px=FIVE[:3])


@pytest.mark.parametrize("edge", range(5))
def test_a_corner_more_stands_on_its_edge_after_the_point_the_edge_begins_at(edge: int) -> None:
    (x0, y0), (x1, y1) = FIVE[edge], FIVE[(edge + 1) % 5]
    new = (x0 + (x1 - x0) / 4, y0 + (y1 - y0) / 4)

    assert Polygon(points_px=FIVE).with_corner(edge, 0.25).points_px == (*FIVE[: edge + 1], new, *FIVE[edge + 1 :])


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ((10, 0), (0, 0.25)),
        ((10, -8), (0, 0.25)),  # as far as the reach
        ((10, 8.01), None),
        ((43, 5), (1, 0.25)),  # beside the outline
        ((0, 5), (4, 0.75)),  # the edge that closes it
        ((4, 0), None),  # half the reach from a corner: that corner is meant
        ((4.01, 0), (0, 0.10025)),
        ((25, 6), (0, 0.625)),  # 6 from one edge, 15 from the next
        ((20, 14), None),
        ((48, -1), None),  # beyond the end of both edges
    ],
)
def test_the_nearest_edge_within_reach_and_how_far_along_it(
    at: tuple[float, float], found: tuple[int, float] | None
) -> None:
    nearest = edge_at(FIVE, at, 8)

    assert nearest == (None if found is None else (found[0], pytest.approx(found[1])))
