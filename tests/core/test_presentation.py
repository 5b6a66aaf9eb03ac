"""A presentation state's shapes and colours, against formulas and an independent conversion."""

import math

import numpy as np
import pytest

from viewer.core.geometry import ViewTransform
from viewer.core.pixels import LookupTable, PixelFacts
from viewer.core.placing import place_words
from viewer.core.presentation import (
    GraphicText,
    area_point,
    cielab_color,
    circle_points,
    curve_points,
    ellipse_points,
    grey_color,
    identity_window,
    spatial_turn,
)
from viewer.core.windowing import presentation, voi


@pytest.mark.parametrize(
    "lab",
    [
        (0, 0, 0), (100, 0, 0), (60, 80, 60), (50, -60, 20), (70, 10, -40), (30, 0, 0), (4, 2, -3), (7.5, 0, 0),
        (8, 5, 5), (50, 0, -70), (60, -30, 60), (80, -5, 25), (55, 70, 0), (40, -35, 35),
    ],
)  # fmt: skip
def test_colours_agree_with_an_independent_conversion(lab: tuple[float, float, float]) -> None:
    encoded = [lab[0] / 100 * 65535, (lab[1] + 128) / 255 * 65535, (lab[2] + 128) / 255 * 65535]
    # Bradford D50 to D65 (ICC.1 annex E), then the inverse of sRGB's primaries (IEC 61966-2-1).
    bradford = np.array(
        [[0.9555766, -0.0230393, 0.0631636], [-0.0282895, 1.0099416, 0.0210077], [0.0122982, -0.0204830, 1.3299098]]
    )
    primaries = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = np.array([0.96422, 1.0, 0.82521]) * [_inverse_f(part) for part in _lab_parts(*lab)]
    linear = np.clip(np.linalg.inv(primaries) @ bradford @ xyz, 0, 1)
    expected = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255

    color = cielab_color(encoded)

    assert [int(color[i : i + 2], 16) for i in (1, 3, 5)] == pytest.approx(expected, abs=0.6)


def _lab_parts(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """CIE 15:2004, 8.2.1: (f(X/Xn), f(Y/Yn), f(Z/Zn))."""
    middle = (lightness + 16) / 116
    return middle + a / 500, middle, middle - b / 200


def _inverse_f(part: float) -> float:
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)


