"""Which window, LUT and polarity a file is first shown with, and what is no image. Expected: PS3.3, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.pixels import LookupTable, Palette, PixelFacts, VoiFunction, Window
from viewer.core.windowing import (
    apply_modality,
    computed_window,
    default_voi,
    default_window,
    display_table,
    full_range,
    held_rows,
    names_voi,
    no_image_mask,
    padding_mask,
    presentation,
    voi,
)

RAMP = LookupTable(first_mapped=0, values=np.arange(256, dtype=np.uint16), bits=8)
WINDOW = Window(center=40, width=400)


def facts(**values: object) -> PixelFacts:
    return PixelFacts(**{"rows": 4, "cols": 3, "bits_stored": 16, **values})  # type: ignore[arg-type]


def test_a_window_goes_before_a_voi_lut_of_the_same_file() -> None:
    stored = np.zeros((4, 3), np.uint16)

    assert default_voi(stored, facts(windows=(WINDOW,), voi_luts=(RAMP,))) == WINDOW
    assert default_voi(stored, facts(voi_luts=(RAMP,))) is RAMP


def test_only_what_the_file_itself_says_is_called_its_own() -> None:
    assert names_voi(facts(windows=(WINDOW,))) and names_voi(facts(voi_luts=(RAMP,)))
    assert not names_voi(facts())
    assert not names_voi(facts(windows=(Window(center=0, width=0),)))
    assert not names_voi(facts(windows=(Window(center=float("nan"), width=10),)))


@pytest.mark.parametrize(
    ("photometric", "inverse", "lut", "first"),
    [
        ("MONOCHROME2", False, None, 0),
        ("MONOCHROME1", False, None, 255),
        ("MONOCHROME1", True, None, 255),  # both say the same thing, so once (C.8.11.3.1.2)
        ("MONOCHROME1", False, RAMP, 0),  # the table gives P-Values: nothing is left to invert (C.11.6.1.1)
        ("MONOCHROME2", True, RAMP, 0),
    ],
)
def test_a_presentation_lut_leaves_nothing_to_invert(
    photometric: str, inverse: bool, lut: LookupTable | None, first: int
) -> None:
    given = facts(photometric=photometric, inverse=inverse, presentation_lut=lut, bits_stored=8)
    table = display_table(given, Window(center=128, width=256), invert=False)

    assert int(table.apply(np.zeros((1, 1), np.uint8))[0, 0]) == first


def test_the_rows_that_a_cut_file_lacks_are_no_image_from_the_first_on() -> None:
    stored = np.ones((4, 3), np.uint16)
    cut = facts(rows_there=2)

    mask = no_image_mask(stored, cut)

    assert mask is not None
    assert mask.tolist() == [[False] * 3, [False] * 3, [True] * 3, [True] * 3]
    assert held_rows(stored, cut).shape == (2, 3)
    assert no_image_mask(stored, facts()) is None and held_rows(stored, facts()) is stored


def test_padding_and_missing_rows_are_both_no_image() -> None:
    stored = np.array([[5, 1, 1], [1, 5, 1], [1, 1, 1], [1, 1, 1]], np.uint16)

    mask = no_image_mask(stored, facts(rows_there=3, padding=(5, 5)))

    assert mask is not None and mask.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1]]


def test_a_range_of_padding_has_both_its_ends() -> None:
    stored = np.array([[1, 2, 3, 4, 5]], np.int16)

    mask = padding_mask(stored, facts(padding=(2, 4)))

    assert mask is not None and mask.tolist() == [[False, True, True, True, False]]
    assert padding_mask(stored, facts(padding=(9, 9))) is None
    broken = np.array([[np.nan, 1.0, np.inf, 4.0]], np.float32)
    assert padding_mask(broken, facts(padding=(4, 4))).tolist() == [[True, False, True, True]]  # type: ignore[union-attr]


def test_missing_rows_take_no_part_in_windows_and_ranges() -> None:
    stored = np.array([[10, 20, 30], [40, 50, 60], [9000, 9000, 9000], [0, 0, 0]], np.uint16)

    whole = full_range(stored, facts(rows_there=2))
    made = computed_window(stored, facts(rows_there=2))

    assert (whole.center, whole.width, whole.function) == (35.0, 50.0, VoiFunction.LINEAR_EXACT)
    # The 0.5th and 99.5th percentile of 10 to 60, by numpy: 10.25 and 59.75.
    assert (made.center, made.width) == pytest.approx((35.0, 49.5))


def test_a_flat_image_has_a_window_of_width_one_round_its_value() -> None:
    flat = np.full((4, 3), 7, np.uint16)

    assert (full_range(flat, facts()).center, full_range(flat, facts()).width) == (7.0, 1.0)
    assert (computed_window(flat, facts()).center, computed_window(flat, facts()).width) == (7.0, 1.0)


def test_a_range_goes_through_the_modality_step_whatever_its_sign() -> None:
    stored = np.array([[1, 2], [3, 5]], np.int16)

    assert full_range(stored, facts(rescale_slope=-2.0, rescale_intercept=1.0)).center == pytest.approx(-5.0)
    assert full_range(stored, facts(rescale_slope=-2.0, rescale_intercept=1.0)).width == pytest.approx(8.0)


def test_modality_values_are_single_precision_only_where_that_is_exact() -> None:
    stored = np.array([65_535], np.uint16)

    assert apply_modality(stored, facts(rescale_slope=1.0, rescale_intercept=-1024.0)).dtype == np.float32
    assert apply_modality(stored, facts(rescale_slope=0.1)).dtype == np.float64
    assert apply_modality(stored, facts(rescale_slope=257.0)).dtype == np.float64, "257 * 65535 is beyond 2**24"
    assert apply_modality(np.array([2**24 + 1], np.int32), facts()).tolist() == [2**24 + 1]
    assert apply_modality(np.array([1.5], np.float32), facts()).dtype == np.float32


def test_the_presentation_lut_spans_its_whole_input() -> None:
    # Three entries from 10 on, 4 bits: 0, half and 1 of the VOI step lead to its first, middle and last entry.
    table = LookupTable(first_mapped=10, values=np.array([15, 3, 0], np.uint16), bits=4)

    levels = presentation(np.array([0.0, 0.5, 1.0]), table)

    assert levels.tolist() == [1.0, 0.2, 0.0]
    assert presentation(np.array([0.25]), None).tolist() == [0.25]


def test_a_sigmoid_of_extreme_values_is_0_or_1_and_no_warning() -> None:
    window = Window(center=0, width=1e-6, function=VoiFunction.SIGMOID)

    assert voi(np.array([-1e9, 0.0, 1e9]), window).tolist() == pytest.approx([0.0, 0.5, 1.0])


def test_colour_of_more_than_8_bits_is_brought_to_8_by_its_own_range() -> None:
    facts = PixelFacts(rows=1, cols=1, samples=3, bits_stored=12, photometric="RGB")
    stored = np.array([[[0, 2048, 4095]]], np.uint16)

    table = display_table(facts, default_window(stored, facts), invert=False)

    assert table.apply(stored).tolist() == [[[0, 128, 255]]]  # 2048 / 4095 * 255 = 127.53
    inverted = display_table(facts, default_window(stored, facts), invert=True)
    assert inverted.apply(stored).tolist() == [[[255, 127, 0]]]


def test_a_window_stretches_the_three_channels_of_a_colour_alike() -> None:
    facts = PixelFacts(rows=1, cols=1, samples=3, bits_stored=8, photometric="RGB")
    stored = np.array([[[44, 50, 56], [0, 255, 45]]], np.uint8)

    table = display_table(facts, Window(center=50, width=10, function=VoiFunction.LINEAR_EXACT), invert=False)

    assert table.apply(stored).tolist() == [[[0, 128, 255], [0, 255, 0]]]


def test_the_full_range_of_values_through_a_table_is_that_of_its_values() -> None:
    lut = LookupTable(values=np.array([5, 100, 0, 7], np.uint16), first_mapped=0, bits=16)
    facts = PixelFacts(rows=1, cols=4, modality_lut=lut)

    window = full_range(np.array([[0, 1, 2, 3]], np.uint16), facts)

    assert (window.center, window.width) == (50.0, 100.0)


@pytest.mark.parametrize(
    "change", [{"rescale_slope": 0.5}, {"rescale_slope": 2.0}, {"rescale_intercept": -1.0}, {"signed": True}]
)
def test_eight_bits_that_stand_for_other_values_are_no_plain_picture(change: dict[str, object]) -> None:
    stored = np.arange(0, 120, dtype=np.uint8).reshape(10, 12)
    plain = PixelFacts(rows=10, cols=12, bits_stored=8)

    assert computed_window(stored, plain).name == "8 bit"
    assert computed_window(stored, replace(plain, **change)).name == "percentiles"  # type: ignore[arg-type]


@pytest.mark.parametrize(("largest", "name"), [(63, "percentiles"), (64, "8 bit"), (255, "8 bit")])
def test_eight_bits_whose_largest_value_is_under_64_are_counts_or_classes(largest: int, name: str) -> None:
    stored = np.linspace(0, largest, 120).astype(np.uint8).reshape(10, 12)

    made = computed_window(stored, PixelFacts(rows=10, cols=12, bits_stored=8))
    assert stored.max() == largest and made.name == name
    assert ((made.center, made.width) == (128, 256)) is (name == "8 bit")  # LINEAR: 0 to 0 and 255 to 255


def test_a_cut_file_without_a_single_row_has_a_window_all_the_same() -> None:
    facts = PixelFacts(rows=4, cols=4, rows_there=0)

    for window in (default_window(np.ones((4, 4), np.int16), facts), full_range(np.ones((4, 4), np.int16), facts)):
        assert (window.center, window.width) == (0.5, 1.0)


def test_a_shape_of_grey_values_turns_no_colours_around() -> None:
    # Presentation LUT Shape is of grey pixels (PS3.3 C.11.6); RGB of a file that names INVERSE all the same stays.
    rgb = np.array([[[0, 100, 255]]], np.uint8)
    given = facts(samples=3, photometric="RGB", bits_stored=8, inverse=True)
    window = Window(center=128, width=256)

    assert display_table(given, window, invert=False).apply(rgb).tolist() == [[[0, 100, 255]]]
    assert display_table(given, window, invert=True).apply(rgb).tolist() == [[[255, 155, 0]]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("inverse", [False, True])
def test_a_palette_s_colours_turn_around_for_a_person_alone_in_every_depth(
    dtype: type, bits: int, inverse: bool
) -> None:
    palette = Palette(rgb=np.array([[1, 2, 3], [40, 50, 255]], np.uint8), first_mapped=7)
    given = facts(photometric="PALETTE COLOR", palette=palette, bits_stored=bits, inverse=inverse)
    stored = np.array([[7, 8]], dtype)

    for invert, expected in ((False, [[1, 2, 3], [40, 50, 255]]), (True, [[254, 253, 252], [215, 205, 0]])):
        table = display_table(given, Window(center=0, width=1), invert=invert)
        assert table.apply(stored)[0].tolist() == expected
