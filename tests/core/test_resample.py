"""One resampling from stored values to the view: exact where it can be, padding in no mean."""

import numpy as np
import pytest

from viewer.core.geometry import ViewTransform
from viewer.core.resample import Pyramid, nearest_rows, span

RNG = np.random.default_rng(5)


def whole(rows: int, cols: int, scale: float, **more: object) -> ViewTransform:
    """The whole image at a scale, nothing around it."""
    turned = int(more.get("quarter_turns", 0)) % 2  # type: ignore[call-overload]
    width, height = round(cols * scale), round(rows * scale)
    return ViewTransform(
        view_width=height if turned else width, view_height=width if turned else height,
        scale_x=scale, scale_y=scale, center_x_px=cols / 2, center_y_px=rows / 2, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_one_to_one_gives_back_every_stored_value(dtype: type) -> None:
    stored = RNG.integers(-100 if np.dtype(dtype).kind != "u" else 0, 100, (13, 9)).astype(dtype)

    shown, inside = Pyramid(stored).view(whole(13, 9, 1.0), smooth=True)

    assert shown.dtype == dtype and np.array_equal(shown, stored) and inside is None


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("flipped", [False, True])
def test_turns_and_flips_agree_with_the_transform_that_tools_use(turns: int, flipped: bool) -> None:
    stored = RNG.integers(0, 1000, (5, 8)).astype(np.uint16)
    transform = whole(5, 8, 3.0, quarter_turns=turns, flipped=flipped)

    shown, _ = Pyramid(stored).view(transform, smooth=False)

    for row in range(5):
        for col in range(8):
            x, y = transform.to_view(col + 0.5, row + 0.5)
            assert shown[int(y), int(x)] == stored[row, col]


def test_shrinking_takes_the_mean_of_the_area() -> None:
    stored = RNG.integers(0, 60000, (64, 48)).astype(np.uint16)

    shown, _ = Pyramid(stored).view(whole(64, 48, 0.25), smooth=True)

    expected = stored.reshape(16, 4, 12, 4).mean(axis=(1, 3))
    assert np.abs(shown - expected).max() <= 1.0  # each of two halvings rounds once


def test_shrinking_by_a_fraction_keeps_the_mean_of_the_image() -> None:
    stored = RNG.integers(0, 4000, (300, 300)).astype(np.int16)

    shown, _ = Pyramid(stored).view(whole(300, 300, 0.37), smooth=True)

    assert shown.shape == (111, 111)
    assert shown.mean() == pytest.approx(stored.mean(), abs=8)


def test_a_ramp_stays_where_it_is_at_every_zoom() -> None:
    # The half pixel goes wrong here first: the value shown at a view pixel is the value at its centre's image point.
    stored = np.tile(np.arange(0, 4000, 10, dtype=np.uint16), (40, 1))
    for scale in (0.3, 0.5, 0.8, 1.0, 1.7, 3.0):
        transform = ViewTransform(
            view_width=60, view_height=20, scale_x=scale, scale_y=scale, center_x_px=200.3, center_y_px=20
        )
        shown, _ = Pyramid(stored).view(transform, smooth=True)
        for x in (3, 30, 57):
            x_px, _ = transform.to_image(x + 0.5, 10.5)
            assert shown[10, x] == pytest.approx((x_px - 0.5) * 10, abs=2.0), scale


@pytest.mark.parametrize("is_upright", [True, False])
def test_a_ramp_stays_where_it_is_along_each_axis_up_to_its_ends(is_upright: bool) -> None:
    # A shift of half a pixel along one axis alone is not seen by a ramp along the other.
    stored = np.tile(np.arange(0, 4000, 10, dtype=np.uint16)[:, None], (1, 40))
    for scale in (0.3, 0.5, 0.8, 1.0, 1.7, 3.0):
        for center in (200.3, 3.2, 398.1):  # in the middle, and where the image's edges are near
            sides = (20, 60) if is_upright else (60, 20)
            x_px, y_px = (20, center) if is_upright else (center, 20)
            transform = ViewTransform(
                view_width=sides[0], view_height=sides[1], scale_x=scale, scale_y=scale, center_x_px=x_px,
                center_y_px=y_px,
            )  # fmt: skip
            shown, inside = Pyramid(stored if is_upright else stored.T).view(transform, smooth=True)
            line = shown[:, 10] if is_upright else shown[10]
            for at in (3, 17, 30, 43, 57):
                x_px, y_px = transform.to_image(10.5, at + 0.5) if is_upright else transform.to_image(at + 0.5, 10.5)
                at_px = y_px if is_upright else x_px
                if 4 <= at_px <= 396:
                    assert line[at] == pytest.approx((at_px - 0.5) * 10, abs=2.0), (scale, center)
                    assert inside is None or (inside[at, 10] if is_upright else inside[10, at])


def test_padding_spreads_into_no_pixel_at_any_level_or_enlargement() -> None:
    # Values are between 90 and 110 beside padding of -2000: any mean with padding would leave that range.
    stored = RNG.integers(90, 111, (64, 64)).astype(np.int16)
    stored[:, :21] = -2000
    stored[40:43, 30:50] = -2000
    padding = stored == -2000
    for scale in (0.11, 0.25, 0.37, 0.6, 1.0, 1.3, 2.0, 5.0):
        for center in (32.0, 30.3):
            transform = ViewTransform(
                view_width=50, view_height=50, scale_x=scale, scale_y=scale, center_x_px=center, center_y_px=center
            )
            shown, inside = Pyramid(stored, padding).view(transform, smooth=True)
            assert inside is not None and inside.any()
            assert shown[inside].min() >= 90 and shown[inside].max() <= 110, scale
            if scale >= 1:
                assert not inside[padding_under(padding, transform)].any(), scale


def padding_under(padding: np.ndarray, transform: ViewTransform) -> np.ndarray:
    """View pixels that lie well within padding: the image pixel under them and its neighbours are all padding."""
    under = np.zeros((transform.view_height, transform.view_width), bool)
    for y in range(under.shape[0]):
        for x in range(under.shape[1]):
            x_px, y_px = transform.to_image(x + 0.5, y + 0.5)
            row, col = int(np.floor(y_px)), int(np.floor(x_px))
            if 1 <= row < padding.shape[0] - 1 and 1 <= col < padding.shape[1] - 1:
                under[y, x] = padding[row - 1 : row + 2, col - 1 : col + 2].all()
    return under


def test_enlarging_is_linear_between_centres_or_nearest() -> None:
    stored = np.asarray([[0, 100]], np.uint16)

    smooth, _ = Pyramid(stored).view(whole(1, 2, 4.0), smooth=True)
    blocky, _ = Pyramid(stored).view(whole(1, 2, 4.0), smooth=False)

    # Centres at x = 2 and 6 of 8; view pixel 2 lies at 2.5: 12.5 %.
    assert smooth[0].tolist() == pytest.approx([0, 0, 12, 38, 62, 88, 100, 100], abs=1)
    assert blocky[0].tolist() == [0, 0, 0, 0, 100, 100, 100, 100]


def test_padding_takes_part_in_no_mean() -> None:
    stored = np.full((8, 8), 50, np.int16)
    stored[:, :3] = -2000
    padding = stored == -2000

    for scale in (0.5, 1.0, 3.0):
        shown, inside = Pyramid(stored, padding).view(whole(8, 8, scale), smooth=True)
        assert inside is not None and inside.any() and not inside.all()
        assert set(shown[inside].tolist()) == {50}, scale


def test_broken_floats_do_not_spread() -> None:
    stored = np.ones((16, 16), np.float32)
    stored[3, 4] = np.nan

    shown, inside = Pyramid(stored, ~np.isfinite(stored)).view(whole(16, 16, 0.5), smooth=True)

    assert np.isfinite(shown).all() and inside is not None and inside.all()
    assert np.allclose(shown, 1)


def test_palette_entries_are_never_mixed() -> None:
    stored = RNG.choice([3, 200], (40, 40)).astype(np.uint8)

    for scale in (0.4, 2.5):
        shown, _ = Pyramid(stored, indexed=True).view(whole(40, 40, scale), smooth=True)
        assert set(shown.ravel().tolist()) <= {3, 200}


def test_non_square_pixels_are_stretched_on_their_own_axis() -> None:
    stored = RNG.integers(0, 100, (10, 10)).astype(np.uint8)
    transform = ViewTransform(view_width=10, view_height=30, scale_x=1, scale_y=3, center_x_px=5, center_y_px=5)

    shown, inside = Pyramid(stored).view(transform, smooth=False)

    assert inside is None and np.array_equal(shown, np.repeat(stored, 3, axis=0))


def test_what_lies_outside_the_image_is_marked() -> None:
    transform = ViewTransform(view_width=20, view_height=10, scale_x=1, scale_y=1, center_x_px=0, center_y_px=2)

    shown, inside = Pyramid(np.full((4, 6), 9, np.uint8)).view(transform, smooth=True)

    assert inside is not None and inside.sum() == 24
    assert inside[3:7, 10:16].all() and (shown[inside] == 9).all()


def test_an_image_panned_out_of_the_view_shows_nothing() -> None:
    transform = ViewTransform(view_width=8, view_height=8, scale_x=1, scale_y=1, center_x_px=90, center_y_px=2)

    _, inside = Pyramid(np.ones((4, 4), np.uint8)).view(transform, smooth=True)

    assert inside is not None and not inside.any()


def test_colour_is_resampled_channel_by_channel() -> None:
    stored = np.zeros((8, 8, 3), np.uint8)
    stored[..., 1] = 200

    shown, _ = Pyramid(stored).view(whole(8, 8, 0.5), smooth=True)

    assert shown.shape == (4, 4, 3) and (shown == [0, 200, 0]).all()


def test_odd_sizes_shrink_to_a_single_pixel_without_fault() -> None:
    for rows, cols in ((1, 1), (1, 77), (77, 1), (31, 33), (32, 33), (33, 32), (34, 38)):
        shown, inside = Pyramid(np.full((rows, cols), 7, np.uint16)).view(
            ViewTransform(
                view_width=3, view_height=3, scale_x=2 / 77, scale_y=2 / 77, center_x_px=cols / 2, center_y_px=rows / 2
            ),
            smooth=True,
        )
        assert inside is not None and inside[1, 1]  # the middle of the view is the middle of the image
        assert (shown == np.where(inside, 7, 0)).all()


@pytest.mark.parametrize("scale", [0.3, 0.77, 1.0, 2.6])
@pytest.mark.parametrize("center", [-3.0, 0.2, 4.1, 9.0, 17.7, 30.0])
def test_a_view_pixel_shows_image_where_its_centre_is_on_it(scale: float, center: float) -> None:
    view_px, image_px = 23, 18
    centres = [(pixel + 0.5 - view_px / 2) / scale + center for pixel in range(view_px)]
    expected = [pixel for pixel, at in enumerate(centres) if 0 <= at < image_px]

    found = span(view_px, image_px, scale, center)

    assert (list(range(found.first, found.first + found.count)) if found else []) == expected
    if found:
        assert found.step == pytest.approx(1 / scale)
        assert found.start + found.step / 2 == pytest.approx(centres[found.first])
        assert nearest_rows(found, image_px).tolist() == [int(centres[pixel]) for pixel in expected]


@pytest.mark.parametrize("place", [(0, 0), (0, 7), (7, 0), (7, 7), (3, 4)])
def test_a_single_bright_pixel_enlarged_is_a_tent_of_its_own_place(place: tuple[int, int]) -> None:
    stored = np.zeros((8, 8), np.float32)
    stored[place] = 1000
    scale = 4
    transform = ViewTransform(view_width=32, view_height=32, scale_x=4, scale_y=4, center_x_px=4, center_y_px=4)

    shown, _ = Pyramid(stored).view(transform, smooth=True)

    # Linear between centres, and beyond the outermost centres the value there.
    at = np.clip((np.arange(32) + 0.5) / scale - 0.5, 0, 7)
    down, across = (np.maximum(0, 1 - np.abs(at - axis)) for axis in place)
    assert np.abs(shown - 1000 * down[:, None] * across[None, :]).max() < 1


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
def test_halving_takes_the_mean_of_two_by_two_and_rounds(dtype: type) -> None:
    stored = np.array([[1, 2, 7, 7], [2, 2, 8, 8], [0, 0, 100, 0], [0, 2, 0, 0]], dtype)

    shown, _ = Pyramid(stored).view(whole(4, 4, 0.5), smooth=True)

    means = np.array([[1.75, 7.5], [0.5, 25]])
    expected = means if dtype == np.float32 else np.array([[2, 8], [1, 25]])
    assert np.abs(shown - expected).max() <= (1 if dtype == np.int32 else 0), "half a step either way in 32 bits"


def test_levels_prepared_beforehand_change_nothing_that_is_shown() -> None:
    stored = RNG.integers(0, 4000, (64, 64)).astype(np.uint16)
    ready = Pyramid(stored)
    ready.prepare(3)
    palette = Pyramid(stored.astype(np.uint8), indexed=True)
    palette.prepare(3)

    for scale in (0.125, 0.3, 1.0):
        assert np.array_equal(
            ready.view(whole(64, 64, scale), smooth=True)[0], Pyramid(stored).view(whole(64, 64, scale), smooth=True)[0]
        )
    assert np.array_equal(palette.view(whole(64, 64, 1.0), smooth=True)[0], stored.astype(np.uint8))


@pytest.mark.parametrize("scale", [0.15, 0.4, 0.62, 0.77, 0.9, 1.3])
def test_a_plain_image_stays_plain_up_to_its_last_pixel(scale: float) -> None:
    stored = np.full((33, 47), 1234, np.uint16)
    for shift in (0.0, 0.3, -0.45):
        transform = ViewTransform(
            view_width=60,
            view_height=50,
            scale_x=scale,
            scale_y=scale,
            center_x_px=23.5 + shift,
            center_y_px=16 - shift,
        )
        shown, inside = Pyramid(stored).view(transform, smooth=True)
        assert set(shown[inside].tolist() if inside is not None else shown.ravel().tolist()) == {1234}


@pytest.mark.parametrize("seed", range(6))
def test_the_edges_are_resampled_as_if_the_border_went_on(seed: int) -> None:
    # A wide border of the same values around the image changes nothing that is shown of it.
    rng = np.random.default_rng(seed)
    stored = rng.integers(0, 4000, (16, 16)).astype(np.float32)
    framed = np.pad(stored, 32, mode="edge")
    for scale in (0.55, 0.77, 0.95, 1.4, 3.0):
        here, there = (
            ViewTransform(view_width=14, view_height=14, scale_x=scale, scale_y=scale, center_x_px=c, center_y_px=c)
            for c in (8.3, 40.3)
        )
        shown, inside = Pyramid(stored).view(here, smooth=True)
        expected, _ = Pyramid(framed).view(there, smooth=True)
        where = np.ones_like(shown, bool) if inside is None else inside
        assert np.abs(shown - expected)[where].max() < 0.02 * 4000


def test_halves_that_begin_at_an_odd_pixel_are_not_taken_from_the_pixel_before() -> None:
    stored = np.tile(np.arange(0, 400, 10, dtype=np.uint16), (40, 1))
    transform = ViewTransform(view_width=8, view_height=8, scale_x=0.5, scale_y=0.5, center_x_px=21, center_y_px=21)

    shown, _ = Pyramid(stored).view(transform, smooth=True)

    # The first view pixel shows the image's columns 13 and 14: 130 and 140.
    assert shown[4].tolist() == pytest.approx([135 + 20 * n for n in range(8)], abs=1)


def test_an_image_of_one_row_is_shrunk_as_far_as_it_goes() -> None:
    transform = ViewTransform(
        view_width=4, view_height=1, scale_x=1 / 16, scale_y=1 / 16, center_x_px=32, center_y_px=0.5
    )

    shown, inside = Pyramid(np.full((1, 64), 7, np.uint16)).view(transform, smooth=True)

    assert shown.tolist() == [[7, 7, 7, 7]] and inside is None


@pytest.mark.parametrize("scale", [0.29, 0.5, 0.77, 1.0, 1.4, 3.0])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("x_px", "y_px"), [(33.4, 29.7), (33.83, 30.41), (32.6, 29.3)])
def test_what_is_shown_at_a_place_is_the_same_in_a_small_view_and_a_large_one(
    scale: float, padded: bool, x_px: float, y_px: float
) -> None:
    stored = np.random.default_rng(9).integers(0, 4000, (60, 70)).astype(np.float32)
    padding = stored < 600 if padded else None
    small, large = (
        ViewTransform(view_width=w, view_height=h, scale_x=scale, scale_y=scale, center_x_px=x_px, center_y_px=y_px)
        for w, h in ((12, 8), (12 + 20, 8 + 20))
    )

    shown, inside = Pyramid(stored, padding).view(small, smooth=True)
    whole_view, whole_inside = Pyramid(stored, padding).view(large, smooth=True)

    here = slice(10, 18), slice(10, 22)
    assert (whole_inside is None and inside is None) or (whole_inside is not None)
    where = np.ones((8, 12), bool) if inside is None else inside
    if whole_inside is not None:
        assert np.array_equal(whole_inside[here], where)
    assert np.abs(shown - whole_view[here])[where].max() < 4


