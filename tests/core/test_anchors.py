"""Planes in a patient's space: points there and back (PS3.3 C.7.6.2.1.1, by hand), and which plane shows what."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.geometry import ImagePlane
from viewer.core.shapes.anchors import PlaneAnchor, plane_facts, plane_of
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlines import annotation_lines, lines_moved

AXIAL = PlaneAnchor(
    frame_of_reference_uid="1.2.3", series_id="S", origin_mm=(-100.0, -80.0, 12.5), row_cosines=(1.0, 0.0, 0.0),
    col_cosines=(0.0, 1.0, 0.0),
)  # fmt: skip
# Rows run between left and back (3 : 4 : 5), columns to the feet.
OBLIQUE = replace(AXIAL, origin_mm=(10.0, 20.0, 30.0), row_cosines=(0.6, 0.8, 0.0), col_cosines=(0.0, 0.0, -1.0))


def drawn(kind: str, plane: PlaneAnchor, *points: tuple[float, float]) -> Measurement:
    return Measurement(measurement_id="m", image_id="", kind=kind, points_px=points, plane=plane)


def said(one: Measurement) -> tuple[str, ...]:
    return one.shape.quantities(np.zeros((0, 0)), plane_facts())


@pytest.mark.parametrize(
    ("plane", "on_it", "in_patient"),
    [
        (AXIAL, (30.0, 40.0), (-70.0, -40.0, 12.5)),
        (AXIAL, (0.0, 0.0), (-100.0, -80.0, 12.5)),
        (OBLIQUE, (10.0, 20.0), (16.0, 28.0, 10.0)),
        (OBLIQUE, (-5.0, -1.0), (7.0, 16.0, 31.0)),
    ],
)
def test_a_point_is_led_to_the_patient_and_back(
    plane: PlaneAnchor, on_it: tuple[float, float], in_patient: tuple[float, float, float]
) -> None:
    assert plane.to_patient(on_it) == pytest.approx(in_patient)
    assert plane.from_patient(in_patient) == pytest.approx(on_it)
    assert plane.on_it([in_patient]) == (pytest.approx(on_it),)


def test_a_length_and_an_angle_on_a_plane_are_of_the_patient() -> None:
    length = drawn("length", OBLIQUE, (0.0, 0.0), (30.0, 40.0))
    assert length.points_mm == ((10.0, 20.0, 30.0), pytest.approx((28.0, 44.0, -10.0)))
    # sqrt(18² + 24² + 40²) = 50
    assert said(length) == ("50.0 mm",)
    assert length.shape.unit_sources(plane_facts()) == ("mm: the plane, in mm of the patient",)
    assert said(drawn("angle", AXIAL, (10.0, 0.0), (0.0, 0.0), (0.0, 7.0))) == ("90.0°",)


def test_a_point_off_the_plane_is_refused_with_how_far() -> None:
    assert AXIAL.on_it([(-70.0, -40.0, 12.59)]) == (pytest.approx((30.0, 40.0)),)
    with pytest.raises(BadRequest, match=r"The point \(-70\.0, -40\.0, 14\.0\) lies 1\.50 mm off the plane"):
        AXIAL.on_it([(-70.0, -40.0, 14.0)])


def tilted(degrees: float) -> ImagePlane:
    """The axial plane, turned about its rows' direction through its own origin."""
    turn = np.radians(degrees)
    col = (0.0, float(np.cos(turn)), float(np.sin(turn)))
    return replace(AXIAL.place, col_cosines=col)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (AXIAL.place, True),
        (replace(AXIAL.place, position_mm=(55.0, 1.0, 12.5)), True),  # the same plane, from another corner
        (replace(AXIAL.place, position_mm=(0.0, 0.0, 12.59)), True),
        (replace(AXIAL.place, position_mm=(0.0, 0.0, 12.61)), False),
        (replace(AXIAL.place, col_cosines=(0.0, -1.0, 0.0)), True),  # seen from the other side
        (replace(AXIAL.place, row_cosines=(0.0, 1.0, 0.0), col_cosines=(0.0, 0.0, -1.0)), False),
        (replace(AXIAL.place, frame_of_reference="1.2.4"), False),
        (tilted(0.05), True),  # 0.03 mm at 40 mm from the axis
        (tilted(0.2), False),
    ],
)
def test_a_plane_shows_what_lies_in_it_and_in_no_other(place: ImagePlane, shown: bool) -> None:
    assert AXIAL.is_shown_on(place, ((0.0, 0.0), (30.0, 40.0))) is shown


