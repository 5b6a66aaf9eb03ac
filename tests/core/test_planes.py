"""Overlay planes over the pixels."""

import numpy as np
import pytest

from viewer.core.geometry import ViewTransform
from viewer.core.pixels import OverlayPlane
from viewer.core.planes import GRAPHICS_ALPHA, REGION_ALPHA, planes_rgba


def at_scale(rows: int, cols: int, scale: float) -> ViewTransform:
    return ViewTransform(
        view_width=round(cols * scale), view_height=round(rows * scale), scale_x=scale, scale_y=scale,
        center_x_px=cols / 2, center_y_px=rows / 2,
    )  # fmt: skip


def test_bits_stand_where_the_origin_puts_them_and_those_beside_the_image_are_left_out() -> None:
    bits = np.eye(4, dtype=bool)
    plane = OverlayPlane(bits=bits, row0=-1, col0=2)

    drawn = planes_rgba([plane], 5, 5, at_scale(5, 5, 1.0))[:, :, 3] > 0

    # Bit (1, 1) is at image pixel (0, 3), (2, 2) at (1, 4); (0, 0) is above the image, (3, 3) right of it.
    assert [tuple(place) for place in np.argwhere(drawn)] == [(0, 3), (1, 4)]


def test_enlarged_a_bit_covers_exactly_its_pixel() -> None:
    bits = np.zeros((3, 3), bool)
    bits[1, 2] = True

    drawn = planes_rgba([OverlayPlane(bits=bits)], 3, 3, at_scale(3, 3, 4.0))[:, :, 3]

    expected = np.zeros((12, 12), bool)
    expected[4:8, 8:12] = True
    assert np.array_equal(drawn > 0, expected)
    assert set(drawn[expected]) == {round(255 * GRAPHICS_ALPHA)}


def test_a_hairline_is_seen_however_far_the_image_is_shrunk() -> None:
    bits = np.zeros((64, 64), bool)
    bits[:, 37] = True

    for scale in (0.5, 0.3, 0.125):
        drawn = planes_rgba([OverlayPlane(bits=bits)], 64, 64, at_scale(64, 64, scale))[:, :, 3]
        assert (drawn.max(axis=1) > 0.25 * 255 * GRAPHICS_ALPHA).all(), scale


def test_shrunk_by_whole_numbers_opacity_is_the_root_of_the_share() -> None:
    bits = np.zeros((8, 8), bool)
    bits[0, 0] = bits[4:6, 4:8] = True  # 1 of 16 of the first block, 8 of 16 of the last

    drawn = planes_rgba([OverlayPlane(bits=bits)], 8, 8, at_scale(8, 8, 0.25))[:, :, 3]

    assert np.allclose(drawn / 255 / GRAPHICS_ALPHA, [[0.25, 0], [0, 0.5**0.5]], atol=0.01)


def test_a_region_is_more_transparent_than_graphics_and_layers_have_their_colours() -> None:
    region = OverlayPlane(bits=np.ones((2, 2), bool), is_region=True, layer="L1")

    drawn = planes_rgba([region], 2, 2, at_scale(2, 2, 1.0), colors={"L1": "#00FF00"})

    assert drawn[0, 0].tolist() == [0, round(255 * REGION_ALPHA), 0, round(255 * REGION_ALPHA)]


def test_two_planes_lie_over_each_other() -> None:
    first = OverlayPlane(bits=np.array([[True, False]]), layer="a")
    second = OverlayPlane(bits=np.array([[False, True]]), layer="b")

    drawn = planes_rgba([first, second], 1, 2, at_scale(1, 2, 1.0), colors={"a": "#FF0000", "b": "#0000FF"})

    assert drawn[0, 0, 0] > 200 and drawn[0, 1, 2] > 200 and drawn[0, 0, 2] == drawn[0, 1, 0] == 0


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_view_pixel_that_sticks_out_of_the_image_counts_only_what_is_on_it(mirrored: bool) -> None:
    bits = np.zeros((5, 5), bool)
    bits[0] = bits[:, 0] = True  # all that the first view pixel shows of the image
    # 1.5 image pixels a view pixel; the first begins 0.6 before the image and ends at 0.9, the second at 2.4.
    center = 2.6 if mirrored else 2.4
    transform = ViewTransform(
        view_width=4, view_height=4, scale_x=2 / 3, scale_y=2 / 3, center_x_px=center, center_y_px=center
    )

    plane = OverlayPlane(bits=bits[::-1, ::-1] if mirrored else bits)
    drawn = planes_rgba([plane], 5, 5, transform)[:, :, 3]

    drawn = drawn[::-1, ::-1] if mirrored else drawn
    assert set(drawn[0].tolist()) == set(drawn[:, 0].tolist()) == {round(255 * GRAPHICS_ALPHA)}
    # The second lies on the rows 0, 1 and 2, of which one is set; on the columns alike: 5 of 9 pixels in the corner.
    assert drawn[1, 1:].tolist() == pytest.approx([171, 132.5, 132.5], abs=1)
    assert not drawn[2:, 2:].any()


def test_planes_turn_with_the_picture_and_those_out_of_the_view_are_not_drawn() -> None:
    bits = np.zeros((2, 3), bool)
    bits[0, 2] = True
    turned = ViewTransform(
        view_width=2, view_height=3, scale_x=1, scale_y=1, center_x_px=1.5, center_y_px=1, quarter_turns=1
    )
    beside = ViewTransform(view_width=2, view_height=3, scale_x=1, scale_y=1, center_x_px=50, center_y_px=1)

    # A quarter turn clockwise brings the upper right pixel to the lower right.
    assert np.argwhere(planes_rgba([OverlayPlane(bits=bits)], 2, 3, turned)[:, :, 3]).tolist() == [[2, 1]]
    half = ViewTransform(
        view_width=3, view_height=2, scale_x=1, scale_y=1, center_x_px=1.5, center_y_px=1, quarter_turns=2
    )
    assert np.argwhere(planes_rgba([OverlayPlane(bits=bits)], 2, 3, half)[:, :, 3]).tolist() == [[1, 0]]
    assert planes_rgba([OverlayPlane(bits=bits)], 2, 3, beside).shape == (3, 2, 4)
    assert not planes_rgba([OverlayPlane(bits=bits)], 2, 3, beside).any()


def test_a_plane_whose_layer_has_no_colour_has_the_one_for_planes() -> None:
    plane = OverlayPlane(bits=np.ones((1, 1), bool), layer="L2")

    for colors in (None, {}, {"L1": "#00FF00"}):
        rgba = planes_rgba([plane], 1, 1, at_scale(1, 1, 1.0), colors=colors)[0, 0]
        assert rgba.tolist() == [round(0.9 * part) for part in (0xFF, 0xD2, 0x4A, 0xFF)]
