"""Where words go: beside their shape, off other words."""

import pytest

from viewer.core.geometry import ViewTransform
from viewer.core.placing import Rect, bounds_corners, bounds_of, place_beside, place_words, point_cross
from viewer.core.presentation import GraphicText

VIEW: Rect = (0.0, 0.0, 600.0, 500.0)


def overlap(a: Rect, b: Rect) -> bool:
    """Whether two rectangles share more than an edge."""
    return min(a[0] + a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[1] + a[3], b[1] + b[3]) > max(a[1], b[1])


def test_words_stand_near_their_shape_where_nothing_is_in_the_way() -> None:
    assert place_beside((100, 100, 50, 50), (80, 20), VIEW, (), 20) == (170, 90, 80, 20)


@pytest.mark.parametrize("count", [2, 6, 20])
def test_words_of_measurements_one_over_the_other_do_not_cover_each_other(count: int) -> None:
    shapes = [(200.0 + i, 200.0 + i, 60.0, 80.0) for i in range(count)]
    placed: list[Rect] = []
    for shape in shapes:
        others = [other for other in shapes if other != shape]
        placed.append(place_beside(shape, (110, 70), VIEW, others, 20, placed))

    assert not any(overlap(a, b) for i, a in enumerate(placed) for b in placed[:i])
    assert all(x >= 0 and y >= 0 and x + w <= 600 and y + h <= 500 for x, y, w, h in placed)


def test_words_that_have_no_room_stand_beside_their_shape() -> None:
    full = [VIEW]
    assert place_beside((100, 100, 50, 50), (80, 20), VIEW, (), 20, full) == (170, 90, 80, 20)


SHAPE: Rect = (200.0, 200.0, 40.0, 60.0)
SIZE = (30.0, 20.0)
AROUND = [  # 10 px from the shape, from the upper right clockwise, each by hand
    (250.0, 190.0), (250.0, 220.0), (250.0, 250.0), (205.0, 270.0), (160.0, 250.0), (160.0, 220.0), (160.0, 190.0),
    (205.0, 170.0),
]  # fmt: skip


@pytest.mark.parametrize("tried", range(8))
def test_places_are_tried_clockwise_from_the_upper_right(tried: int) -> None:
    covered = [(*place, *SIZE) for place in AROUND[:tried]]

    assert place_beside(SHAPE, SIZE, VIEW, [], 10, covered)[:2] in AROUND[tried:]
    # Those that overlap a place before are covered with it; the first free one is taken.
    free = [place for place in AROUND if not any(overlap((*place, *SIZE), one) for one in covered)]
    assert place_beside(SHAPE, SIZE, VIEW, [], 10, covered)[:2] == free[0]


def test_further_places_are_tried_when_the_near_ones_are_taken() -> None:
    near: Rect = (150.0, 160.0, 140.0, 140.0)  # everything within 40 px

    assert place_beside(SHAPE, SIZE, VIEW, [near], 10) == (290.0, 190.0, 30.0, 20.0)


def test_words_stay_inside_the_view() -> None:
    left, top, width, height = place_beside((580.0, 0.0, 20.0, 20.0), (80, 30), VIEW, (), 10)
    assert left >= 0 and left + width <= 600 and top >= 0 and top + height <= 500
    assert place_beside((0.0, 480.0, 20.0, 20.0), (80, 30), (0.0, 0.0, 60.0, 500.0), (), 10)[0] == 0.0


def test_words_without_room_nearby_stand_as_near_as_a_grid_of_places_allows() -> None:
    view: Rect = (0.0, 0.0, 300.0, 100.0)
    shape: Rect = (10.0, 10.0, 20.0, 20.0)
    taken: Rect = (0.0, 0.0, 200.0, 100.0)  # all that is near, so also every distance that is tried

    # Places of 50 x 25 side by side; the first column right of what is covered, in the row of the shape's middle.
    assert place_beside(shape, (50, 25), view, [], 4, [taken]) == (200.0, 0.0, 50, 25)


def state_words(**facts: object) -> GraphicText:
    return GraphicText(lines=("words",), **facts)  # type: ignore[arg-type]


ONE_TO_ONE = ViewTransform(
    view_width=400, view_height=300, scale_x=1.0, scale_y=1.0, center_x_px=200.0, center_y_px=150.0
)


def test_words_of_a_state_stand_in_their_box_as_it_says() -> None:
    box = (100.0, 50.0, 200.0, 90.0)
    left, center, right = (
        place_words(state_words(box_px=box, align=align), (40, 10), ONE_TO_ONE) for align in ("left", "center", "right")
    )

    assert [(place.left, place.top) for place in (left, center, right)] == [(100, 50), (130, 50), (160, 50)]
    assert (left.width, left.leader) == (40, None)
    assert left.starts([40, 20]) == [100, 100]
    assert center.starts([40, 20]) == [130, 140]
    assert right.starts([40, 20]) == [160, 180]


