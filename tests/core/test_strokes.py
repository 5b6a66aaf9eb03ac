"""A stroke is the runs that it adds and removes. Expected values by hand, and pixel by pixel with numpy."""

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.strokes import stroke_fits, stroke_runs, with_stroke

PIXELS = np.random.default_rng(4).random((7, 9)) < 0.5
NONE = np.zeros((0, 3), np.int32)


def runs(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(rows, np.int32).reshape(-1, 3)


def test_what_a_stroke_adds_and_removes_is_told_by_its_runs() -> None:
    before = np.array([[0, 0, 1, 1], [0, 0, 0, 0]], bool)
    after = np.array([[1, 1, 1, 0], [0, 0, 0, 1]], bool)
    added, removed = stroke_runs(before, after, row0=5, col0=10)
    assert added.tolist() == [[5, 10, 12], [6, 13, 14]] and removed.tolist() == [[5, 13, 14]]
    assert added.dtype == removed.dtype == np.int32


@pytest.mark.parametrize("row0", [0, 2, 4])
@pytest.mark.parametrize("col0", [0, 3, 5])
def test_a_stroke_changes_its_pixels_and_none_beside_them(row0: int, col0: int) -> None:
    here = slice(row0, row0 + 3), slice(col0, col0 + 4)
    after = np.random.default_rng(row0 * 9 + col0).random((3, 4)) < 0.5
    expected = PIXELS.copy()
    expected[here] = after
    added, removed = stroke_runs(PIXELS[here], after, row0=row0, col0=col0)

    painted = with_stroke(MaskRuns.from_array(PIXELS), added, removed)

    assert np.array_equal(painted.to_array(), expected)
    assert painted == MaskRuns.from_array(expected), "as runs too: nothing is cut in two or left empty"
    assert with_stroke(painted, removed, added) == MaskRuns.from_array(PIXELS)


@pytest.mark.parametrize("outside", [(-1, 0, 2), (7, 0, 2), (0, -1, 2), (0, 7, 10)])
def test_a_stroke_that_leaves_its_image_by_one_pixel_is_refused(outside: tuple[int, int, int]) -> None:
    mask = MaskRuns.from_array(np.zeros((7, 9), bool))
    with pytest.raises(BadRequest, match="outside its image"):
        with_stroke(mask, runs(outside), NONE)
    with pytest.raises(BadRequest, match="outside its image"):
        stroke_fits(mask, NONE, runs(outside))


@pytest.mark.parametrize(("added", "removed"), [(((1, 2, 5),), ()), ((), ((1, 2, 6),)), ((), ((2, 2, 3),))])
def test_a_stroke_over_pixels_that_have_changed_since_is_refused(
    added: tuple[tuple[int, int, int], ...], removed: tuple[tuple[int, int, int], ...]
) -> None:
    """What it would add is there already, or what it would remove is not: (1, 4) is in the mask, (1, 5) is not."""
    pixels = np.zeros((7, 9), bool)
    pixels[1, 2:5] = True
    mask = MaskRuns.from_array(pixels)
    assert not stroke_fits(mask, runs(*added), runs(*removed))
    with pytest.raises(BadRequest, match="has changed since"):
        with_stroke(mask, runs(*added), runs(*removed))


def test_a_stroke_fits_whatever_was_painted_beside_it() -> None:
    pixels = np.zeros((7, 9), bool)
    pixels[1, 2:5] = pixels[0, :] = pixels[6, :] = True
    assert stroke_fits(MaskRuns.from_array(pixels), runs((1, 5, 9), (2, 0, 1)), runs((1, 2, 4)))


def test_a_stroke_whose_before_and_after_differ_in_size_is_refused() -> None:
    with pytest.raises(BadRequest, match="as many pixels"):
        stroke_runs(np.zeros((3, 3), bool), np.ones((3, 4), bool), row0=0, col0=0)


def test_a_cut_through_a_series_takes_what_its_pixels_take_and_not_its_rectangles() -> None:
    """A diagonal of 300 slices of 512 x 512: the rectangles round it were 157 MB."""
    after = np.eye(512, dtype=bool)
    added, removed = stroke_runs(np.zeros_like(after), after, row0=0, col0=0)
    assert 300 * (added.nbytes + removed.nbytes) == 300 * 512 * 12
