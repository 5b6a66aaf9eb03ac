"""What two shapes on one plane share, whichever way each plane counts; on two planes they share nothing."""

import math
from dataclasses import replace

import pytest

from tests.project.acts_of_two import plane_at
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.on_one_plane import on_one_plane, shared_on_plane
from viewer.core.shapes.shape import Shape

PLANE = plane_at(12.5)  # axial; its origin lies at (-100, -80, 12.5)
# The same plane seen from below: x grows to the back, y to the left.
TURNED = replace(PLANE, origin_mm=(-100.0, -80.0, 12.5), row_cosines=(0.0, 1.0, 0.0), col_cosines=(1.0, 0.0, 0.0))
HALF = math.sqrt(0.5)
ASLANT = replace(PLANE, row_cosines=(HALF, HALF, 0.0), col_cosines=(-HALF, HALF, 0.0))
WIDE = Box(x0_px=30, y0_px=40, x1_px=60, y1_px=80)


def on(shape: Shape, plane: PlaneAnchor = PLANE) -> Annotation:
    return Annotation(annotation_id="a", image_id="", label="nodule", shape=shape, author="Ada", plane=plane)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        # 15 x 40 of 30 x 40.
        (on(WIDE), on(WIDE.moved(15, 0)), 0.5),
        # Its x is their y: the same box, and one that is a quarter of it.
        (on(WIDE), on(Box(x0_px=40, y0_px=30, x1_px=80, y1_px=60), TURNED), 1.0),
        (on(WIDE), on(Box(x0_px=70, y0_px=45, x1_px=110, y1_px=75), TURNED), 10 * 15 / 1200),
        (on(WIDE), on(WIDE, plane_at(12.55)), 1.0),
        (on(WIDE), on(WIDE, plane_at(12.7)), 0.0),
        (on(WIDE), on(WIDE.moved(30, 0)), 0.0),
        # A triangle is half of the box around it, and lies within.
        (on(WIDE), on(Polygon.of_points([(30, 40), (60, 40), (30, 80)])), 1.0),
        (on(Polygon.of_points([(30, 40), (60, 40), (30, 80)])),
         on(Polygon.of_points([(60, 80), (60, 40), (30, 80)])), 0.0),
        # A square of 20 x 20 around the origin, and one at 45 degrees: an octagon of 8 * (sqrt(2) - 1) * 10 * 10.
        (on(Box(x0_px=-10, y0_px=-10, x1_px=10, y1_px=10)), on(Box(x0_px=-10, y0_px=-10, x1_px=10, y1_px=10), ASLANT),
         2 * (math.sqrt(2) - 1)),
        # Small ones are told apart as large ones: half a millimetre of a millimetre.
        (on(Polygon.of_points([(-5, 0), (-4, 0), (-4, 1), (-5, 1)])),
         on(Polygon.of_points([(-4.5, 0), (-3.5, 0), (-3.5, 1), (-4.5, 1)])), 0.5),
        (on(SinglePoint.of_points([(3, 4)])), on(SinglePoint.of_points([(4, 3)]), TURNED), 1.0),
        (on(SinglePoint.of_points([(3, 4)])), on(SinglePoint.of_points([(4, 4)]), TURNED), 0.0),
        (on(Polyline.of_points([(0, 0), (3, 4)])), on(Polyline.of_points([(0, 0), (4, 3)]), TURNED), 1.0),
        (on(Polyline.of_points([(0, 0), (3, 4)])), on(SinglePoint.of_points([(0, 0)])), 0.0),
    ],
)  # fmt: skip
def test_what_they_share_is_counted_in_the_patient(one: Annotation, other: Annotation, shared: float) -> None:
    assert shared_on_plane(one, other) == pytest.approx(shared, abs=0.01)
    assert shared_on_plane(other, one) == pytest.approx(shared, abs=0.01)


def test_a_plane_of_another_space_or_an_image_is_not_the_same() -> None:
    assert on_one_plane(on(WIDE), on(WIDE, TURNED))
    assert not on_one_plane(on(WIDE), on(WIDE, replace(PLANE, frame_of_reference_uid="1.2.99")))
    image = Annotation(annotation_id="i", image_id="i", label="nodule", shape=WIDE, author="Ada")
    assert not on_one_plane(on(WIDE), image) and not on_one_plane(image, image)