@pytest.mark.parametrize("rotation", [-90, 0, 90, 180, 270, 450])
@pytest.mark.parametrize("flip", [False, True])
def test_rotation_comes_before_the_flip(rotation: int, flip: bool) -> None:
    turns, flipped = spatial_turn(rotation, flip=flip)
    transform = ViewTransform(
        view_width=3, view_height=3, scale_x=1, scale_y=1, center_x_px=1.5, center_y_px=1.5, quarter_turns=turns,
        flipped=flipped,
    )  # fmt: skip
    image = np.arange(9).reshape(3, 3)
    expected = np.rot90(image, -rotation // 90)  # clockwise
    expected = expected[:, ::-1] if flip else expected

    for row in range(3):
        for col in range(3):
            x, y = transform.to_view(col + 0.5, row + 0.5)
            assert expected[int(y), int(x)] == image[row, col]


def test_a_circle_has_its_radius_everywhere_and_an_ellipse_its_axes() -> None:
    assert all(math.dist(point, (32, 32)) == pytest.approx(9) for point in circle_points((32, 32), (41, 32)))
    ring = np.array(ellipse_points(((10, 20), (30, 20)), ((20, 15), (20, 25))))
    assert np.allclose(((ring[:, 0] - 20) / 10) ** 2 + ((ring[:, 1] - 20) / 5) ** 2, 1)


def test_an_oblique_ellipse_keeps_its_direction() -> None:
    ring = np.array(ellipse_points(((0, 0), (10, 10)), ((6, 4), (4, 6))))

    along = (ring - 5) @ np.array([1, 1]) / math.sqrt(2)
    across = (ring - 5) @ np.array([1, -1]) / math.sqrt(2)
    assert np.allclose((along / math.hypot(5, 5)) ** 2 + (across / math.hypot(1, 1)) ** 2, 1)


def test_a_curve_goes_through_every_point_given() -> None:
    given = [(0.0, 0.0), (10.0, 5.0), (20.0, 0.0), (15.0, -8.0)]

    for closed in (False, True):
        drawn = curve_points(given, closed=closed)
        assert all(min(math.dist(point, other) for other in drawn) < 1e-9 for point in given)
    assert curve_points([(0, 0), (1, 1), (2, 2)], closed=False)[6] == pytest.approx((0.5, 0.5), abs=0.07)


def test_display_units_are_fractions_of_the_displayed_area_as_it_is_turned() -> None:
    area = (10.0, 20.0, 30.0, 60.0)

    assert area_point((area, False), 0.25, 0.5) == (15.0, 40.0)
    # Turned by 90 degrees the screen's horizontal runs down the image's columns.
    assert area_point((area, True), 0.25, 0.5) == (20.0, 30.0)


def test_the_identity_shows_every_value_the_modality_step_can_give() -> None:
    facts = PixelFacts(rows=1, cols=1, bits_stored=12, signed=False, rescale_slope=2.0, rescale_intercept=-100.0)
    window = identity_window(facts)

    # 0 .. 4095 become -100 .. 8090.
    assert voi(np.array([-100.0, 3995.0, 8090.0]), window).tolist() == pytest.approx([0, 0.5, 1])
    table = LookupTable(values=np.zeros(4, np.uint16), first_mapped=0, bits=8)
    by_table = identity_window(PixelFacts(rows=1, cols=1, modality_lut=table))
    assert voi(np.array([0.0, 128.0, 255.0]), by_table).tolist() == pytest.approx([0, 128 / 255, 1])


def test_a_presentation_lut_spans_the_range_of_its_input() -> None:
    table = LookupTable(values=np.array([0, 1023, 512, 100], np.uint16), first_mapped=0, bits=10)

    assert presentation(np.array([0.0, 1 / 3, 2 / 3, 1.0]), table).tolist() == pytest.approx(
        [0, 1, 512 / 1023, 100 / 1023]
    )


def test_words_are_justified_in_their_box_and_stay_on_the_screen() -> None:
    transform = ViewTransform(view_width=100, view_height=80, scale_x=2, scale_y=2, center_x_px=25, center_y_px=20)
    text = GraphicText(lines=("ab",), box_px=(10, 10, 30, 20), align="center")

    place = place_words(text, (10, 16), transform)
    far = place_words(GraphicText(lines=("ab",), box_px=(-30, 5, -20, 10)), (10, 16), transform)

    assert (place.left, place.top) == (35, 20)  # the box is 20 to 60 wide on the screen
    assert place.starts([10, 4]) == [35, 38]
    assert (far.left, far.top) == (0, 10)


def test_a_visible_anchor_gets_a_line_and_a_hidden_one_none() -> None:
    transform = ViewTransform(view_width=100, view_height=80, scale_x=1, scale_y=1, center_x_px=50, center_y_px=40)
    text = GraphicText(lines=("a",), box_px=(10, 10, 30, 20), anchor_px=(60.0, 50.0), shows_anchor=True)

    assert place_words(text, (10, 16), transform).leader == ((20, 26), (60, 50))
    hidden = GraphicText(lines=("a",), anchor_px=(60.0, 50.0))
    assert place_words(hidden, (10, 16), transform).leader is None
    assert place_words(hidden, (10, 16), transform).left == 68


def test_a_grey_level_of_16_bits_is_one_of_8() -> None:
    assert [grey_color(level) for level in (0, 257, 32896, 65535)] == ["#000000", "#010101", "#808080", "#FFFFFF"]


def test_an_ellipse_is_drawn_all_the_way_round() -> None:
    ring = ellipse_points(((10, 20), (30, 20)), ((20, 15), (20, 25)))

    for end in ((10, 20), (30, 20), (20, 15), (20, 25)):
        assert min(math.dist(end, point) for point in ring) < 1e-6
    steps = [math.dist(a, b) for a, b in zip(ring, ring[1:] + ring[:1])]
    assert max(steps) < 2 and min(steps) > 0


def test_a_curve_through_points_of_one_circle_stays_near_it_and_has_no_corner() -> None:
    given = [(10 * math.cos(t * math.pi / 4), 10 * math.sin(t * math.pi / 4)) for t in range(8)]

    closed = curve_points(given, closed=True)
    ended = curve_points(given, closed=False)

    assert all(9.9 < math.hypot(x, y) < 10.1 for x, y in closed)
    assert len(closed) == 8 * 12 and len(ended) == 7 * 12 + 1
    assert ended[0] == given[0] and ended[-1] == given[-1]
    # Every stretch but the first and the last has the same neighbours, closed or not.
    assert np.allclose(ended[12 : 6 * 12], closed[12 : 6 * 12])
    # Catmull-Rom at its ends: half the way to the only neighbour. In the middle of the first stretch, by hand:
    # (a + b) / 2 + (slope at a - slope at b) / 8.
    a, b, c = (np.array(point) for point in given[:3])
    assert ended[6] == pytest.approx(((a + b) / 2 + ((b - a) / 2 - (c - a) / 2) / 8).tolist())
    x, y, z = (np.array(point) for point in given[-3:])
    assert ended[6 * 12 + 6] == pytest.approx(((y + z) / 2 + ((z - x) / 2 - (z - y) / 2) / 8).tolist())
    assert curve_points(given[:2], closed=False) == tuple(given[:2])


@pytest.mark.parametrize(("signed", "low", "high"), [(False, 0.0, 4095.0), (True, -2048.0, 2047.0)])
def test_the_identity_window_spans_signed_values_too(signed: bool, low: float, high: float) -> None:
    window = identity_window(PixelFacts(rows=1, cols=1, bits_stored=12, signed=signed))

    assert voi(np.array([low, (low + high) / 2, high]), window).tolist() == pytest.approx([0, 0.5, 1], abs=2e-4)
    assert 0 < voi(np.array([low + 1.0]), window)[0] < 1e-3 and 0.999 < voi(np.array([high - 1.0]), window)[0] < 1
