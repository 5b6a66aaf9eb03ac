"""The lines of upright boxes, pixel by pixel: how far a line covers each is worked out by hand."""

import numpy as np
import pytest

from viewer.core.shapes.box_lines import BoxLines, Stroke, box_lines

WHITE, DARK, NOTHING = (255.0, 255.0, 255.0, 255.0), (0.0, 0.0, 0.0, 140.0), (0.0, 0.0, 0.0, 0.0)


def _strokes(width: float, rgba: tuple[float, ...], boxes: int = 1) -> Stroke:
    return Stroke(width_px=np.full(boxes, width), rgba=np.tile(np.array(rgba), (boxes, 1)))


def _unfolded(made: BoxLines, row: int = 0) -> dict[tuple[int, int], int]:
    """Each pixel (x, y) that something is drawn on, as 0xAARRGGBB."""
    left, top, right, bottom = (int(one) for one in made.starts[row])

    def places(first: int, second: int) -> list[tuple[int, int]]:
        near = made.near
        between = [(at, near) for at in range(first + near, second)]
        return [
            *((first + n, n) for n in range(near)), *between, *((second + n, near + 1 + n) for n in range(near)),
        ]  # fmt: skip

    return {
        (x, y): int(made.argb[row, i, k])
        for y, i in places(top, bottom)
        for x, k in places(left, right)
        if made.argb[row, i, k]
    }


def test_a_line_two_wide_on_pixel_edges_covers_two_pixels_on_each_side_and_nothing_else() -> None:
    made = box_lines(np.array([[10.0, 20.0, 40.0, 60.0]]), (_strokes(2, WHITE),))

    expected = {
        (x, y) for x in range(9, 41) for y in range(19, 61) if not (11 <= x < 39 and 21 <= y < 59)
    }  # fmt: skip
    assert _unfolded(made) == dict.fromkeys(expected, 0xFFFFFFFF)


def test_a_line_between_pixels_covers_each_by_its_share() -> None:
    # Of the left side, 9.25 to 11.25: three quarters of column 9, all of 10, a quarter of 11.
    pixels = _unfolded(box_lines(np.array([[10.25, 20.0, 40.0, 60.0]]), (_strokes(2, WHITE),)))

    assert [pixels.get((x, 40), 0) >> 24 for x in (8, 9, 10, 11, 12)] == [0, 191, 255, 64, 0]
    # At the upper left corner: row 19 is covered as far as the columns are, row 21 as the side is.
    assert [pixels.get((x, 19), 0) >> 24 for x in (8, 9, 10, 11, 12)] == [0, 191, 255, 255, 255]
    assert [pixels.get((x, 21), 0) >> 24 for x in (8, 9, 10, 11, 12)] == [0, 191, 255, 64, 0]


def test_an_inner_corner_between_pixels_is_covered_but_for_what_lies_within() -> None:
    # Lines from 9.5 to 10.5 on the left and from 19.5 to 20.5 above: of pixel (10, 20) a quarter lies within the box.
    pixels = _unfolded(box_lines(np.array([[10.0, 20.0, 40.0, 60.0]]), (_strokes(1, WHITE),)))

    assert [pixels.get((x, y), 0) >> 24 for x, y in ((9, 19), (10, 19), (9, 20), (10, 20))] == [64, 128, 128, 191]


def test_a_line_lies_over_its_dark_under_line() -> None:
    pixels = _unfolded(box_lines(np.array([[10.0, 20.0, 40.0, 60.0]]), (_strokes(4, DARK), _strokes(2, WHITE))))

    # Columns 8 and 11 show the under-line alone, 140 of 255, and 9 and 10 the line alone.
    assert [pixels[x, 40] for x in (8, 9, 10, 11)] == [0x8C000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x8C000000]


def test_boxes_with_lines_of_their_own_do_not_mix() -> None:
    boxes = np.array([[10.0, 20.0, 40.0, 60.0], [100.0, 20.0, 140.0, 60.0]])
    red = np.array([NOTHING, (255.0, 0.0, 0.0, 255.0)])

    made = box_lines(boxes, (Stroke(width_px=np.array([2.0, 4.0]), rgba=red),))

    assert _unfolded(made, 0) == {}
    second = _unfolded(made, 1)
    assert set(second.values()) == {0xFFFF0000}
    assert {x for x, y in second if y == 40} == {98, 99, 100, 101, 138, 139, 140, 141}


@pytest.mark.parametrize(("width", "fits"), ((3.9, False), (5.0, True)))
def test_a_box_with_nothing_between_its_corners_is_told(width: float, fits: bool) -> None:
    # A line 2 wide takes up to three pixels near each edge; from 9 on that is 9, 10, 11, and from 13 on the next.
    made = box_lines(np.array([[10.0, 20.0, 10.0 + width, 60.0]]), (_strokes(2, WHITE),))

    assert made.fits.tolist() == [fits]


def test_no_box_at_all_is_nothing() -> None:
    assert box_lines(np.zeros((0, 4)), (_strokes(2, WHITE, boxes=0),)).argb.shape[0] == 0
