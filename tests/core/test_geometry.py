"""Indices, image points and patient points. Expected values by hand from PS3.3 C.7.6.2.1.1 and C.7.6.1.1.1."""

import math

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.geometry import (
    ImagePlane,
    Spacing,
    SpacingLevel,
    ViewTransform,
    VoxelGrid,
    along,
    direction_letters,
    edge_letters,
    plane_name,
    side_letters,
    standard_plane,
)

AXIAL = ImagePlane(position_mm=(-100.0, -120.0, 40.0), row_cosines=(1, 0, 0), col_cosines=(0, 1, 0))
CORONAL = ImagePlane(position_mm=(0.0, 0.0, 0.0), row_cosines=(1, 0, 0), col_cosines=(0, 0, -1))
SAGITTAL = ImagePlane(position_mm=(0.0, 0.0, 0.0), row_cosines=(0, 1, 0), col_cosines=(0, 0, -1))
FINE = Spacing(row_mm=0.5, col_mm=2.0, source="PixelSpacing")


def view(**facts: object) -> ViewTransform:
    values = {"view_width": 400, "view_height": 200, "scale_x": 2.0, "scale_y": 4.0}
    return ViewTransform(**{**values, "center_x_px": 10.0, "center_y_px": 20.0, **facts})


@pytest.mark.parametrize(("row_mm", "col_mm"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0), (math.nan, 1.0)])
def test_a_spacing_that_is_not_positive_is_refused(row_mm: float, col_mm: float) -> None:
    with pytest.raises(BadRequest, match="positive"):
        Spacing(row_mm=row_mm, col_mm=col_mm, source="PixelSpacing")


def test_a_spacing_is_of_the_patient_unless_the_file_says_otherwise() -> None:
    assert FINE.level is SpacingLevel.PATIENT == "mm" and FINE.note == ""


def test_the_centre_of_the_first_pixel_is_the_position() -> None:
    assert AXIAL.image_to_patient(0.5, 0.5, FINE) == (-100.0, -120.0, 40.0)


def test_columns_go_along_the_row_cosines_by_the_column_spacing() -> None:
    # Three columns of 2 mm to the patient's left, four rows of 0.5 mm to the back.
    assert AXIAL.image_to_patient(3.5, 4.5, FINE) == (-94.0, -118.0, 40.0)
    assert CORONAL.image_to_patient(3.5, 4.5, FINE) == (6.0, 0.0, -2.0)


def test_a_patient_point_comes_back_to_its_image_point() -> None:
    assert AXIAL.patient_to_image((-94.0, -118.0, 40.0), FINE) == (3.5, 4.5)
    assert AXIAL.patient_to_image((-94.0, -118.0, 99.0), FINE) == (3.5, 4.5), "nearest: the height does not count"


def test_the_normal_is_row_times_column_and_of_length_one() -> None:
    assert AXIAL.normal == (0.0, 0.0, 1.0)
    assert CORONAL.normal == (0.0, 1.0, 0.0)
    assert SAGITTAL.normal == (-1.0, 0.0, 0.0)
    uneven = ImagePlane(position_mm=(0, 0, 0), row_cosines=(2, 0, 0), col_cosines=(0, 3, 0))
    assert uneven.normal == (0.0, 0.0, 1.0)
    flat = ImagePlane(position_mm=(0, 0, 0), row_cosines=(1, 0, 0), col_cosines=(1, 0, 0))
    assert flat.normal == (0.0, 0.0, 0.0)


def test_slices_are_sorted_by_their_place_along_the_normal() -> None:
    assert AXIAL.along_normal_mm == 40.0
    assert along((1.0, 2.0, 3.0), (0.0, 0.6, 0.8)) == pytest.approx(1.2 + 2.4)
    assert ImagePlane(position_mm=(7, 8, 9), row_cosines=(0, 1, 0), col_cosines=(0, 0, -1)).along_normal_mm == -7.0


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"), ((-1, 0, 0), "R"), ((0, 1, 0), "P"), ((0, -1, 0), "A"), ((0, 0, 1), "S"), ((0, 0, -1), "I"),
        ((0.6, 0.8, 0), "PL"), ((0.8, -0.6, 0), "LA"), ((0, -0.6, -0.8), "IA"),
        ((0.3, 0.0, 0.954), "SL"),  # 0.3 is still named
        ((0.29, 0.0, 0.957), "S"),  # under it is not
        ((0.6, 0.6, 0.53), "LP"),  # two letters at the most
        ((0, 0, 0), ""),
    ],
)  # fmt: skip
def test_letters_name_the_largest_part_first(direction: tuple[float, float, float], letters: str) -> None:
    assert direction_letters(direction) == letters