def test_far_from_the_axis_a_turn_that_is_small_enough_is_too_large() -> None:
    # 0.09 degrees: 0.06 mm at 40 mm, and 0.63 mm at 400 mm.
    assert AXIAL.is_shown_on(tilted(0.09), ((0.0, 40.0),))
    assert not AXIAL.is_shown_on(tilted(0.09), ((0.0, 400.0),))


def test_the_same_plane_has_one_id_and_is_read_back() -> None:
    again = plane_of("1.2.3", "S", [[-100, -80, 12.5], [1, -0.0, 0], [0, 1, 0]])
    assert again.anchor_id == AXIAL.anchor_id == plane_of("1.2.3", "S", AXIAL.numbers()).anchor_id
    others = (OBLIQUE, replace(AXIAL, series_id="T"), replace(AXIAL, frame_of_reference_uid="1.2.4"))
    assert len({one.anchor_id for one in (AXIAL, *others)}) == 4


@pytest.mark.parametrize(
    "facts",
    [
        {"row_cosines": (0.0, 1.0, 0.0)}, {"row_cosines": (2.0, 0.0, 0.0)}, {"origin_mm": (0.0, 0.0, float("nan"))},
        {"frame_of_reference_uid": ""}, {"series_id": ""},
    ],
)  # fmt: skip
def test_what_is_no_plane_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match="plane"):
        replace(AXIAL, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [[[0, 0, 0], [1, 0, 0]], [[0, 0], [1, 0, 0], [0, 1, 0]], [["0", 0, 0]] * 3, 7])
def test_numbers_that_are_no_plane_are_told(numbers: object) -> None:
    with pytest.raises((BadRequest, ValueError, TypeError)):
        plane_of("1.2.3", "S", numbers)


def test_a_measurement_lies_on_one_thing_and_one_of_pixels_on_no_plane() -> None:
    for image_id, plane in (("i", AXIAL), ("", None)):
        with pytest.raises(BadRequest, match="A length lies on an image or on a plane"):
            Measurement(
                measurement_id="m", image_id=image_id, kind="length", points_px=((0, 0), (1, 1)), plane=plane
            )  # fmt: skip
    for kind in ("ellipse", "rectangle"):
        with pytest.raises(BadRequest, match="measures an image's pixels"):
            drawn(kind, AXIAL, (0, 0), (5, 5))


def test_a_line_in_which_two_planes_cross_is_shown_on_its_own_alone() -> None:
    along_rows = ((0.0, 0.0), (30.0, 0.0))
    assert AXIAL.is_shown_on(tilted(0.0), along_rows)
    assert not AXIAL.is_shown_on(tilted(30.0), along_rows)


def test_a_box_is_drawn_with_all_its_corners_on_a_picture_that_is_turned_against_its_plane() -> None:
    box = Annotation(
        annotation_id="a", image_id="", label="nodule", shape=Box(x0_px=0, y0_px=0, x1_px=10, y1_px=5), author="Ada",
        plane=AXIAL,
    )  # fmt: skip
    lines, tag = annotation_lines(box, "#FFFFFF", selected=False)
    # A quarter turn: x on the one goes up on the other, and y to the right.
    (line,), tag = lines_moved(lines, tag, lambda x, y: (y, 100 - x))
    assert line.points_px == ((0, 100), (0, 90), (5, 90), (5, 100))
    assert tag is not None and (tag.x_px, tag.right_px, tag.top_px, tag.bottom_px) == (0, 5, 90, 100)
