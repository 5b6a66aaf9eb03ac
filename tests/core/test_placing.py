"""Where words go: beside their shape, off other words."""

import pytest

from viewer.core.placing import Rect, place_beside

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
