"""Faults 33 to 38: where slices lie, in which order, and what a plane cut through them shows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.faults.stacks import (
    AXIAL,
    CORONAL,
    PLANES,
    SAGITTAL,
    codes,
    only_series,
    pixel_points,
    ramp,
    write_stack,
)
from viewer.core.errors import UnsupportedFile
from viewer.core.geometry import ImagePlane, PlaneThrough, standard_plane
from viewer.core.readout import read_out
from viewer.core.volume import reformat
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.grouping.slice_notes import image_notes
from viewer.reading.scan import all_series, scan
from viewer.reading.volumes import read_volume

WriteDicom = Callable[..., Path]


def point_under(frame: Frame, col: int, row: int) -> tuple[float, ...]:
    """What the readout says of the place of a pixel's centre, in mm."""
    under = read_out(frame.stored, frame.facts, col + 0.5, row + 0.5)
    assert under is not None and under.position_mm is not None
    return under.position_mm


def test_irregular_spacing_is_named_placed_and_not_stacked_evenly(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 33: irregular spacing stacked evenly."""
    places = [0.0, 2.0, 4.0, 7.3, 9.3]
    write_stack(write_dicom, [(0.0, 0.0, z) for z in places], ramp)

    series = only_series(tmp_path / "stack")

    assert [ref.along_normal_mm for ref in series.frames] == pytest.approx(places)
    assert "uneven-gaps" in codes(series) and not series.is_volume
    assert "gap of 3.3 mm after this slice" in image_notes(series, 2)
    assert point_under(read_frame(series.frames[3]), 0, 0) == pytest.approx((0, 0, 7.3))
    with pytest.raises(UnsupportedFile, match="gaps between slices differ"):
        read_volume(series)


def test_a_tilted_gantry_is_a_sheared_volume_in_true_millimetres(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 34: gantry tilt ignored."""
    tilt = np.radians(20.0)
    cosines = (1.0, 0.0, 0.0, 0.0, float(np.cos(tilt)), float(-np.sin(tilt)))

    def rod(points: np.ndarray) -> np.ndarray:
        """A rod of 6 mm that stands upright in the patient at y = 12 mm."""
        return np.where(np.abs(points[..., 1] - 12.0) <= 3.0, 1000.0, 0.0)

    write_stack(
        write_dicom, [(0.0, 0.0, 3.0 * n) for n in range(8)], rod, cosines=cosines, shape=(48, 6), spacing=(0.5, 0.5),
        attributes=lambda _: {"GantryDetectorTilt": 20.0},
    )  # fmt: skip
    series = only_series(tmp_path / "stack")

    volume = read_volume(series)
    plane = standard_plane(volume.grid, "sagittal")
    cut = reformat(volume, plane)

    assert codes(series) == {"gantry-tilt", "sheared"} and series.is_volume
    assert "20.0 degrees" in next(w.text for w in series.warnings if w.code == "sheared")
    # PS3.3 C.7.6.2.1.1: position + row direction * column index + column direction * row index.
    expected = (0.5 * 2, 0.5 * 4 * np.cos(tilt), 9.0 - 0.5 * 4 * np.sin(tilt))
    assert point_under(read_frame(series.frames[3]), 2, 4) == pytest.approx(expected, abs=1e-4)
    assert series.slice_spacing_mm == pytest.approx(3.0 * np.cos(tilt), abs=1e-4)
    y = pixel_points(plane)[0, :, 1]
    crossed = [row for row in cut.values if np.isfinite(row).all()] or [
        row for row in cut.values if np.isfinite(row[(y > 7) & (y < 17)]).all()
    ]
    assert len(crossed) > 10
    middles = [float((np.nan_to_num(row) * y).sum() / np.nan_to_num(row).sum()) for row in crossed]
    assert middles == pytest.approx([12.0] * len(middles), abs=0.3)
    widths = [float(np.nan_to_num(row).sum() / 1000 * plane.pixel_mm) for row in crossed]
    assert widths == pytest.approx([6.0] * len(widths), abs=0.6)


@pytest.mark.parametrize("cosines", [AXIAL, CORONAL, SAGITTAL])
def test_an_asymmetric_phantom_is_right_in_all_three_planes(
    write_dicom: WriteDicom, tmp_path: Path, cosines: tuple[float, ...]
) -> None:
    """Row 35: planes other than the axial one deformed or banded."""
    normal = np.cross(cosines[:3], cosines[3:])
    write_stack(
        write_dicom, [tuple(np.array([-10.0, -20.0, 30.0]) + 5.0 * n * normal) for n in range(6)], ramp,
        cosines=cosines, spacing=(1.0, 2.0),
    )  # fmt: skip
    series = only_series(tmp_path / "stack")
    volume = read_volume(series)

    for ref in series.frames:  # the value under the cursor is that of the point which the readout names
        frame = read_frame(ref)
        for col, row in ((0, 0), (19, 0), (0, 23), (7, 11)):
            assert frame.stored[row, col] == pytest.approx(ramp(np.array(point_under(frame, col, row))))
    for name in PLANES:
        plane = standard_plane(volume.grid, name)
        cut = reformat(volume, plane)
        points = pixel_points(plane)
        voxels = volume.grid.patient_to_voxel(points)
        inner = ((voxels >= 0) & (voxels <= np.array(volume.grid.shape) - 1)).all(axis=-1)
        assert inner.sum() > 50
        assert cut.values[inner] == pytest.approx(ramp(points)[inner], abs=1e-2)  # no band: linear between slices
        # 1 mm pixels over the whole volume: 24 rows of 1 mm, 20 columns of 2 mm, 6 slices of 5 mm.
        extent = np.abs(np.array(cosines[:3])) * 40 + np.abs(np.array(cosines[3:])) * 24 + np.abs(normal) * 30
        across, along = {"axial": (0, 1), "coronal": (0, 2), "sagittal": (1, 2)}[name]
        assert (plane.rows, plane.cols, plane.pixel_mm) == (round(extent[along]), round(extent[across]), 1.0)


@pytest.mark.parametrize("spacing_between_slices", [-3.0, 3.0])
def test_the_sign_of_the_slice_spacing_moves_no_slice(
    write_dicom: WriteDicom, tmp_path: Path, spacing_between_slices: float
) -> None:
    """Row 36: a negative spacing made positive turned nuclear medicine upside down: the position decides."""
    write_stack(
        write_dicom, [(0.0, 0.0, 30.0 - 3.0 * n) for n in range(5)], ramp,
        attributes=lambda n: {"SpacingBetweenSlices": spacing_between_slices, "SliceLocation": float(n)},
    )  # fmt: skip

    series = only_series(tmp_path / "stack")
    volume = read_volume(series)
    plane = standard_plane(volume.grid, "coronal")
    cut = reformat(volume, plane)

    assert [ref.along_normal_mm for ref in series.frames] == [18, 21, 24, 27, 30]
    points = pixel_points(plane)
    assert points[0, 0, 2] > points[-1, 0, 2]  # head up
    inner = (points[..., 2] >= 18) & (points[..., 2] <= 30)
    assert cut.values[inner] == pytest.approx(ramp(points)[inner], abs=1e-2)


@pytest.mark.parametrize("keyword", ["TemporalPositionIdentifier", "TriggerTime", "AcquisitionNumber"])
def test_interleaved_phases_are_split(write_dicom: WriteDicom, tmp_path: Path, keyword: str) -> None:
    """Row 37: several time points interleaved in one stack."""
    moments = [(z, t) for z in (0.0, 4.0, 8.0) for t in (1, 2, 3)]
    write_stack(write_dicom, [(0.0, 0.0, z) for z, _ in moments], ramp, attributes=lambda n: {keyword: moments[n][1]})

    found = all_series(scan([tmp_path / "stack"]))

    numbers = sorted([int(ref.path.stem) for ref in series.frames] for series in found)
    assert numbers == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    assert all(series.is_volume and codes(series) == {"several-time-points"} for series in found)


def test_stepping_through_an_oblique_stack_shows_no_slice_twice(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 38: an oblique step showed a slice twice."""
    turn = np.radians(33.0)
    cosines = (float(np.cos(turn)), float(np.sin(turn)), 0.0, 0.0, 0.0, -1.0)
    normal = np.cross(cosines[:3], cosines[3:])
    order = np.random.default_rng(38).permutation(15)  # the files lie in another order than the slices
    write_stack(
        write_dicom, [tuple(np.array([5.0, -60.0, 80.0]) + 0.7 * n * normal) for n in order], ramp, cosines=cosines
    )
    series = only_series(tmp_path / "stack")
    volume = read_volume(series)

    assert [order[int(ref.path.stem)] for ref in series.frames] == list(range(15))
    assert np.diff([ref.along_normal_mm for ref in series.frames]) == pytest.approx([0.7] * 14, abs=1e-5)
    # A plane pushed through the volume by its own step meets each slice once, exactly.
    for number in range(15):
        place = ImagePlane(
            position_mm=tuple(np.array([5.0, -60.0, 80.0]) + 0.7 * number * normal),
            row_cosines=cosines[:3], col_cosines=cosines[3:],
        )  # fmt: skip
        cut = reformat(volume, PlaneThrough(place=place, rows=24, cols=20, pixel_mm=1.0))
        assert np.nanmax(np.abs(cut.values - read_frame(series.frames[number]).stored)) < 0.01