def test_a_view_scales_its_axes_apart_and_puts_its_centre_in_the_middle() -> None:
    plain = view()

    assert plain.to_view(10.0, 20.0) == (200.0, 100.0)
    assert plain.to_view(11.0, 21.0) == (202.0, 104.0)
    assert plain.to_image(202.0, 104.0) == (11.0, 21.0)


@pytest.mark.parametrize(
    ("facts", "offset"),
    [
        # where one pixel to the right and one down of the centre goes to, on the screen
        ({"quarter_turns": 1}, (-4.0, 2.0)),
        ({"quarter_turns": 2}, (-2.0, -4.0)),
        ({"quarter_turns": 3}, (4.0, -2.0)),
        ({"quarter_turns": 5}, (-4.0, 2.0)),
        ({"flipped": True}, (-2.0, 4.0)),
        ({"flipped": True, "quarter_turns": 1}, (-4.0, -2.0)),  # first the flip, then the turn
    ],
)
def test_turns_go_clockwise_after_the_flip(facts: dict[str, object], offset: tuple[float, float]) -> None:
    turned = view(**facts)

    x, y = turned.to_view(11.0, 21.0)

    assert (x - 200.0, y - 100.0) == offset
    assert turned.to_image(x, y) == pytest.approx((11.0, 21.0))


def test_the_letters_at_the_edges_follow_plane_turn_and_flip() -> None:
    assert edge_letters(AXIAL, view()) == ("R", "L", "A", "P")
    assert edge_letters(CORONAL, view()) == ("R", "L", "S", "I")
    assert edge_letters(SAGITTAL, view()) == ("A", "P", "S", "I")
    assert edge_letters(AXIAL, view(flipped=True)) == ("L", "R", "A", "P")
    assert edge_letters(AXIAL, view(quarter_turns=1)) == ("P", "A", "R", "L")
    # Pixels that are not square do not tilt a direction: 45 degrees in the patient stay two letters.
    half = math.sqrt(0.5)
    tilted = ImagePlane(position_mm=(0, 0, 0), row_cosines=(half, half, 0), col_cosines=(-half, half, 0))
    assert edge_letters(tilted, view()) == ("RA", "LP", "LA", "RP")


def test_the_sides_that_a_film_names_turn_with_it() -> None:
    # Patient Orientation L\F: columns grow to the left, rows to the feet (here named by I).
    assert side_letters(("L", "I"), view()) == ("R", "L", "S", "I")
    assert side_letters(("L", "I"), view(flipped=True)) == ("L", "R", "S", "I")
    assert side_letters(("L", "I"), view(quarter_turns=1)) == ("I", "S", "R", "L")
    assert side_letters(("PL", "IA"), view()) == ("AR", "PL", "SP", "IA")


GRID = VoxelGrid(
    origin_mm=(10.0, 20.0, 30.0),
    slice_step_mm=(0.0, 0.0, 3.0),
    row_step_mm=(0.0, 0.5, 0.0),
    col_step_mm=(0.8, 0.0, 0.0),
    shape=(5, 40, 20),
)


def test_voxels_lie_where_their_steps_lead_and_come_back() -> None:
    indices = np.array([[0, 0, 0], [1, 2, 3]])
    points = np.array([[10.0, 20.0, 30.0], [12.4, 21.0, 33.0]])

    np.testing.assert_allclose(GRID.voxel_to_patient(indices), points)
    np.testing.assert_allclose(GRID.patient_to_voxel(points), indices, atol=1e-12)


def test_a_tilted_gantry_shears_the_grid() -> None:
    tilted = VoxelGrid(
        origin_mm=(0, 0, 0), slice_step_mm=(0, 1, 3), row_step_mm=(0, 0.5, 0), col_step_mm=(0.8, 0, 0), shape=(5, 9, 9)
    )

    np.testing.assert_allclose(tilted.voxel_to_patient(np.array([2, 1, 0])), [0, 2.5, 6])
    np.testing.assert_allclose(tilted.patient_to_voxel(np.array([0, 2.5, 6])), [2, 1, 0], atol=1e-12)
    assert tilted.finest_mm == 0.5, "0.5 between rows; the slices are 3 mm apart along their normal"


def test_the_volume_ends_half_a_voxel_beyond_the_centres() -> None:
    low, high = GRID.bounds_mm()

    assert low == pytest.approx((9.6, 19.75, 28.5))
    assert high == pytest.approx((9.6 + 20 * 0.8, 19.75 + 40 * 0.5, 28.5 + 5 * 3.0))


def test_the_finest_distance_is_between_slices_too() -> None:
    thin = VoxelGrid(
        origin_mm=(0, 0, 0), slice_step_mm=(0, 0, 0.25), row_step_mm=(0, 0.5, 0), col_step_mm=(0.8, 0, 0),
        shape=(5, 9, 9),
    )  # fmt: skip

    assert thin.finest_mm == pytest.approx(0.25)
    assert GRID.finest_mm == pytest.approx(0.5)