def test_words_beside_a_point_point_at_it_when_the_state_says_so() -> None:
    plain = place_words(state_words(anchor_px=(100.0, 100.0)), (40, 10), ONE_TO_ONE)
    pointing = place_words(state_words(anchor_px=(100.0, 100.0), shows_anchor=True), (40, 10), ONE_TO_ONE)
    boxed = place_words(
        state_words(box_px=(100.0, 50.0, 200.0, 90.0), anchor_px=(50.0, 200.0), shows_anchor=True), (40, 10), ONE_TO_ONE
    )

    assert (plain.left, plain.top, plain.leader) == (108, 95, None)
    assert pointing.leader == ((108, 100), (100, 100)), "from the nearest point of the words to the anchor"
    assert boxed.leader == ((100, 60), (50, 200))


def test_a_point_is_a_cross_and_bounds_hold_every_point() -> None:
    assert point_cross((10.0, 20.0)) == [[(5, 20), (15, 20)], [(10, 15), (10, 25)]]
    assert bounds_of([(3.0, 9.0), (1.0, 4.0), (2.0, 11.0)]) == (1.0, 4.0, 2.0, 7.0)
    assert bounds_corners([(3.0, 9.0), (1.0, 4.0), (2.0, 11.0)]) == ((1.0, 4.0), (3.0, 11.0))


def test_in_a_view_that_begins_elsewhere_words_stand_inside_it_too() -> None:
    view: Rect = (1000.0, 300.0, 200.0, 100.0)
    shape: Rect = (1010.0, 320.0, 20.0, 20.0)

    assert place_beside(shape, (60, 30), view, (), 10) == (1040.0, 305.0, 60, 30)
    assert place_beside((990.0, 290.0, 4.0, 4.0), (60, 30), view, (), 500) == (1140.0, 300.0, 60, 30)
    # Nothing is free but the last place of a grid of 3 x 3.
    taken = [(1000.0, 300.0, 200.0, 60.0), (1000.0, 360.0, 120.0, 40.0)]
    assert place_beside(shape, (60, 30), view, [], 4, taken) == (1120.0, 360.0, 60, 30)


def test_a_block_larger_than_the_view_begins_at_its_upper_left_corner() -> None:
    assert place_beside((10, 10, 5, 5), (900, 700), VIEW, (), 10) == (0.0, 0.0, 900, 700)


def test_words_below_the_view_are_lifted_into_it_by_their_own_height() -> None:
    assert place_beside((100, 480, 50, 15), (30, 90), VIEW, (), 10) == (160, 410.0, 30, 90)


def test_of_equally_free_places_the_nearest_to_the_shape_is_taken_both_ways() -> None:
    shape: Rect = (145.0, 80.0, 10.0, 10.0)  # the middle at (150, 85)
    view: Rect = (0.0, 0.0, 300.0, 400.0)
    # Taken: all that is tried nearby. Free: the first column 150 px to the left, and the rows from 240 on below.
    near = [(60.0, 0.0, 240.0, 240.0)]

    assert place_beside(shape, (60, 40), view, [], 2, near) == (0.0, 80.0, 60, 40)


def test_the_nearest_free_place_is_reckoned_from_the_shape_s_middle() -> None:
    view: Rect = (0.0, 0.0, 300.0, 100.0)
    # Free are the first and the last of five columns, whose middles are at 30 and 270; the shape's is at 153.
    near = [(60.0, 0.0, 180.0, 100.0)]

    assert place_beside((143.0, 20.0, 20.0, 4.0), (60, 40), view, [], 2, near) == (240.0, 0.0, 60, 40)
    assert place_beside((137.0, 20.0, 20.0, 4.0), (60, 40), view, [], 2, near) == (0.0, 0.0, 60, 40)


def test_a_block_wider_than_a_view_that_begins_elsewhere_begins_with_it() -> None:
    assert place_beside((1010, 320, 5, 5), (900, 700), (1000.0, 300.0, 200.0, 100.0), (), 10) == (
        1000.0, 300.0, 900, 700,
    )  # fmt: skip


def test_words_of_odd_height_stand_by_half_pixels() -> None:
    assert place_beside((100, 100, 51, 53), (81, 21), VIEW, (), 20) == (171, 89.5, 81, 21)
    taken = [(160.0, 0.0, 440.0, 500.0), (0.0, 170.0, 600.0, 330.0)]
    assert place_beside((100, 100, 51, 53), (41, 21), VIEW, (), 10, taken) == (49, 142.5, 41, 21)


def test_the_nearest_free_row_is_reckoned_from_the_shape_s_middle_too() -> None:
    view: Rect = (0.0, 0.0, 60.0, 200.0)
    near = [(0.0, 40.0, 60.0, 120.0)]  # free: the first and the last of five rows; the middle is at 100

    assert place_beside((5.0, 87.0, 30.0, 4.0), (60, 40), view, [], 2, near) == (0.0, 0.0, 60, 40)
    assert place_beside((5.0, 109.0, 30.0, 4.0), (60, 40), view, [], 2, near) == (0.0, 160.0, 60, 40)


def test_words_of_a_state_that_stand_above_or_beside_the_view_are_brought_into_it() -> None:
    for box, expected in (
        ((-90.0, -50.0, -60.0, -40.0), (0, 0)),
        ((390.0, 295.0, 399.0, 299.0), (360, 290)),
    ):
        place = place_words(state_words(box_px=box), (40, 10), ONE_TO_ONE)
        assert (place.left, place.top) == expected