@pytest.mark.parametrize("scale", [0.2, 0.22])
@pytest.mark.parametrize("valid", [0, 1, 6, 7, 9, 10, 15, 16])
def test_a_shrunk_pixel_is_image_where_half_of_what_it_shows_is(scale: float, valid: int) -> None:
    # Everywhere the same share of every 4 x 4 pixels is no padding: two halvings, then a little more.
    block = (np.arange(16) >= valid).reshape(4, 4)
    padding = np.tile(block, (16, 16))
    stored = np.where(padding, -2000, 100).astype(np.int16)
    transform = ViewTransform(view_width=8, view_height=8, scale_x=scale, scale_y=scale, center_x_px=32, center_y_px=32)

    shown, inside = Pyramid(stored, padding).view(transform, smooth=True)

    assert inside is not None and (inside == (valid >= 8)).all()
    assert (shown[inside] == 100).all()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("shift", [-0.49, -0.2, 0.0, 0.3, 0.49])
def test_pixels_very_far_from_square_are_resampled_up_to_both_edges(turned: bool, shift: float) -> None:
    # A view pixel of twelve image pixels sticks out of the image by up to six of them.
    stored = np.full((20, 200), 77, np.uint16)
    stored[:, 100:] = 99
    along = {"view_width": 30, "view_height": 24, "scale_x": 1 / 12, "scale_y": 1.0}
    transform = ViewTransform(**along, center_x_px=100 + 12 * shift, center_y_px=10)  # type: ignore[arg-type]
    if turned:
        stored = stored.T.copy()
        along = {"view_width": 24, "view_height": 30, "scale_x": 1.0, "scale_y": 1 / 12}
        transform = ViewTransform(**along, center_x_px=10, center_y_px=100 + 12 * shift)  # type: ignore[arg-type]

    shown, inside = Pyramid(stored).view(transform, smooth=True)

    assert inside is not None and inside.sum() == 20 * inside.any(axis=1 if turned else 0).sum() > 20 * 15
    line = [int(value) for value in (shown.T if turned else shown)[inside.T if turned else inside].reshape(20, -1)[10]]
    assert line == sorted(line) and line[:6] == [77] * 6 and line[-6:] == [99] * 6
