"""A pixel belongs to a shape when its centre is inside."""

from itertools import pairwise

import numpy as np
import pytest

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.rasterize import box_mask, brush_stroke, ellipse_mask, outlines


def test_a_box_takes_the_pixels_whose_centre_it_holds() -> None:
    mask = box_mask(Box(x0_px=1.5, y0_px=0.6, x1_px=3.5, y1_px=2.4), 4, 5)

    # Centres in x: 1.5 (on the left side: in), 2.5; 3.5 on the right side: out. In y: 1.5 only.
    assert np.argwhere(mask).tolist() == [[1, 1], [1, 2]]


def test_whole_pixel_boxes_cover_their_pixels_exactly() -> None:
    assert box_mask(Box(x0_px=0, y0_px=0, x1_px=5, y1_px=4), 4, 5).all()
    assert box_mask(Box(x0_px=2, y0_px=1, x1_px=4, y1_px=3), 4, 5).sum() == 4


def test_a_polygon_of_a_boxs_corners_is_that_box() -> None:
    box = Box(x0_px=1.2, y0_px=0.9, x1_px=6.5, y1_px=4.4)
    corners = Polygon(points_px=((1.2, 0.9), (6.5, 0.9), (6.5, 4.4), (1.2, 4.4)))

    assert np.array_equal(corners.inside(8, 9), box_mask(box, 8, 9))


def test_a_polygon_agrees_with_the_crossing_number_of_each_centre() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        points = tuple((float(x), float(y)) for x, y in rng.uniform(-3, 20, (7, 2)))
        mask = Polygon(points_px=points).inside(16, 18)
        for row in range(16):
            for col in range(18):
                crossings = 0
                for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0])):
                    if (y0 <= row + 0.5) != (y1 <= row + 0.5):
                        crossings += col + 0.5 >= x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                assert mask[row, col] == bool(crossings % 2)


def test_an_ellipse_holds_what_the_equation_says() -> None:
    mask = ellipse_mask(Box(x0_px=0, y0_px=0, x1_px=8, y1_px=4), 4, 8)

    # Row 0: y = -1.5/2, x within 4 * sqrt(1 - 0.5625) = 2.646 of 4: centres 1.5 to 6.5.
    assert mask[0].tolist() == [False, True, True, True, True, True, True, False]
    assert mask[1].all()


def test_a_dab_is_a_disc_and_a_stroke_has_no_gaps() -> None:
    row0, col0, dab = brush_stroke([(5.5, 5.5)], 2.0, 20, 20)
    assert dab.sum() == 13  # centres within 2 of a centre: 1 + 4 + 4 + 4

    row0, col0, stroke = brush_stroke([(2.5, 2.5), (60.5, 30.5)], 1.5, 64, 64)
    whole = np.zeros((64, 64), bool)
    whole[row0 : row0 + stroke.shape[0], col0 : col0 + stroke.shape[1]] = stroke
    assert whole[:, 2:61].any(axis=0).all()
    yy, xx = np.mgrid[:64, :64] + 0.5
    along = np.clip(((xx - 2.5) * 58 + (yy - 2.5) * 28) / (58**2 + 28**2), 0, 1)
    distance = np.hypot(xx - 2.5 - along * 58, yy - 2.5 - along * 28)
    assert np.array_equal(whole, distance <= 1.5)


def test_a_brush_smaller_than_a_pixel_takes_the_pixel_it_is_in() -> None:
    row0, col0, patch = brush_stroke([(3.9, 2.1)], 0.1, 8, 8)

    assert np.argwhere(patch).tolist() == [[2 - row0, 3 - col0]]


def test_a_stroke_is_cut_at_the_border_and_empty_outside() -> None:
    row0, col0, patch = brush_stroke([(-1, 3), (2, 3)], 2.0, 6, 6)
    assert (row0, col0) == (1, 0) and row0 + patch.shape[0] <= 6

    assert not brush_stroke([(-50, -50)], 2.0, 6, 6)[2].any()


def test_outlines_go_round_pixels_and_give_the_same_mask_back() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        mask = rng.random((9, 11)) < 0.5
        inside = np.zeros_like(mask)
        for ring in outlines(mask):
            points = tuple((float(x), float(y)) for x, y in ring.tolist())
            inside ^= Polygon(points_px=points).inside(9, 11)  # holes take their part out again
        assert np.array_equal(inside, mask)


def test_diagonal_neighbours_have_outlines_of_their_own_and_holes_run_the_other_way() -> None:
    assert len(outlines(np.eye(2, dtype=bool))) == 2

    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    areas = []
    for line in outlines(ring):
        x, y = line[:, 0], line[:, 1]
        areas.append(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2))
    assert sorted(areas) == [-1.0, 9.0]


def test_any_shape_has_a_mask() -> None:
    mask = np.zeros((4, 4), bool)
    mask[1, 2] = True

    assert np.array_equal(MaskRuns.from_array(mask).inside(4, 4), mask)
    assert Box(x0_px=0, y0_px=0, x1_px=2, y1_px=1).inside(4, 4).sum() == 2


@pytest.mark.parametrize("seed", range(30))
def test_a_stroke_is_all_pixels_whose_centre_is_within_reach_of_its_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, cols, radius = 17, 23, float(rng.choice([0.5, 1.0, 2.3, 6.0]))
    points = [
        (float(x), float(y)) for x, y in rng.uniform((-4, -4), (cols + 4, rows + 4), (int(rng.integers(1, 4)), 2))
    ]
    if seed % 5 == 0:
        points.append(points[-1])  # the pointer stood still
    if seed % 7 == 0:
        points.append((points[-1][0] + 0.3, points[-1][1] - 0.2))  # and moved by less than a pixel

    row0, col0, patch = brush_stroke(points, radius, rows, cols)

    drawn = np.zeros((rows, cols), bool)
    drawn[row0 : row0 + patch.shape[0], col0 : col0 + patch.shape[1]] = patch
    for row in range(rows):
        for col in range(cols):
            under = any(int(np.floor(x)) == col and int(np.floor(y)) == row for x, y in points)
            assert drawn[row, col] == (under or away(col + 0.5, row + 0.5, points) <= radius), (row, col)


def away(x: float, y: float, points: list[tuple[float, float]]) -> float:
    """The distance from a broken line, by the nearest of many points on it refined to its foot."""
    least = min(np.hypot(x - px, y - py) for px, py in points)
    for (ax, ay), (bx, by) in pairwise(points):
        length = np.hypot(bx - ax, by - ay)
        if length:
            foot = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
            if 0 < foot < length:
                least = min(least, abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length)
    return float(least)


def test_pixels_that_touch_at_corners_only_get_rings_of_their_own_wherever_they_lie() -> None:
    for flip in (False, True):
        for row, col in ((0, 0), (2, 5), (7, 1)):
            mask = np.zeros((12, 12), bool)
            mask[row : row + 3, col : col + 3] = np.eye(3, dtype=bool)[:, ::-1] if flip else np.eye(3, dtype=bool)
            rings = outlines(mask)
            assert len(rings) == 3 and all(len(ring) == 4 for ring in rings)
