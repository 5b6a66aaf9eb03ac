"""Frames of a sample lie over each other by their place in the patient, not by their rows and columns."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.catalogue import PreprocessSpec
from ml.data.aligning import on_grid_of
from ml.data.preprocess import Preprocess
from viewer.core.errors import BadFile, BadRequest
from viewer.core.geometry import ImagePlane, Spacing
from viewer.core.pixels import PixelFacts

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def facts(
    shape: tuple[int, int],
    corner_mm: tuple[float, float],
    pixel_mm: float,
    *,
    at_mm: float = 0.0,
    directions: tuple[tuple[float, float, float], tuple[float, float, float]] = AXIAL,
) -> PixelFacts:
    """Of an axial image. corner_mm: (x, y) of the centre of its first pixel."""
    return PixelFacts(
        rows=shape[0], cols=shape[1], spacing=Spacing(row_mm=pixel_mm, col_mm=pixel_mm, source="PixelSpacing"),
        plane=ImagePlane(
            position_mm=(*corner_mm, at_mm), row_cosines=directions[0], col_cosines=directions[1]
        ),
    )  # fmt: skip


def ramp(rows: int, cols: int) -> NDArray[np.float32]:
    """A different value at each pixel."""
    return np.arange(rows * cols, dtype=np.float32).reshape(rows, cols) / (rows * cols)


def test_a_frame_on_the_same_grid_is_left_as_it_is_bit_for_bit() -> None:
    levels = ramp(5, 7)

    # 4 mm further along the normal, and at another corner by a thousandth of a pixel.
    assert on_grid_of((5, 7), facts((5, 7), (3, 4), 0.8), levels, facts((5, 7), (3.0008, 4), 0.8, at_mm=4)) is levels


def test_a_frame_whose_field_of_view_begins_elsewhere_is_shifted_and_black_beyond_its_edge() -> None:
    levels = ramp(4, 4)
    # The other image's first pixel lies under the second row and the third column of the image.
    own, other = facts((4, 4), (0, 0), 2.0), facts((4, 4), (4, 2), 2.0)

    expected = np.zeros((4, 4), np.float32)
    expected[1:, 2:] = levels[:3, :2]
    np.testing.assert_allclose(on_grid_of((4, 4), own, levels, other), expected, atol=1e-5)


def test_coarser_pixels_are_read_between_their_centres() -> None:
    # Pixels of 2 mm whose outer corner is that of an image of 1 mm: its centres lie a quarter beside the others'.
    own, other = facts((1, 4), (0, 0), 1.0), facts((1, 2), (0.5, 0), 2.0)

    found = on_grid_of((1, 4), own, np.array([[0.0, 1.0]], np.float32), other)

    np.testing.assert_allclose(found[0, 1:3], [0.25, 0.75], atol=1e-5)


def test_finer_pixels_are_averaged_not_skipped() -> None:
    # Stripes of one fine pixel each: every coarse pixel covers two dark and two bright columns.
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (16, 8))
    own, other = facts((4, 4), (1, 1), 4.0), facts((16, 16), (0, 0), 1.0)

    found = on_grid_of((4, 4), own, stripes, other)

    assert found[1:3, 1:3].min() > 0.4 and found[1:3, 1:3].max() < 0.6


def test_an_image_that_counts_its_columns_the_other_way_is_turned() -> None:
    levels = ramp(3, 3)
    mirrored = facts((3, 3), (2, 0), 1.0, directions=((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))

    found = on_grid_of((3, 3), facts((3, 3), (0, 0), 1.0), levels, mirrored)

    np.testing.assert_allclose(found, levels[:, ::-1], atol=1e-5)


def test_sizes_that_differ_without_a_place_are_refused() -> None:
    plain = PixelFacts(rows=4, cols=4)

    assert on_grid_of((4, 4), plain, ramp(4, 4), plain).shape == (4, 4)
    with pytest.raises(BadFile, match="4 x 4 and 5 x 4 px"):
        on_grid_of((4, 4), plain, ramp(5, 4), plain)


def test_each_frame_is_a_grey_channel_in_the_order_of_the_rule() -> None:
    spec = PreprocessSpec(size_px=8, channels=3, context=1, window="full")
    preprocess = Preprocess(spec)
    own = facts((8, 8), (0, 0), 1.0)
    pictures = []
    for row in (1, 3, 5):
        stored = np.zeros((8, 8), np.int16)
        stored[row] = 100
        pictures.append((stored, own))

    values, inverse = preprocess.forward_sample(pictures)

    assert values.shape == (3, 8, 8) and inverse.shape_px == (8, 8)
    assert [int(channel.sum(axis=1).argmax()) for channel in values] == [1, 3, 5]
    assert not spec.sees_colour and PreprocessSpec(size_px=8, channels=3).sees_colour


def test_each_frame_of_a_sample_is_windowed_by_its_own_values() -> None:
    """CT and PET: one range for both would leave the PET black. Levels by hand: 0, 1/3, 2/3 and 1 of each."""
    own = facts((8, 8), (0, 0), 1.0)
    quarters = np.repeat(np.arange(4, dtype=np.int16), 16).reshape(8, 8)
    pictures = [(-1000 + 1000 * quarters, own), (2 * quarters, own)]

    for window in ("full", "percentile"):
        spec = PreprocessSpec(size_px=8, channels=2, with_series=("PET",), window=window)
        unit, _ = Preprocess(spec).sample_unit(pictures, 8)

        for channel in unit:
            np.testing.assert_allclose(channel[::2, 0], [0, 1 / 3, 2 / 3, 1], atol=1e-6)


def test_a_sample_has_a_channel_for_each_frame_and_a_card_of_one_image_stays_as_it_was() -> None:
    with pytest.raises(BadRequest, match="A sample of 6 frames has as many channels, not 3"):
        PreprocessSpec(size_px=8, channels=3, context=1, with_series=("PET",))
    spec = PreprocessSpec(size_px=8, channels=6, context=1, with_series=("PET",))

    assert PreprocessSpec.from_json(spec.to_json()) == spec
    assert {"context", "with_series"}.isdisjoint(PreprocessSpec(size_px=8).to_json())