def test_standard_planes_cover_the_volume_and_are_seen_from_feet_front_and_left() -> None:
    axial, coronal, sagittal = (standard_plane(GRID, name) for name in ("axial", "coronal", "sagittal"))

    # 16 x 20 x 15 mm in pixels of 0.5 mm.
    assert (axial.rows, axial.cols) == (40, 32)
    assert (coronal.rows, coronal.cols) == (30, 32)
    assert (sagittal.rows, sagittal.cols) == (30, 40)
    assert {plane.pixel_mm for plane in (axial, coronal, sagittal)} == {0.5}
    # The first pixel's centre: half a pixel inside the corner, in the middle across.
    assert axial.place.position_mm == pytest.approx((9.85, 20.0, 36.0))
    assert coronal.place.position_mm == pytest.approx((9.85, 29.75, 43.25))
    assert sagittal.place.position_mm == pytest.approx((17.6, 20.0, 43.25))
    assert edge_letters(axial.place, view()) == ("R", "L", "A", "P")
    assert edge_letters(coronal.place, view()) == ("R", "L", "S", "I")
    assert edge_letters(sagittal.place, view()) == ("A", "P", "S", "I")


def test_a_plane_is_asked_for_by_its_millimetre_within_the_volume() -> None:
    assert standard_plane(GRID, "axial", 28.5).place.position_mm[2] == 28.5
    assert standard_plane(GRID, "axial", 43.5).place.position_mm[2] == 43.5
    for outside in (28.4, 43.6):
        with pytest.raises(BadRequest, match=r"between 28\.5 and 43\.5 mm"):
            standard_plane(GRID, "axial", outside)


def test_a_plane_has_a_name_within_20_degrees_of_an_axis() -> None:
    assert [plane_name(plane) for plane in (AXIAL, CORONAL, SAGITTAL)] == ["Axial", "Coronal", "Sagittal"]

    def tilted(degrees: float) -> str:
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return plane_name(ImagePlane(position_mm=(0, 0, 0), row_cosines=(1, 0, 0), col_cosines=(0, c, s)))

    assert tilted(19) == "Axial" and tilted(21) == "Oblique" and tilted(69) == "Oblique" and tilted(71) == "Coronal"


@pytest.mark.parametrize(
    ("row", "col", "normal"),
    [
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0.6, 0.8, 0), (0, 0, 1), (0.8, -0.6, 0)),
        ((0, 0.6, -0.8), (1, 0, 0), (0, -0.8, -0.6)),
        ((0.8, 0, 0.6), (0, -1, 0), (0.6, 0, -0.8)),
        ((2, 0, 0), (0, 0.5, 0), (0, 0, 1)),
        ((1, 0, 0), (1, 0, 0), (0, 0, 0)),
    ],
)
def test_a_normal_is_the_cross_product_of_the_directions_and_one_long(
    row: tuple[float, float, float], col: tuple[float, float, float], normal: tuple[float, float, float]
) -> None:
    plane = ImagePlane(position_mm=(10, 20, 30), row_cosines=row, col_cosines=col)

    assert plane.normal == pytest.approx(normal)
    assert plane.along_normal_mm == pytest.approx(10 * normal[0] + 20 * normal[1] + 30 * normal[2])


@pytest.mark.parametrize("quarter_turns", range(5))
@pytest.mark.parametrize("flipped", [False, True])
def test_points_go_through_the_product_of_the_three_matrices(*, quarter_turns: int, flipped: bool) -> None:
    """Flip, then turn clockwise (y runs down), then zoom and pan; and back by numpy's own inverse."""
    view = ViewTransform(
        view_width=641, view_height=480, scale_x=2.3, scale_y=0.7, center_x_px=100.25, center_y_px=77.5,
        quarter_turns=quarter_turns, flipped=flipped,
    )  # fmt: skip
    flip = np.diag([-1.0 if flipped else 1.0, 1.0])
    clockwise = np.array([[0.0, -1.0], [1.0, 0.0]])
    whole = np.linalg.matrix_power(clockwise, quarter_turns) @ flip @ np.diag([2.3, 0.7])
    np.testing.assert_array_equal(view.linear(), whole)
    for x_px, y_px in ((0.0, 0.0), (100.25, 77.5), (512.5, 3.0)):
        there = whole @ np.array([x_px - 100.25, y_px - 77.5]) + np.array([320.5, 240.0])
        assert view.to_view(x_px, y_px) == pytest.approx(tuple(there), abs=1e-9)
        back = np.linalg.inv(whole) @ (there - np.array([320.5, 240.0])) + np.array([100.25, 77.5])
        assert view.to_image(*there) == pytest.approx(tuple(back), abs=1e-9)
