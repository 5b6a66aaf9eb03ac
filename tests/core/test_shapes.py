"""What is a shape, and how far it reaches."""

import pytest

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.polygon import Polygon


@pytest.mark.parametrize("ends", [(5, 0, 5, 9), (6, 0, 5, 9), (0, 9, 5, 9), (0, 9, 5, 8), (9, 9, 0, 0)])
def test_a_box_that_is_empty_along_one_side_is_refused(ends: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = ends
    with pytest.raises(BadRequest):
        Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def test_a_box_has_its_width_and_height() -> None:
    box = Box(x0_px=1.5, y0_px=2, x1_px=5, y1_px=2.25)

    assert (box.width_px, box.height_px) == (3.5, 0.25)


def test_three_points_are_the_least_outline() -> None:
    assert len(Polygon(points_px=((0, 0), (1, 0), (0, 1))).points_px) == 3
    with pytest.raises(BadRequest):
        Polygon(points_px=((0, 0), (1, 0)))
