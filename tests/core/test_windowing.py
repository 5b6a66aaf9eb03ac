"""Windows, tables and inversion, with values worked out by hand from PS3.3 C.11.2.1.2."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from viewer.core.pixels import LookupTable, Palette, PixelFacts, VoiFunction, Window
from viewer.core.windowing import (
    DisplayTable,
    apply_modality,
    computed_window,
    default_voi,
    default_window,
    display_table,
    full_range,
    voi,
)

FACTS = PixelFacts(rows=4, cols=4, signed=True)
CT = replace(FACTS, rescale_slope=1.0, rescale_intercept=-1024.0, unit="HU", bits_stored=12, signed=False)
LEVELS = np.random.default_rng(3).integers(0, 256, 65_536).astype(np.uint8)


def shown(
    values: list[int], window: Window | LookupTable, facts: PixelFacts = FACTS, *, invert: bool = False
) -> list[int]:
    dtype = np.int16 if facts.signed else np.uint16
    stored = np.asarray([values], dtype)
    return display_table(facts, window, invert=invert).apply(stored)[0].tolist()


def test_linear_follows_the_standard_with_its_half_and_its_minus_one() -> None:
    # c = 40, w = 400: black up to 40 - 0.5 - 399/2 = -160, white above 40 - 0.5 + 399/2 = 239.
    window = Window(center=40, width=400)

    assert shown([-161, -160, 239, 240], window) == [0, 0, 255, 255]
    # x = 40: ((40 - 39.5) / 399 + 0.5) * 255 = 127.8195...
    assert shown([40], window) == [128]
    # x = -100: ((-100 - 39.5) / 399 + 0.5) * 255 = 38.345...
    assert shown([-100], window) == [38]


def test_linear_of_the_standards_example_spans_one_grey_level_per_value() -> None:
    # C.11.2.1.2.1: with c = 2048, w = 4096 the output spans 0 to 4095 without change.
    values = voi(np.asarray([0.0, 1.0, 2047.0, 4095.0]), Window(center=2048, width=4096))

    assert np.allclose(values * 4095, [0, 1, 2047, 4095])


def test_linear_of_width_one_is_a_threshold() -> None:
    # C.11.2.1.2.1: x <= c - 0.5 is black, anything above white.
    assert shown([99, 100, 101], Window(center=100.5, width=1)) == [0, 0, 255]


def test_linear_exact_has_neither_half_nor_minus_one() -> None:
    # c = 2048, w = 4096: x = 0 is 0, x = 2048 is half of the range, x = 4096 the top.
    window = Window(center=2048, width=4096, function=VoiFunction.LINEAR_EXACT)

    assert np.allclose(voi(np.asarray([-5.0, 0.0, 1024.0, 2048.0, 4096.0, 5000.0]), window), [0, 0, 0.25, 0.5, 1, 1])


def test_sigmoid_is_half_at_its_center_and_follows_the_exponential() -> None:
    window = Window(center=100, width=200, function=VoiFunction.SIGMOID)

    # 1 / (1 + exp(-4 (x - c) / w)): at x = c + w/4 that is 1 / (1 + e^-1) = 0.731058...
    assert np.allclose(voi(np.asarray([100.0, 150.0, 50.0]), window), [0.5, 0.7310586, 0.2689414])
    assert shown([100, 150, 50], window) == [128, 186, 69]


def test_a_linear_window_narrower_than_one_is_read_as_exact() -> None:
    window = Window(center=0.5, width=0.5)

    assert np.allclose(voi(np.asarray([0.25, 0.5, 0.75]), window), [0, 0.5, 1])


def test_modality_comes_before_the_window() -> None:
    # stored 1064 is 40 HU.
    assert shown([1064], Window(center=40, width=400), CT) == [128]
    assert apply_modality(np.asarray([[0, 1064]], np.uint16), CT).tolist() == [[-1024.0, 40.0]]


def test_a_modality_lut_replaces_slope_and_intercept_and_clamps_at_its_ends() -> None:
    lut = LookupTable(values=np.asarray([10, 20, 40], np.uint16), first_mapped=5, bits=16)
    facts = replace(CT, modality_lut=lut)

    assert apply_modality(np.asarray([[0, 5, 6, 7, 100]], np.uint16), facts).tolist() == [[10, 10, 20, 40, 40]]


def test_a_voi_lut_scales_by_its_bits_and_clamps_at_its_ends() -> None:
    lut = LookupTable(values=np.asarray([0, 1023, 2047, 4095], np.uint16), first_mapped=10, bits=12)

    # 1023 / 4095 * 255 = 63.70, 2047 / 4095 * 255 = 127.47
    assert shown([-7, 10, 11, 12, 13, 900], lut) == [0, 0, 64, 127, 255, 255]


def test_tiny_slopes_are_not_lost() -> None:
    facts = replace(FACTS, rescale_slope=1e-6, rescale_intercept=0.0, signed=False)
    window = Window(center=5e-4, width=1e-3, function=VoiFunction.LINEAR_EXACT)

    assert shown([0, 250, 500, 1000], window, facts) == [0, 64, 128, 255]


def test_a_negative_slope_keeps_the_polarity_of_its_values() -> None:
    facts = replace(FACTS, rescale_slope=-1.0, rescale_intercept=100.0)

    assert shown([0, 100], Window(center=50, width=100, function=VoiFunction.LINEAR_EXACT), facts) == [255, 0]


@pytest.mark.parametrize(
    ("photometric", "inverse", "invert", "is_inverted"),
    [
        ("MONOCHROME2", False, False, False),
        ("MONOCHROME2", True, False, True),
        ("MONOCHROME1", False, False, True),
        ("MONOCHROME1", True, False, True),  # both say the same thing: once, not twice
        ("MONOCHROME2", False, True, True),
        ("MONOCHROME2", True, True, False),
        ("MONOCHROME1", False, True, False),
        ("MONOCHROME1", True, True, False),
    ],
)
def test_inversion_truth_table(photometric: str, inverse: bool, invert: bool, is_inverted: bool) -> None:
    facts = replace(FACTS, photometric=photometric, inverse=inverse)
    window = Window(center=50, width=100, function=VoiFunction.LINEAR_EXACT)

    # 25 -> 63.75 -> 64; inverted 255 - 64 = 191: the inversion is the last step, after the window.
    assert shown([0, 25, 100], window, facts, invert=invert) == ([255, 191, 0] if is_inverted else [0, 64, 255])


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("invert", [False, True])
def test_padding_is_black_however_the_picture_is_inverted(photometric: str, invert: bool) -> None:
    facts = replace(FACTS, photometric=photometric, padding=(-2000, -1990))

    assert shown([-2000, -1995, -1990], Window(center=40, width=400), facts, invert=invert) == [0, 0, 0]


def test_the_table_and_the_float_path_agree_for_every_value() -> None:
    window = Window(center=40, width=400)
    stored = np.arange(-32768, 32768, dtype=np.int16).reshape(256, 256)

    table = display_table(FACTS, window, invert=False)
    floats = display_table(replace(FACTS, bits_stored=32), window, invert=False)

    assert table.grey is not None and floats.grey is None
    assert np.array_equal(table.apply(stored), floats.apply(stored.astype(np.int32)))


def test_uint16_above_32767_stays_positive() -> None:
    facts = replace(FACTS, signed=False)

    assert shown([32768, 65535], Window(center=32768, width=65536), facts) == [128, 255]


def test_floats_with_broken_numbers_show_black_there() -> None:
    facts = replace(FACTS, bits_stored=32)
    stored = np.asarray([[np.nan, np.inf, 0.0, 1.0]], np.float32)
    window = Window(center=0.5, width=1, function=VoiFunction.LINEAR_EXACT)

    assert display_table(facts, window, invert=True).apply(stored)[0].tolist() == [0, 0, 255, 0]


def test_palette_colours_come_from_the_palette_and_clamp_at_its_ends() -> None:
    palette = Palette(rgb=np.asarray([[1, 2, 3], [40, 50, 60]], np.uint8), first_mapped=7)
    facts = replace(FACTS, photometric="PALETTE COLOR", palette=palette, signed=False)
    table = display_table(facts, Window(center=128, width=256), invert=False)

    assert table.apply(np.asarray([[0, 7, 8, 99]], np.uint16))[0].tolist() == [
        [1, 2, 3], [1, 2, 3], [40, 50, 60], [40, 50, 60],
    ]  # fmt: skip


def test_true_colour_is_shown_as_it_is() -> None:
    facts = replace(FACTS, samples=3, photometric="RGB", bits_stored=8)
    rgb = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)

    assert np.array_equal(display_table(facts, default_window(rgb, facts), invert=False).apply(rgb), rgb)


def test_the_default_window_is_the_files_first_usable_one() -> None:
    broken, first, second = (Window(center=c, width=w) for c, w in ((1, 0), (40, 400), (-600, 1500)))
    facts = replace(CT, windows=(broken, first, second))

    assert default_window(np.zeros((4, 4), np.uint16), facts) is first


def test_a_file_with_only_a_voi_lut_is_shown_through_it() -> None:
    lut = LookupTable(values=np.asarray([0, 255], np.uint16), first_mapped=0, bits=8)

    assert default_voi(np.zeros((4, 4), np.uint16), replace(CT, voi_luts=(lut,))) is lut


def test_padding_takes_no_part_in_the_computed_window_or_range() -> None:
    facts = replace(FACTS, padding=(-2000, -2000))
    stored = np.full((100, 100), -2000, np.int16)
    stored[40:60, 40:60] = np.linspace(0, 100, 400).reshape(20, 20)

    assert full_range(stored, facts) == Window(
        center=50, width=100, name="Full range", function=VoiFunction.LINEAR_EXACT
    )
    assert computed_window(stored, facts).center == pytest.approx(50, abs=1)


def test_eight_bit_pictures_are_shown_as_they_are() -> None:
    facts = replace(FACTS, signed=False, bits_stored=8)
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)

    assert np.array_equal(display_table(facts, default_window(stored, facts), invert=False).apply(stored), stored)


def test_a_class_map_in_eight_bits_is_not_black() -> None:
    facts = replace(FACTS, signed=False, bits_stored=8)
    stored = np.zeros((16, 16), np.uint8)
    stored[4:8, 4:8] = 1

    assert display_table(facts, default_window(stored, facts), invert=False).apply(stored).max() == 255


def test_an_image_of_padding_alone_has_a_window_all_the_same() -> None:
    facts = replace(FACTS, padding=(0, 0))

    assert full_range(np.zeros((4, 4), np.int16), facts).width > 0
    assert default_window(np.zeros((4, 4), np.int16), facts).width > 0


def test_a_float_map_is_not_cut_in_two_by_a_window_of_width_one() -> None:
    facts = replace(FACTS, bits_stored=32, windows=(Window(center=0.5, width=1),))
    stored = np.asarray([[0.0, 0.25, 1.0]], np.float32)

    assert display_table(facts, default_window(stored, facts), invert=False).apply(stored)[0].tolist() == [0, 64, 255]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (128, 256), (129, 257), (700, 301), (0, 4)])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.int8])
def test_a_view_of_any_size_is_looked_up_pixel_by_pixel(shape: tuple[int, int], dtype: type) -> None:
    kind = np.iinfo(dtype)
    wide = np.random.default_rng(4).integers(kind.min, kind.max + 1, (shape[0], 2 * shape[1])).astype(dtype)
    table = DisplayTable(facts=FACTS, window=Window(center=0, width=2), inverted=False, grey=LEVELS)

    for stored in (wide[:, ::2], np.ascontiguousarray(wide[:, ::2])):
        # The low 16 bits of each value name its row of the table.
        expected = [[int(LEVELS[int(value) % 65536]) for value in row] for row in stored.tolist()]
        assert table.apply(stored).tolist() == expected


def test_a_large_view_is_looked_up_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight bytes of index for each pixel at once were more than the processor's own memory holds."""
    sizes, take = [], np.take

    def noted(table: np.ndarray, index: np.ndarray, **named: Any) -> Any:
        sizes.append(index.size)
        return take(table, index, **named)

    monkeypatch.setattr(np, "take", noted)
    table = DisplayTable(facts=FACTS, window=Window(center=0, width=2), inverted=False, grey=LEVELS)

    table.apply(np.zeros((500, 400), np.int16))

    assert sum(sizes) == 200_000 and max(sizes) <= 32_768
