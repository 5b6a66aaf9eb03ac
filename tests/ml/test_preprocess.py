"""Preprocessing: modality units in, [0, 1] out, and every coordinate back."""

import numpy as np
import pytest

from ml.catalogue import PreprocessSpec
from ml.data.preprocess import Inverse, Preprocess
from viewer.core.errors import BadFile
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
