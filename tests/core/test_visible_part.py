"""Area and box of what is visible. Expected: by hand, and counted on a finer grid with another library."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.visible_part import visible_area_px, visible_box

ROWS, COLS = 40, 60


def polygon(*points: tuple[float, float]) -> Polygon:
    return Polygon(points_px=points)


def corners(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def box(x0: float, y0: float, x1: float, y1: float) -> Box:
    return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


@pytest.mark.parametrize(
    ("shape", "area", "around"),
    [
        (corners(5, 5, 15, 25), 200, (5, 5, 15, 25)),
        (polygon((10, 10), (30, 30), (30, 10), (10, 30)), 200, (10, 10, 30, 30)),  # a bow tie
        (corners(-20, -20, 20, 20), 400, (0, 0, 20, 20)),  # 1,600 as drawn
        (corners(-10, -10, 100, 100), 2400, (0, 0, 60, 40)),  # all of the image, no corner on it
        (corners(50, 30, 70, 50), 100, (50, 30, 60, 40)),
        (polygon((0, 0), (4, 0), (0, 3)), 6, (0, 0, 4, 3)),
        (polygon((1.1, 1.1), (1.3, 1.1), (1.3, 1.3), (1.1, 1.3)), 0.04, (1.1, 1.1, 1.3, 1.3)),  # holds no pixel centre
        # Twice round: even-odd leaves a hole where the small square lies in the large one.
        (
            polygon((0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (2, 2), (8, 2), (8, 8), (2, 8), (2, 2)),
            64,
            (0, 0, 10, 10),
        ),
        # Round the corner of the image without covering it: only the two ends are visible.
        (polygon((-5, 20), (5, 20), (5, 25), (-9, 25), (-9, -9), (25, -9), (25, 5), (20, 5), (20, -5), (-5, -5)),
         25 + 25, (0, 0, 25, 25)),
        (polygon((5, 5), (15, 5), (25, 5)), 0, None),  # flat
        (corners(70, 5, 80, 15), 0, None),  # beside the image
        (corners(-30, -30, 0, 0), 0, None),  # touches it
        (box(-10, 30, 20, 50), 200, (0, 30, 20, 40)),
        (box(-10, 30, 0, 50), 0, None),
    ],
)  # fmt: skip
def test_area_and_box_are_those_of_what_is_on_the_image(
    shape: Box | Polygon, area: float, around: tuple[float, float, float, float] | None
) -> None:
    assert visible_area_px(shape, ROWS, COLS) == pytest.approx(area, abs=1e-9)
    assert visible_box(shape, ROWS, COLS) == (None if around is None else box(*around))


def test_a_mask_is_its_pixels() -> None:
    pixels = np.zeros((ROWS, COLS), np.bool_)
    pixels[3:5, 7:10] = True

    assert visible_area_px(MaskRuns.from_array(pixels), ROWS, COLS) == 6
    assert visible_box(MaskRuns.from_array(pixels), ROWS, COLS) == box(7, 3, 10, 5)
    assert visible_box(MaskRuns.from_array(pixels & False), ROWS, COLS) is None


def test_an_outline_of_very_many_points_is_counted_in_pixels() -> None:
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    round_one = Polygon(points_px=tuple(zip((30 + 15 * np.cos(angle)).tolist(), (20 + 15 * np.sin(angle)).tolist())))

    assert visible_area_px(round_one, ROWS, COLS) == pytest.approx(np.pi * 15 * 15, rel=0.02)


POINT = st.tuples(st.integers(-80, 140).map(lambda v: v / 2), st.integers(-80, 120).map(lambda v: v / 2))


@given(st.lists(POINT, min_size=3, max_size=9))
@settings(max_examples=80, deadline=None)
def test_any_outline_agrees_with_a_count_on_a_finer_grid(points: list[tuple[float, float]]) -> None:
    from PIL import Image, ImageChops, ImageDraw

    shape, fine = Polygon(points_px=tuple(points)), 16
    area, around = visible_area_px(shape, ROWS, COLS), visible_box(shape, ROWS, COLS)

    # Even-odd by hand: the triangles from a fixed point to every side, combined by exclusive or.
    count = Image.new("1", (COLS * fine, ROWS * fine))
    for start, end in zip(points, [*points[1:], points[0]], strict=True):
        one = Image.new("1", count.size)
        triangle = [(x * fine - 0.5, y * fine - 0.5) for x, y in ((-333.3, 17.77), start, end)]
        ImageDraw.Draw(one).polygon(triangle, fill=1)
        count = ImageChops.logical_xor(count, one)
    counted = np.asarray(count)
    length = sum(math.dist(a, b) + math.dist(a, (-333.3, 17.77)) for a, b in zip(points, [*points[1:], points[0]]))
    assert counted.sum() / fine**2 == pytest.approx(area, abs=2 * length / fine + 1)
    if around is not None:
        assert 0 <= around.x0_px < around.x1_px <= COLS and 0 <= around.y0_px < around.y1_px <= ROWS
        assert area <= around.width_px * around.height_px + 1e-6


def test_the_box_of_a_tip_beyond_the_image_begins_where_its_sides_come_in() -> None:
    # The sides meet the edge x = 0 at y = 15 and y = 16; the tip's own height is seen nowhere.
    assert visible_box(polygon((-10, 20), (10, 10), (10, 12)), ROWS, COLS) == box(0, 10, 10, 16)
    assert visible_box(polygon((20, -10), (10, 10), (12, 10)), ROWS, COLS) == box(10, 0, 16, 10)


def test_a_side_less_than_a_pixel_from_the_edge_is_seen() -> None:
    assert visible_box(corners(-30, -10, 0.5, 100), ROWS, COLS) == box(0, 0, 0.5, 40)
    assert visible_box(corners(-10, -30, 100, 0.5), ROWS, COLS) == box(0, 0, 60, 0.5)
    assert visible_box(corners(59.5, -10, 90, 100), ROWS, COLS) == box(59.5, 0, 60, 40)


def test_a_crossing_is_where_two_sides_of_any_slope_meet() -> None:
    # y = 0.4 x and y = 8 - 0.8 x meet at x = 20 / 3: two triangles of 8 x 20/3 / 2 and 4 x 10/3 / 2.
    assert visible_area_px(polygon((0, 0), (10, 4), (10, 0), (0, 8)), ROWS, COLS) == pytest.approx(100 / 3)


def test_a_crossing_of_sides_that_begin_at_different_heights_is_found_too() -> None:
    # y = 1 + 0.4 x and y = 8 - 0.8 x meet at x = 35 / 6: two triangles of 7 x 35/6 / 2 and 5 x 25/6 / 2.
    points = ((0, 1), (10, 5), (10, 0), (0, 8))
    for turn in range(4):
        assert visible_area_px(polygon(*points[turn:], *points[:turn]), ROWS, COLS) == pytest.approx(185 / 6)


def test_sides_that_leave_the_image_at_a_slope_are_cut_where_they_cross_its_edges() -> None:
    # At the edge the tip is 14 / 17 wide and ten pixels further 2: a trapezium of 10 x (14 / 17 + 2) / 2.
    for tip in (((-7, 20), (10, 11), (10, 13)), ((67, 20), (50, 11), (50, 13))):
        assert visible_area_px(polygon(*tip), ROWS, COLS) == pytest.approx(240 / 17)
