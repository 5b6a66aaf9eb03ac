"""Preprocessing: modality units in, [0, 1] out, and every coordinate back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.catalogue import PreprocessSpec
from ml.data.preprocess import Inverse, Preprocess
from viewer.core.errors import BadFile, BadRequest
from viewer.core.geometry import Spacing
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.kinds.box import Box


def facts(**values: object) -> PixelFacts:
    return PixelFacts(rows=40, cols=60, **values)  # type: ignore[arg-type]


def ramp() -> np.ndarray:
    return np.linspace(0, 4000, 2400).reshape(40, 60).astype(np.uint16)


def test_monochrome1_is_seen_like_monochrome2_of_the_inverted_film() -> None:
    preprocess = Preprocess(PreprocessSpec(size_px=32))

    plain, _ = preprocess.forward(ramp(), facts())
    turned, _ = preprocess.forward((4000 - ramp()).astype(np.uint16), facts(photometric="MONOCHROME1"))

    assert np.allclose(plain, turned, atol=1e-5)
    once, _ = preprocess.forward(ramp(), facts(photometric="MONOCHROME1", inverse=True))
    both, _ = preprocess.forward(ramp(), facts(photometric="MONOCHROME1"))
    assert np.allclose(once, both)


def test_twelve_bits_are_not_squeezed_through_eight() -> None:
    pixels = np.full((40, 60), 1000, np.uint16)
    pixels[:20] = 1001
    pixels[0, 0], pixels[0, 1] = 0, 4000
    levels = Preprocess(PreprocessSpec(size_px=32, window="full")).levels(pixels, facts())

    assert levels[10, 10] != levels[30, 30]
    assert levels[10, 10] - levels[30, 30] == pytest.approx(1 / 4000, rel=1e-3)


def test_a_fixed_window_is_in_modality_units() -> None:
    spec = PreprocessSpec(size_px=32, window="fixed", window_center=0, window_width=400)
    stored = np.full((40, 60), 1024, np.uint16)  # 0 HU

    levels = Preprocess(spec).levels(stored, facts(rescale_intercept=-1024.0))

    assert np.allclose(levels, 0.5)


def test_padding_is_black_and_does_not_move_the_window() -> None:
    stored = np.tile(np.arange(60, dtype=np.int16) * 10, (40, 1))
    padded = stored.copy()
    padded[:, :20] = -2000

    levels = Preprocess(PreprocessSpec(size_px=32)).levels(padded, facts(signed=True, padding=(-2000, -2000)))

    assert (levels[:, :20] == 0).all()
    assert levels[0, 59] == 1
    with pytest.raises(BadFile):
        Preprocess(PreprocessSpec(size_px=32)).levels(np.full((4, 4), 7, np.int16), facts(padding=(7, 7)))


@pytest.mark.parametrize("fit", ["stretch", "letterbox"])
def test_a_box_comes_back_where_it_was(fit: str) -> None:
    inverse = Inverse.of(40, 60, 32, fit)
    box = Box(x0_px=3.25, y0_px=7.5, x1_px=41.0, y1_px=39.0)

    back = inverse.box(*inverse.box_to_input(box))

    assert back is not None
    assert (back.x0_px, back.y0_px, back.x1_px, back.y1_px) == pytest.approx((3.25, 7.5, 41.0, 39.0))


@pytest.mark.parametrize("fit", ["stretch", "letterbox"])
def test_a_bright_square_lies_where_the_inverse_says(fit: str) -> None:
    stored = np.zeros((40, 60), np.uint16)
    stored[8:24, 30:50] = 1000
    image, inverse = Preprocess(PreprocessSpec(size_px=64, window="full", fit=fit)).unit(stored, facts(), 64)

    back = inverse.mask(image[0])

    assert ((back > 0.5) == (stored > 0)).mean() > 0.99
    x0, y0 = inverse.to_input(30, 8)
    x1, y1 = inverse.to_input(50, 24)
    rows, cols = np.nonzero(image[0] > 0.5)
    assert (cols.min(), rows.min()) == pytest.approx((x0, y0), abs=1)
    assert (cols.max() + 1, rows.max() + 1) == pytest.approx((x1, y1), abs=1)


def test_stretching_shows_nothing_of_the_films_own_size() -> None:
    spec = PreprocessSpec(size_px=32, window="full")
    wide, _ = Preprocess(spec).forward(np.tile(np.arange(90, dtype=np.uint16), (30, 1)), facts())
    square, _ = Preprocess(spec).forward(np.tile(np.arange(90, dtype=np.uint16), (90, 1)), facts())

    assert np.allclose(wide, square, atol=1e-5)


def test_a_map_over_the_input_covers_the_bars_too() -> None:
    assert Inverse.of(40, 60, 32, "stretch").grid() == (0, 0, 60, 40)
    x0, y0, x1, y1 = Inverse.of(30, 60, 32, "letterbox").grid()
    assert (x0, x1) == (0, 60)
    assert (y0, y1) == (-15, 45)


def test_grey_is_repeated_and_normalised_per_channel() -> None:
    spec = PreprocessSpec(size_px=32, channels=3, window="full", mean=(0.0, 0.5, 1.0), std=(1.0, 0.5, 0.25))

    image, _ = Preprocess(spec).forward(np.full((40, 60), 9, np.uint16), facts())

    assert image.shape == (3, 32, 32)
    assert [float(plane[0, 0]) for plane in image] == [0.0, -1.0, -4.0]


# An input of its own rows and cols, or of its own pixel spacing


def spaced(rows: int, cols: int, row_mm: float, col_mm: float) -> PixelFacts:
    return PixelFacts(rows=rows, cols=cols, spacing=Spacing(row_mm=row_mm, col_mm=col_mm, source="test"))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 90), cols=st.integers(1, 90), shape=st.tuples(st.integers(8, 70), st.integers(8, 70)),
    fit=st.sampled_from(("stretch", "letterbox")),
    spacing=st.none() | st.tuples(st.floats(0.3, 3), st.floats(0.3, 3)), x=st.floats(0, 1), y=st.floats(0, 1),
)  # fmt: skip
def test_every_point_comes_back_to_where_it_was(
    rows: int, cols: int, shape: tuple[int, int], fit: str, spacing: tuple[float, float] | None, x: float, y: float
) -> None:
    spec = PreprocessSpec(size_px=shape[0], cols_px=shape[1], fit=fit, spacing_mm=spacing, window="full")
    stored = np.arange(rows * cols, dtype=np.uint16).reshape(rows, cols)

    unit, inverse = Preprocess(spec).unit(stored, spaced(rows, cols, 0.5, 1.0), *spec.shape_px)

    assert unit.shape == (1, *shape) and inverse.shape_px == shape
    assert inverse.to_image(*inverse.to_input(x * cols, y * rows)) == pytest.approx((x * cols, y * rows), abs=1e-6)
    assert inverse.mask(unit[0]).shape == (rows, cols)
    if spacing is not None:
        # Input pixels of this many mm, to half a pixel of the whole image, and the middle in the middle.
        assert inverse.content_rows == max(1, round(rows * 0.5 / spacing[0]))
        assert inverse.content_cols == max(1, round(cols * 1.0 / spacing[1]))
        middle = inverse.to_input(cols / 2, rows / 2)
        assert middle == pytest.approx((shape[1] / 2, shape[0] / 2), abs=0.5 + 1e-6)


def test_an_input_of_other_rows_than_cols_shows_the_image_once() -> None:
    stored = np.zeros((40, 60), np.uint16)
    stored[10:20, 30:45] = 1000
    spec = PreprocessSpec(size_px=20, cols_px=120, window="full")

    image, inverse = Preprocess(spec).forward(stored, facts())

    assert image.shape == (1, 20, 120)
    rows, cols = np.nonzero(image[0] > 0)
    assert (rows.min(), rows.max() + 1, cols.min(), cols.max() + 1) == (5, 10, 60, 90)
    assert inverse.grid() == (0, 0, 60, 40)


def test_an_input_of_its_own_spacing_shows_every_image_in_one_size() -> None:
    """A square of 10 mm has 20 pixels of 0.5 mm, whatever the image's own pixels are."""
    preprocess = Preprocess(PreprocessSpec(size_px=64, spacing_mm=(0.5, 0.5), window="full"))
    for row_mm, col_mm in ((0.5, 0.5), (1.0, 0.5), (0.25, 1.0)):
        rows, cols = round(24 / row_mm), round(24 / col_mm)
        high, wide = round(10 / row_mm), round(10 / col_mm)
        stored = np.zeros((rows, cols), np.uint16)
        stored[(rows - high) // 2 : (rows + high) // 2, (cols - wide) // 2 : (cols + wide) // 2] = 1000

        image, inverse = preprocess.unit(stored, spaced(rows, cols, row_mm, col_mm), 64)

        assert (image[0] > 0.5).sum(axis=0).max() == 20 and (image[0] > 0.5).sum(axis=1).max() == 20
        assert (inverse.content_rows, inverse.content_cols) == (48, 48)
        assert ((inverse.mask(image[0]) > 0.5) == (stored > 0)).all()


def test_what_is_larger_than_the_input_is_cut_at_its_edges_and_nothing_is_proposed_there() -> None:
    stored = np.full((40, 60), 1000, np.uint16)
    stored[:, 30:] = 2000
    preprocess = Preprocess(PreprocessSpec(size_px=16, spacing_mm=(1.0, 1.0), window="full"))

    image, inverse = preprocess.unit(stored, spaced(40, 60, 1.0, 1.0), 16)

    assert (inverse.top, inverse.left) == (-12, -22)
    assert (image[0, :, :8] == 0).all() and (image[0, :, 8:] == 1).all()
    back = inverse.mask(np.ones((16, 16), np.float32)) > 0.5
    assert back.sum() == 16 * 16 and back[12:28, 22:38].all()


def test_an_image_without_a_spacing_is_refused_where_one_is_needed() -> None:
    preprocess = Preprocess(PreprocessSpec(size_px=32, spacing_mm=(0.5, 0.7)))

    with pytest.raises(BadFile, match=r"does not say its pixel spacing, and the model sees images at 0\.5 x 0\.7 mm"):
        preprocess.forward(ramp(), facts())
    with pytest.raises(BadFile, match="too many"):
        preprocess.forward(ramp(), spaced(40, 60, 900.0, 900.0))


def test_the_larger_cached_picture_shows_the_same_part() -> None:
    stored = np.random.default_rng(1).integers(0, 1000, (40, 60)).astype(np.uint16)
    preprocess = Preprocess(PreprocessSpec(size_px=40, cols_px=20, spacing_mm=(1.0, 1.0), window="full"))
    own = spaced(40, 60, 1.0, 1.0)

    _, at_size = preprocess.unit(stored, own, 40, 20)
    _, larger = preprocess.unit(stored, own, 80, 40)

    assert larger.grid() == at_size.grid() == (20, 0, 40, 40)


def test_more_channels_than_three_repeat_grey_and_see_the_luminance_of_colour() -> None:
    preprocess = Preprocess(PreprocessSpec(size_px=32, channels=5, window="full"))
    colour = np.random.default_rng(2).integers(0, 256, (40, 60, 3)).astype(np.uint8)

    for stored, own in ((ramp(), facts()), (colour, facts(photometric="RGB"))):
        image, _ = preprocess.forward(stored, own)
        assert image.shape == (5, 32, 32)
        assert (image == image[:1]).all()
        one, _ = Preprocess(PreprocessSpec(size_px=32, window="full")).forward(stored, own)
        assert (image[0] == one[0]).all()


def test_a_card_without_the_new_parts_is_written_as_it_was() -> None:
    before = PreprocessSpec(size_px=64).to_json()
    assert "cols_px" not in before and "spacing_mm" not in before

    spec = PreprocessSpec(size_px=64, cols_px=48, spacing_mm=(0.5, 0.75), channels=9)
    assert spec.to_json()["spacing_mm"] == [0.5, 0.75] and spec.to_json()["cols_px"] == 48
    assert PreprocessSpec.from_json(spec.to_json()) == spec
    for wrong in ({"spacing_mm": [1.0]}, {"spacing_mm": [1.0, 0.0]}, {"cols_px": 4}, {"channels": 65}, {"channels": 0}):
        with pytest.raises(BadRequest):
            PreprocessSpec.from_json({"size_px": 64, **wrong})
