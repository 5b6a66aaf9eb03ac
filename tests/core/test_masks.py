"""Masks as row runs: what is a run, what is refused, and that pixels come back. Expected values by hand."""

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.mask import MaskRuns


def runs(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(rows, np.int32).reshape(-1, 3)


def test_runs_are_half_open_sorted_by_row_and_do_not_touch() -> None:
    mask = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]])

    made = MaskRuns.from_array(mask)

    assert made.runs.tolist() == [[0, 0, 2], [0, 3, 4], [2, 1, 4]]
    assert (made.rows, made.cols, made.area_px) == (3, 4, 6)
    assert made.runs.dtype == np.int32
    assert made.to_array().tolist() == mask.astype(bool).tolist()


def test_whatever_is_not_zero_is_inside_and_no_pixel_leaks_into_the_next_row() -> None:
    made = MaskRuns.from_array(np.array([[0, -3], [0.25, 0]]))

    assert made.runs.tolist() == [[0, 1, 2], [1, 0, 1]]
    assert made.to_array().tolist() == [[False, True], [True, False]]


def test_bounds_are_row_col_half_open() -> None:
    made = MaskRuns(rows=9, cols=9, runs=runs((2, 5, 7), (3, 1, 2), (6, 4, 8)))

    assert made.bounds() == (2, 1, 7, 8)


def test_an_empty_mask_has_no_bounds_and_no_area() -> None:
    empty = MaskRuns.from_array(np.zeros((4, 5)))

    assert empty.bounds() is None and empty.area_px == 0 and len(empty.runs) == 0
    assert empty.runs.shape == (0, 3)
    assert not empty.to_array().any() and empty.to_array().shape == (4, 5)


@pytest.mark.parametrize(
    "row",
    [
        (-1, 0, 2),  # above the image
        (4, 0, 2),  # below its last row
        (0, -1, 2),  # left of it
        (0, 3, 6),  # right of it
        (0, 2, 2),  # empty
        (0, 3, 1),  # negative
    ],
)
def test_a_run_outside_its_image_or_of_no_pixel_is_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(BadRequest, match="4 x 5"):
        MaskRuns(rows=4, cols=5, runs=runs((0, 0, 5), row))


def test_a_run_may_end_at_the_last_column_and_stand_in_the_last_row() -> None:
    assert MaskRuns(rows=4, cols=5, runs=runs((0, 0, 5), (3, 4, 5))).area_px == 6


@pytest.mark.parametrize("wrong", [np.zeros((2, 4), np.int32), np.zeros(3, np.int32)])
def test_what_is_no_list_of_runs_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(BadRequest, match="row, col_start, col_end"):
        MaskRuns(rows=4, cols=5, runs=wrong)


def test_equal_masks_have_the_same_image_size_and_runs() -> None:
    one = MaskRuns(rows=4, cols=5, runs=runs((1, 1, 3)))

    assert one == MaskRuns(rows=4, cols=5, runs=runs((1, 1, 3)))
    assert one != MaskRuns(rows=4, cols=5, runs=runs((1, 1, 4)))
    assert one != MaskRuns(rows=5, cols=5, runs=runs((1, 1, 3)))
    assert one != MaskRuns(rows=4, cols=6, runs=runs((1, 1, 3)))
    assert one != "a mask"
    with pytest.raises(TypeError):
        hash(one)


@pytest.mark.parametrize(("rows", "cols"), [(2**31, 4), (4, 2**25), (-1, 4)])
def test_a_size_that_no_image_has_is_refused_before_memory_is_asked_for(rows: int, cols: int) -> None:
    with pytest.raises(BadRequest, match="larger than any image"):
        MaskRuns(rows=rows, cols=cols, runs=runs())


@pytest.mark.parametrize(("rows", "cols"), [(-1, 5), (5, -1)])
def test_an_image_of_less_than_nothing_has_no_mask(rows: int, cols: int) -> None:
    with pytest.raises(BadRequest):
        MaskRuns(rows=rows, cols=cols, runs=runs())
    assert MaskRuns(rows=0, cols=0, runs=runs()).area_px == 0


@pytest.mark.parametrize("row", [5, 6, 900])
def test_a_run_below_the_image_is_refused_however_far(row: int) -> None:
    with pytest.raises(BadRequest):
        MaskRuns(rows=5, cols=9, runs=runs((row, 1, 2)))
