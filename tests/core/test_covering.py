"""Display shutters: expected masks are counted out by hand on small images."""

from dataclasses import replace

import numpy as np

from viewer.core.compose import displayed, native_view
from viewer.core.covering import Cover, cover_of, covered, placed_part
from viewer.core.geometry import Spacing, ViewTransform
from viewer.core.pixels import OverlayPlane, PixelFacts, Shutter, Window
from viewer.core.windowing import display_table, full_range

FACTS = PixelFacts(rows=6, cols=8, signed=False, bits_stored=8)


def test_a_rectangle_leaves_the_pixels_between_its_edges_open() -> None:
    mask = covered(Shutter(rectangle=(2, 1, 6, 4)), 6, 8)

    expected = np.ones((6, 8), bool)
    expected[1:4, 2:6] = False
    assert np.array_equal(mask, expected)


def test_a_circle_leaves_centres_within_its_radius_open() -> None:
    mask = covered(Shutter(circle=(4.5, 4.5, 2.0)), 9, 9)

    # Centre pixel (4, 4); pixels at most 2 away: 13 of them, the usual diamond of a circle of radius 2.
    assert (~mask).sum() == 13
    assert not mask[4, 6] and not mask[6, 4] and mask[6, 6]


def test_a_circle_is_round_on_the_screen_when_pixels_are_not_square() -> None:
    # Pixels twice as high as wide: the same radius reaches half as many rows.
    mask = covered(Shutter(circle=(10.5, 10.5, 6.0)), 21, 21, aspect=2.0)

    assert not mask[10, 4] and not mask[10, 16] and not mask[7, 10] and not mask[13, 10]
    assert mask[10, 3] and mask[6, 10] and mask[14, 10]


def test_a_polygon_leaves_its_inside_open_and_several_shapes_their_common_part() -> None:
    triangle = Shutter(polygon=((0.0, 0.0), (8.0, 0.0), (0.0, 8.0)))
    both = replace(triangle, rectangle=(0.0, 0.0, 3.0, 8.0))

    # Centres with x + y < 8 (a centre on the slanted side is outside).
    y, x = np.mgrid[0:8, 0:8] + 0.5
    assert np.array_equal(covered(triangle, 8, 8), x + y >= 8)
    assert np.array_equal(covered(both, 8, 8), (x + y >= 8) | (x > 3))


def test_a_bitmap_covers_where_its_bits_are_also_when_it_sticks_out() -> None:
    plane = OverlayPlane(bits=np.ones((3, 3), bool), row0=-1, col0=6)

    mask = covered(Shutter(bitmap=plane), 6, 8)

    assert mask.sum() == 4 and mask[:2, 6:].all()


def test_a_shutter_shows_its_level_and_changes_no_value_and_no_range() -> None:
    stored = np.arange(48, dtype=np.uint8).reshape(6, 8)
    facts = replace(FACTS, shutter=Shutter(rectangle=(2, 1, 6, 4), level=200))
    cover = cover_of(facts)
    assert cover is not None
    before = stored.copy()

    view, _ = native_view(stored, facts, covered=cover.mask)
    shown = displayed(view, display_table(facts, Window(center=128, width=256), invert=True))

    assert (shown[cover.mask] == 200).all()  # P-Values are not inverted with the image
    assert np.array_equal(shown[~cover.mask], 255 - stored[~cover.mask])
    assert np.array_equal(stored, before)
    assert full_range(stored, facts) == full_range(stored, FACTS)


def test_a_shutter_that_covers_nothing_is_none() -> None:
    assert cover_of(replace(FACTS, shutter=Shutter(rectangle=(-1, -1, 8, 6)))) is None
    assert cover_of(FACTS) is None


def test_a_cover_is_turned_with_the_image() -> None:
    mask = np.zeros((2, 3), bool)
    mask[0, 2] = True  # upper right
    transform = ViewTransform(
        view_width=4, view_height=6, scale_x=2, scale_y=2, center_x_px=1.5, center_y_px=1, quarter_turns=1
    )

    shown = Cover(mask=mask, level=0).in_view(transform)

    # A quarter turn clockwise brings the upper right corner to the lower right.
    expected = np.zeros((6, 4), bool)
    expected[4:, 2:] = True
    assert np.array_equal(shown, expected)


def test_the_circle_uses_the_spacing_of_the_frame() -> None:
    spacing = Spacing(row_mm=2.0, col_mm=1.0, source="PixelSpacing")
    facts = PixelFacts(rows=21, cols=21, spacing=spacing, shutter=Shutter(circle=(10.5, 10.5, 6.0)))
    cover = cover_of(facts)

    assert cover is not None and cover.mask[6, 10] and not cover.mask[7, 10]


def test_a_part_laid_over_an_image_meets_it_where_both_are() -> None:
    part = np.arange(12).reshape(3, 4)
    for row0 in range(-5, 9):
        for col0 in range(-6, 10):
            image = np.full((6, 7), -1)
            here, there = placed_part(part, row0, col0, 6, 7)
            image[here] = part[there]
            for row in range(6):
                for col in range(7):
                    inside = 0 <= row - row0 < 3 and 0 <= col - col0 < 4
                    assert image[row, col] == (part[row - row0, col - col0] if inside else -1)
