"""How far shapes lie over each other, and a mask without the pixels of others. Expected: counted by hand."""

import numpy as np
import pytest

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.region_overlap import pixels_of, shared_part, without
from viewer.core.shapes.shape import Shape

ROWS, COLS = 8, 10


def box(x0: float, y0: float, x1: float, y1: float) -> Box:
    return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def square(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(points_px=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def mask(x0: int, y0: int, x1: int, y1: int, *, rows: int = ROWS, cols: int = COLS) -> MaskRuns:
    pixels = np.zeros((rows, cols), np.bool_)
    pixels[y0:y1, x0:x1] = True
    return MaskRuns.from_array(pixels)


@pytest.mark.parametrize(
    ("first", "second", "part"),
    [
        (box(0, 0, 4, 4), box(2, 3, 8, 9), 2 / 16),
        (box(0, 0, 1, 1), box(0.5, 0.75, 3, 3), 0.125),  # less than a pixel either way
        (box(0, 0, 8, 6), box(1, 1, 3, 4), 1),  # one within the other
        (box(0, 0, 2, 2), box(4, 0, 6, 2), 0),  # side by side
        (box(0, 0, 2, 2), box(0, 4, 2, 6), 0),  # one below the other
        (box(0, 0, 2, 2), box(4, 4, 6, 6), 0),  # apart both ways: two minuses make no plus
        (box(0, 0, 2, 2), box(2, 2, 6, 6), 0),  # a corner
        (mask(0, 0, 4, 4), mask(2, 3, 8, 8), 2 / 16),
        (mask(0, 0, 4, 4), square(2, 3, 8, 8), 2 / 16),
        (mask(0, 0, 4, 4), box(2, 3, 8, 8), 2 / 16),
        (square(1, 1, 5, 5), box(2, 2, 4, 9), 6 / 12),  # of the box 6 rows are on the image
        (mask(0, 0, 2, 2), mask(4, 4, 6, 6), 0),
        (mask(0, 0, 0, 0), mask(4, 4, 6, 6), 0),  # nothing is nowhere
    ],
)
def test_the_shared_part_is_that_of_the_smaller_shape(first: Shape, second: Shape, part: float) -> None:
    assert shared_part(first, second, ROWS, COLS) == pytest.approx(part)
    assert shared_part(second, first, ROWS, COLS) == pytest.approx(part)


def test_pixels_are_those_of_masks_and_polygons_together_and_of_no_box() -> None:
    found = pixels_of([mask(0, 0, 2, 2), box(0, 0, 9, 7), square(1, 1, 4, 3)], ROWS, COLS)

    assert found is not None and found.shape == (ROWS, COLS)
    assert np.argwhere(found).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3]]
    assert pixels_of([box(0, 0, 9, 7)], ROWS, COLS) is None and pixels_of([], ROWS, COLS) is None


@pytest.mark.parametrize(("rows", "cols"), [(ROWS, COLS + 1), (ROWS + 1, COLS), (COLS, ROWS)])
def test_a_mask_of_another_size_is_none_of_this_image(rows: int, cols: int) -> None:
    assert pixels_of([mask(0, 0, 2, 2, rows=rows, cols=cols)], ROWS, COLS) is None


def test_a_mask_loses_what_others_hold_and_nothing_else() -> None:
    whole = mask(0, 0, 4, 2)

    left = without(whole, [mask(3, 0, 6, 1), box(0, 0, 4, 2), square(0, 1, 1, 4)])

    assert np.argwhere(left.to_array()).tolist() == [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [1, 3]]
    assert (left.rows, left.cols) == (ROWS, COLS)


def test_a_mask_that_shares_no_pixel_is_the_same_object() -> None:
    whole = mask(0, 0, 4, 2)

    assert without(whole, []) is whole
    assert without(whole, [box(0, 0, 4, 2)]) is whole
    assert without(whole, [mask(4, 0, 6, 2), square(0, 2, 4, 4)]) is whole
