"""Voxels, patient points and planes through a volume."""

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.geometry import ImagePlane, PlaneThrough, VoxelGrid, edge_letters, standard_plane
from viewer.core.pixels import PixelFacts, Window
from viewer.core.volume import Volume, modality_facts, reformat, sample

FACTS = PixelFacts(rows=5, cols=6, bits_stored=32, signed=True, unit="HU")


def volume(values: np.ndarray, *, step: tuple[float, float, float] = (0.0, 0.0, 3.0), row: float = 1.0) -> Volume:
    grid = VoxelGrid(
        origin_mm=(10.0, 20.0, 30.0),
        slice_step_mm=step,
        row_step_mm=(0.0, row, 0.0),
        col_step_mm=(1.0, 0.0, 0.0),
        shape=values.shape,  # type: ignore[arg-type]
    )
    return Volume(values=values, grid=grid, facts=FACTS)


def ramp(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """A value for each patient point that differs along every axis and both ways: what planes must give back."""
    return 2.0 * x - 3.0 * y + 5.0 * z


def ramp_volume(*, step: tuple[float, float, float] = (0.0, 0.0, 3.0), row: float = 1.0) -> Volume:
    s, r, c = np.meshgrid(np.arange(4), np.arange(5), np.arange(6), indexing="ij")
    x, y, z = 10 + c + s * step[0], 20 + r * row + s * step[1], 30 + s * step[2]
    return volume(ramp(x, y, z), step=step, row=row)


def test_voxels_and_patient_points_go_both_ways() -> None:
    grid = ramp_volume(step=(0.0, 1.5, 3.0)).grid

    found = grid.voxel_to_patient(np.array([[0, 0, 0], [2, 1, 4], [-0.5, 0.0, 0.0]]))

    assert found.tolist() == [[10, 20, 30], [14, 24, 36], [10, 19.25, 28.5]]
    assert np.allclose(grid.patient_to_voxel(found), [[0, 0, 0], [2, 1, 4], [-0.5, 0, 0]])


@pytest.mark.parametrize("step", [(0.0, 0.0, 3.0), (0.0, 1.5, 3.0), (0.0, 0.0, -3.0)])
@pytest.mark.parametrize("row", [1.0, 2.0])
@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
def test_every_pixel_of_a_plane_has_the_value_of_its_patient_point(
    name: str, row: float, step: tuple[float, float, float]
) -> None:
    """Sheared, from the top down, non-square: a linear function of the patient point comes back unchanged."""
    made = ramp_volume(step=step, row=row)
    plane = standard_plane(made.grid, name)

    cut = reformat(made, plane)

    right, down = np.array(plane.place.row_cosines), np.array(plane.place.col_cosines)
    r, c = np.meshgrid(np.arange(plane.rows), np.arange(plane.cols), indexing="ij")
    at = np.array(plane.place.position_mm) + plane.pixel_mm * (c[..., None] * right + r[..., None] * down)
    inner = made.grid.patient_to_voxel(at)
    inside = ((inner >= 0) & (inner <= np.array(made.values.shape) - 1)).all(axis=-1)
    assert inside.sum() > 10
    assert np.allclose(cut.values[inside], ramp(*np.moveaxis(at, -1, 0))[inside])
    outside = ((inner < -0.51) | (inner > np.array(made.values.shape) - 0.49)).any(axis=-1)
    assert np.isnan(cut.values[outside]).all()


def test_a_plane_has_square_pixels_of_the_finest_spacing_and_covers_the_volume() -> None:
    grid = ramp_volume(row=2.0).grid  # 4 slices 3 mm apart, 5 rows of 2 mm, 6 columns of 1 mm

    sizes = {name: standard_plane(grid, name) for name in ("axial", "coronal", "sagittal")}

    assert {name: (p.rows, p.cols, p.pixel_mm) for name, p in sizes.items()} == {
        "axial": (10, 6, 1.0),
        "coronal": (12, 6, 1.0),
        "sagittal": (12, 10, 1.0),
    }


def test_the_finest_spacing_of_a_sheared_stack_is_along_the_normal() -> None:
    grid = ramp_volume(step=(0.0, 4.0, 0.5)).grid

    assert grid.finest_mm == pytest.approx(0.5)


def test_each_standard_plane_is_seen_from_its_side() -> None:
    from viewer.core.geometry import ViewTransform

    grid = ramp_volume().grid
    view = ViewTransform(view_width=9, view_height=9, scale_x=1, scale_y=1, center_x_px=4, center_y_px=4)

    letters = {n: edge_letters(standard_plane(grid, n).place, view) for n in ("axial", "coronal", "sagittal")}

    # left, right, top, bottom of the screen
    assert letters == {
        "axial": ("R", "L", "A", "P"),
        "coronal": ("R", "L", "S", "I"),
        "sagittal": ("A", "P", "S", "I"),
    }


def test_values_at_voxel_centres_are_the_stored_ones_to_the_last_bit() -> None:
    values = np.random.default_rng(1).normal(size=(4, 5, 6))
    turn = np.radians(23.0)
    made = Volume(
        values=values,
        facts=FACTS,
        grid=VoxelGrid(
            origin_mm=(-231.7, 1205.3, -88.88),
            slice_step_mm=(0.31, 0.7, 2.9),
            row_step_mm=(-0.488281 * np.sin(turn), 0.488281 * np.cos(turn), 0.0),
            col_step_mm=(0.488281 * np.cos(turn), 0.488281 * np.sin(turn), 0.0),
            shape=(4, 5, 6),
        ),
    )
    every = np.stack(np.meshgrid(*map(np.arange, values.shape), indexing="ij"), axis=-1)
    back = made.grid.patient_to_voxel(made.grid.voxel_to_patient(every))

    assert np.array_equal(sample(made, back), values)


def test_padding_takes_part_in_no_mean() -> None:
    values = np.full((2, 2, 2), 100.0)
    values[0, 0, 0] = np.nan
    made = volume(values)

    assert sample(made, np.array([[0.5, 0.5, 0.5], [0.9, 0.9, 0.9]])).tolist() == [100, 100]
    assert np.isnan(sample(made, np.array([0.2, 0.2, 0.2])))  # more than half of the weight is padding


def test_a_place_beside_the_volume_is_refused_with_its_range() -> None:
    with pytest.raises(BadRequest, match=r"between 28\.5 and 40\.5 mm"):
        standard_plane(ramp_volume().grid, "axial", 41.0)


def test_a_plane_of_absurd_size_is_refused_before_it_is_made() -> None:
    place = ImagePlane(position_mm=(0, 0, 0), row_cosines=(1, 0, 0), col_cosines=(0, 1, 0))

    with pytest.raises(BadRequest, match="too large"):
        reformat(ramp_volume(), PlaneThrough(place=place, rows=1 << 20, cols=1 << 20, pixel_mm=1e-4))


def test_the_facts_of_modality_values_keep_what_the_values_mean_and_nothing_of_their_pixels() -> None:
    first = PixelFacts(
        rows=4, cols=4, bits_stored=12, signed=False, rescale_slope=2.0, rescale_intercept=-1024.0, padding=(0, 0),
        unit="HU", unit_source="Rescale Type (0028,1054)", windows=(Window(center=40, width=400),),
    )  # fmt: skip

    facts = modality_facts(first)

    assert (facts.rescale_slope, facts.rescale_intercept, facts.padding) == (1.0, 0.0, None)
    assert (facts.bits_stored, facts.signed) == (32, True)
    assert (facts.unit, facts.unit_source, facts.windows) == (first.unit, first.unit_source, first.windows)


def test_values_and_grid_of_different_shapes_are_refused() -> None:
    grid = ramp_volume().grid
    for shape in ((3, 5, 6), (4, 5, 7), (5, 6, 4)):
        with pytest.raises(BadRequest, match="one shape"):
            Volume(values=np.zeros(shape), grid=grid, facts=FACTS)


@pytest.mark.parametrize("pixel_mm", [0.5, 0.8, 2.0])
def test_a_plane_of_any_pixel_size_has_the_values_of_its_points(pixel_mm: float) -> None:
    made = ramp_volume()
    place = ImagePlane(position_mm=(11.0, 21.0, 31.5), row_cosines=(0.8, 0.6, 0.0), col_cosines=(0.0, 0.0, 1.0))

    cut = reformat(made, PlaneThrough(place=place, rows=2, cols=2, pixel_mm=pixel_mm)).values

    expected = [
        [ramp(11 + 0.8 * c * pixel_mm, 21 + 0.6 * c * pixel_mm, 31.5 + r * pixel_mm) for c in range(2)]
        for r in range(2)
    ]
    assert np.allclose(cut, expected)


def test_of_a_volume_of_one_slice_half_a_voxel_on_both_sides_is_that_slice() -> None:
    values = np.arange(30.0).reshape(1, 5, 6)
    made = volume(values)

    for depth, is_there in ((-0.6, False), (-0.5, True), (0.0, True), (0.3, True), (0.5, True), (0.6, False)):
        found = sample(made, np.array([[depth, 2.0, 3.0], [depth, 2.5, 3.5]]))
        assert found.tolist() == [15.0, 18.5] if is_there else np.isnan(found).all()


def test_beside_padding_the_mean_is_that_of_what_is_there() -> None:
    values = np.full((2, 2, 2), np.nan)
    values[0, 0] = 10.0, 30.0
    values[0, 1] = 50.0, 70.0
    made = volume(values)

    # Three quarters of the weight are on the first slice, which alone is there.
    assert sample(made, np.array([[0.25, 0.5, 0.5], [0.25, 0.0, 0.5], [0.5, 1.0, 1.0]])).tolist() == [40.0, 20.0, 70.0]


def test_a_volume_of_one_voxel_is_a_picture_of_one_pixel_in_every_plane() -> None:
    made = volume(np.full((1, 1, 1), 7.0), step=(0.0, 0.0, 1.0))

    for name in ("axial", "coronal", "sagittal"):
        plane = standard_plane(made.grid, name)
        assert (plane.rows, plane.cols) == (1, 1)
        assert reformat(made, plane).values.tolist() == [[7.0]]
