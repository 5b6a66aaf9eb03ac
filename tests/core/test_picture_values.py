"""The picture that a frame holds, however it is stored. Expected: levels from dark to bright, reckoned by hand."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from viewer.core.picture_values import content_sha256, is_colour, not_image, without_storage
from viewer.core.pixels import LookupTable, Palette, PixelFacts, Window
from viewer.core.windowing import display_table

GREY = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
FACTS = PixelFacts(rows=2, cols=3, bits_stored=8)
SHADES = Palette(rgb=np.repeat(np.arange(250, -1, -50, dtype=np.uint8)[:, None], 3, axis=1), first_mapped=7)
COLOURS = Palette(rgb=np.array([[1, 2, 3], [9, 9, 9], [0, 0, 255]], np.uint8), first_mapped=-1)


def channels(*parts: np.ndarray) -> np.ndarray:
    return np.stack(parts, axis=2)


def hashed(*levels: float, shape: tuple[int, ...] = (2, 3)) -> str:
    """levels: shares of the picture's own range, 0 dark to 1 bright, row by row."""
    steps = np.array([round(level * 65_535) for level in levels], "<u2")
    return hashlib.sha256(f"picture {shape}".encode() + steps.tobytes()).hexdigest()


FIFTHS = hashed(0, 0.2, 0.4, 0.6, 0.8, 1)
BACK = hashed(1, 0.8, 0.6, 0.4, 0.2, 0)


def test_grey_stays_the_very_array_and_says_whether_small_is_bright() -> None:
    for change, inverted in (
        ({}, False), ({"inverse": True}, True), ({"photometric": "MONOCHROME1"}, True),
        ({"photometric": "MONOCHROME1", "inverse": True}, True),
    ):  # fmt: skip
        values, is_inverted = without_storage(GREY, replace(FACTS, **change))  # type: ignore[arg-type]
        assert values is GREY and is_inverted is inverted


def test_three_equal_channels_are_grey_and_one_pixel_of_colour_is_none() -> None:
    equal = channels(GREY, GREY, GREY)
    values, inverted = without_storage(equal, replace(FACTS, inverse=True))

    assert np.array_equal(values, GREY) and not inverted and not is_colour(equal, FACTS)
    assert not is_colour(GREY, FACTS)
    for row, col in ((0, 0), (1, 2)):
        for channel in range(3):
            coloured = equal.copy()
            coloured[row, col, channel] ^= 1
            values, inverted = without_storage(coloured, replace(FACTS, inverse=True))
            assert values is coloured and not inverted and is_colour(coloured, FACTS)


def test_a_palette_s_index_is_its_colour_and_beyond_its_ends_the_last_one() -> None:
    index = np.array([[-5, -1, 0], [1, 2, 9]], np.int16)
    values, inverted = without_storage(index, replace(FACTS, palette=COLOURS))

    first, middle, last = [1, 2, 3], [9, 9, 9], [0, 0, 255]
    assert values.tolist() == [[first, first, middle], [last, last, last]] and not inverted
    shades, _ = without_storage(np.array([[7, 8], [11, 12]]), replace(FACTS, palette=SHADES))
    assert shades.tolist() == [[250, 200], [50, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_float_index_has_one_colour_on_the_screen_and_for_a_model(dtype: type) -> None:
    index = np.array([[np.nan, -1, 0], [np.inf, -np.inf, 1e30]], dtype)
    given = replace(FACTS, photometric="PALETTE COLOR", palette=COLOURS, bits_stored=32)
    first, middle, last = [1, 2, 3], [9, 9, 9], [0, 0, 255]
    expected = [[first, first, middle], [last, first, last]]  # no number is the first, beyond an end is that end

    assert without_storage(index, given)[0].tolist() == expected
    table = display_table(given, Window(center=128, width=256), invert=False)
    assert table.apply(index).tolist() == expected


def test_colours_are_taken_as_they_are_where_a_file_names_a_palette_too() -> None:
    coloured = channels(GREY, GREY, GREY[::-1])

    assert without_storage(coloured, replace(FACTS, palette=COLOURS))[0] is coloured


def test_padding_is_of_grey_pixels_and_missing_rows_are_of_any() -> None:
    padded = replace(FACTS, padding=(0, 60))
    coloured = channels(GREY, GREY, GREY)
    values = without_storage(coloured, padded)[0]

    mask = not_image(GREY, GREY, padded)
    assert mask is not None and mask.tolist() == [[True, True, False], [False] * 3]
    assert not_image(values, coloured, padded) is None
    for held, expected in ((0, [[True] * 3] * 2), (1, [[False] * 3, [True] * 3])):
        mask = not_image(values, coloured, replace(padded, rows_there=held))
        assert mask is not None and mask.tolist() == expected
    for held in (2, 3):
        assert not_image(values, coloured, replace(padded, rows_there=held)) is None


@pytest.mark.parametrize(
    ("stored", "change", "expected"),
    [
        (GREY, {}, FIFTHS),
        (GREY.astype(np.uint16) * 257, {"bits_stored": 16}, FIFTHS),
        (GREY.astype(np.float32) / 10 - 3, {}, FIFTHS),
        (GREY.astype(np.int16) - 100, {"signed": True, "rescale_slope": 3.5, "rescale_intercept": -9.0}, FIFTHS),
        (channels(GREY, GREY, GREY), {}, FIFTHS),
        (channels(GREY, GREY, GREY), {"rescale_slope": -1.0, "inverse": True}, FIFTHS),  # of colours, nothing turns
        (GREY, {"photometric": "MONOCHROME1"}, BACK),
        (GREY, {"rescale_slope": -1.0}, BACK),
        (GREY, {"rescale_slope": -1.0, "inverse": True}, FIFTHS),
        (255 - GREY, {"photometric": "MONOCHROME1"}, FIFTHS),
        (np.array([[12, 11, 10], [9, 8, 7]]), {"palette": SHADES}, FIFTHS),
    ],
)
def test_one_picture_is_known_again_in_every_way_of_storing_it(
    stored: np.ndarray, change: dict[str, object], expected: str
) -> None:
    assert content_sha256(stored, replace(FACTS, **change)) == expected  # type: ignore[arg-type]


def test_a_modality_table_is_looked_up_and_its_ends_go_on() -> None:
    table = LookupTable(values=np.array([0, 10, 50], np.uint16), first_mapped=100, bits=8)
    facts = replace(FACTS, modality_lut=table)

    assert content_sha256(np.array([[90, 100, 101], [102, 103, 200]]), facts) == hashed(0, 0, 0.2, 1, 1, 1)
    assert content_sha256(channels(GREY, GREY, GREY), facts) == FIFTHS, "a table is of grey pixels"


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_what_is_no_image_is_in_no_range_and_is_dark(photometric: str) -> None:
    facts = replace(FACTS, photometric=photometric, padding=(-2000, -1000))
    stored = np.array([[-2000, 0, 25], [75, 100, -1000]], np.int16)

    shares = (0.0, 0.25, 0.75, 1.0) if photometric == "MONOCHROME2" else (1.0, 0.75, 0.25, 0.0)
    assert content_sha256(stored, facts) == hashed(0, *shares, 0)


@pytest.mark.parametrize(
    ("stored", "change"),
    [
        (np.full((2, 3), 9), {}),
        (np.full((2, 3), 9), {"padding": (9, 9)}),
        (GREY, {"rows_there": 0}),
        (np.array([[5, 9, 9], [9, 9, 9]]), {"padding": (5, 5)}),
        (np.full((2, 3), np.nan), {}),
    ],
)
def test_a_picture_of_one_value_is_nobody_s_own(stored: np.ndarray, change: dict[str, object]) -> None:
    assert content_sha256(stored, replace(FACTS, **change)) == ""  # type: ignore[arg-type]


def test_values_that_are_no_numbers_are_no_image() -> None:
    stored = np.array([[np.nan, np.inf, -np.inf], [-10, 0, 10]])

    assert content_sha256(stored, FACTS) == hashed(0, 0, 0, 0, 0.5, 1)


def test_another_shape_and_other_colours_are_another_picture() -> None:
    assert content_sha256(GREY.reshape(3, 2), FACTS) == hashed(0, 0.2, 0.4, 0.6, 0.8, 1, shape=(3, 2)) != FIFTHS
    coloured = channels(GREY, GREY, 255 - GREY)
    assert content_sha256(coloured, FACTS) == hashed(
        0, 0, 1, 0.2, 0.2, 0.8, 0.4, 0.4, 0.6, 0.6, 0.6, 0.4, 0.8, 0.8, 0.2, 1, 1, 0, shape=(2, 3, 3)
    )
