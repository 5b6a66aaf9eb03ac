"""Wrong places, orders, letters and lengths: what others shipped, and what must be here instead."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from viewer.core.errors import UnsupportedFile
from viewer.core.geometry import ImagePlane, PlaneThrough, edge_letters, standard_plane
from viewer.core.measurements import angle, describe, length, roi_statistics
from viewer.core.volume import reformat
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series
from viewer.reading.slice_notes import image_notes
from viewer.reading.volumes import read_volume
from viewer.ui.canvas.view import ImageView

WriteDicom = Callable[..., Path]
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
PLANES = ("axial", "coronal", "sagittal")


def write_stack(
    write_dicom: WriteDicom,
    positions: list[tuple[float, ...]],
    values: Callable[[np.ndarray], np.ndarray],
    *,
    cosines: tuple[float, ...] = AXIAL,
    spacing: tuple[float, float] = (1.0, 1.0),
    shape: tuple[int, int] = (24, 20),
    folder: str = "stack",
    attributes: Callable[[int], dict[str, Any]] = lambda _: {},
) -> list[Path]:
    """CT slices whose stored values are a function of the patient points (row, col, 3) of their pixels."""
    row, col = np.array(cosines[:3]), np.array(cosines[3:])
    r, c = np.mgrid[: shape[0], : shape[1]]
    paths = []
    for number, position in enumerate(positions):
        points = np.array(position) + c[..., None] * row * spacing[1] + r[..., None] * col * spacing[0]
        facts = {
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT", "InstanceNumber": number + 1,
            "ImagePositionPatient": [round(v, 6) for v in position],
            "ImageOrientationPatient": [round(v, 9) for v in cosines], "PixelSpacing": list(spacing),
        }  # fmt: skip
        stored = np.rint(values(points)).astype(np.int16)
        paths.append(write_dicom(stored, name=f"{folder}/{number:02}.dcm", **{**facts, **attributes(number)}))
    return paths


def only(folder: Path) -> Series:
    (series,) = all_series(scan([folder]))
    return series


def codes(series: Series) -> set[str]:
    return {warning.code for warning in series.warnings}


def pixel_points(plane: PlaneThrough) -> np.ndarray:
    """(row, col, 3) patient points of the pixel centres of a plane."""
    right, down = np.array(plane.place.row_cosines), np.array(plane.place.col_cosines)
    r, c = np.mgrid[: plane.rows, : plane.cols]
    return np.asarray(np.array(plane.place.position_mm) + plane.pixel_mm * (c[..., None] * right + r[..., None] * down))


def ramp(points: np.ndarray) -> np.ndarray:
    """Differs along each axis and in both directions of it; trilinear sampling gives it back exactly."""
    return np.asarray(3 * points[..., 0] - 7 * points[..., 1] + 11 * points[..., 2])


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    shown = ImageView()
    qtbot.addWidget(shown)
    shown.resize(400, 300)
    shown.show()
    yield shown
    shown.close()


def letters_on(view: ImageView) -> tuple[str, str, str, str]:
    plane = view.facts.plane
    assert plane is not None
    return edge_letters(plane, view.transform())


def test_a_region_has_the_same_finite_numbers_in_the_stack_and_in_a_reformat(
    write_dicom: WriteDicom, tmp_path: Path
) -> None:
    """Row 9: Infinity in a CT ellipse, minus Infinity in another layout."""
    write_stack(
        write_dicom, [(0.0, 0.0, 2.0 * n) for n in range(5)],
        # The rim is padding, as CT scanners write it around the round field.
        lambda p: np.where(np.hypot(p[..., 0] - 9.5, p[..., 1] - 11.5) > 9, -2000, ramp(p)),
        attributes=lambda _: {
            "PixelPaddingValue": -2000, "RescaleSlope": 1, "RescaleIntercept": -1024, "RescaleType": "HU",
        },
    )  # fmt: skip
    series = only(tmp_path / "stack")
    frame = read_frame(series.frames[2])
    volume = read_volume(series)
    cut = reformat(volume, standard_plane(volume.grid, "axial", 4.0))
    # An ellipse that reaches into the padding, and one that lies in it alone.
    y, x = np.mgrid[:24, :20]
    expected = ramp(np.stack([x, y, np.full_like(x, 4)], axis=-1)) - 1024
    inside = ((x + 0.5 - 10) / 10) ** 2 + ((y + 0.5 - 12) / 8) ** 2 <= 1
    picked = expected[inside & (np.hypot(x - 9.5, y - 11.5) <= 9)]

    for stored, facts in ((frame.stored, frame.facts), (cut.values, cut.facts)):
        found = roi_statistics(stored, facts, "ellipse", [(0, 4), (20, 20)])
        assert found.pixels == picked.size
        assert (found.mean, found.sd) == (pytest.approx(picked.mean()), pytest.approx(picked.std()))
        assert (found.minimum, found.maximum) == (picked.min(), picked.max())
        assert facts.unit == "HU"
        rim = roi_statistics(stored, facts, "ellipse", [(0, 0), (3, 3)])
        assert (rim.pixels, rim.mean, rim.maximum) == (0, None, None)


def test_irregular_spacing_is_named_placed_and_not_stacked_evenly(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 33: irregular spacing stacked evenly."""
    places = [0.0, 2.0, 4.0, 7.3, 9.3]
    write_stack(write_dicom, [(0.0, 0.0, z) for z in places], ramp)

    series = only(tmp_path / "stack")

    assert [ref.along_normal_mm for ref in series.frames] == pytest.approx(places)
    assert "uneven-gaps" in codes(series) and not series.is_volume
    assert "gap of 3.3 mm after this slice" in image_notes(series, 2)
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
    series = only(tmp_path / "stack")

    volume = read_volume(series)
    plane = standard_plane(volume.grid, "sagittal")
    cut = reformat(volume, plane)

    assert codes(series) == {"gantry-tilt", "sheared"} and series.is_volume
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
    volume = read_volume(only(tmp_path / "stack"))

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

    series = only(tmp_path / "stack")
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
    write_stack(
        write_dicom, [tuple(np.array([5.0, -60.0, 80.0]) + 0.7 * n * normal) for n in range(15)], ramp, cosines=cosines
    )
    series = only(tmp_path / "stack")
    volume = read_volume(series)

    assert sorted({int(ref.path.stem) for ref in series.frames}) == list(range(15))
    assert np.diff([ref.along_normal_mm for ref in series.frames]) == pytest.approx([0.7] * 14, abs=1e-5)
    # A plane pushed through the volume by its own step meets each slice once, exactly.
    for number in range(15):
        place = ImagePlane(
            position_mm=tuple(np.array([5.0, -60.0, 80.0]) + 0.7 * number * normal),
            row_cosines=cosines[:3], col_cosines=cosines[3:],
        )  # fmt: skip
        cut = reformat(volume, PlaneThrough(place=place, rows=24, cols=20, pixel_mm=1.0))
        assert np.nanmax(np.abs(cut.values - read_frame(series.frames[number]).stored)) < 0.01


def turned_letters(actions: list[str]) -> tuple[str, str, str, str]:
    """left, right, top, bottom of an axial image after the actions, by turning a matrix of letters."""
    matrix = np.array([[".", "A", "."], ["R", ".", "L"], [".", "P", "."]])
    for action in actions:
        matrix = np.fliplr(matrix) if action == "flip" else np.rot90(matrix, -1 if action == "right" else 1)
    return matrix[1, 0], matrix[1, 2], matrix[0, 1], matrix[2, 1]


STATES = [["right"] * turns + ["flip"] * flips for turns, flips in product(range(4), range(2))]


@pytest.mark.parametrize("actions", [*STATES, ["flip", "right"], ["flip", "left", "left"]], ids="-".join)
def test_letters_follow_turns_and_flips_which_survive_scrolling(
    write_dicom: WriteDicom, tmp_path: Path, view: ImageView, actions: list[str]
) -> None:
    """Row 39: L and R stayed after a flip or turn; a flip was undone by scrolling."""
    write_stack(write_dicom, [(0.0, 0.0, 3.0 * n) for n in range(2)], ramp)
    first, second = (read_frame(ref) for ref in only(tmp_path / "stack").frames)
    view.show_frame(first)
    for action in actions:
        {"flip": view.flip, "right": view.rotate_right, "left": view.rotate_left}[action]()

    assert letters_on(view) == turned_letters(actions)

    # The brightest way of the ramp on the screen must be the one that its letters name: x grows to L, y falls to A.
    before = view.transform()
    view.show_frame(second)
    assert view.transform() == before
    assert letters_on(view) == turned_letters(actions)


@pytest.mark.parametrize("orientation", [None, [1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]])
def test_no_letters_without_an_orientation(
    write_dicom: WriteDicom, tmp_path: Path, view: ImageView, orientation: list[float] | None
) -> None:
    """Row 40: letters invented without an orientation."""
    given = {} if orientation is None else {"ImageOrientationPatient": orientation}
    path = write_dicom(np.full((30, 30), 40, np.uint16), ImagePositionPatient=[0.0, 0.0, 0.0], **given)
    frame = read_frame(only(path).frames[0])
    view.show_frame(frame)

    assert frame.facts.plane is None
    picture = view.grab_view()
    grey = np.frombuffer(picture.constBits(), np.uint8).reshape(300, picture.bytesPerLine())[:, : 4 * 400 : 4]
    for place in (grey[140:160, 4:30], grey[140:160, 370:396], grey[4:24, 190:210], grey[276:296, 190:210]):
        assert (place == place[0, 0]).all()


# How a scanner's picture lies in the patient (PS3.3 C.7.3.1.1.2): seen from the gantry's front, the right of the
# picture and its lower edge show these sides of the patient.
POSITIONS = {
    "HFS": ("L", "P"), "HFP": ("R", "A"), "FFS": ("R", "P"), "FFP": ("L", "A"),
    "HFDR": ("P", "R"), "HFDL": ("A", "L"), "FFDR": ("A", "R"), "FFDL": ("P", "L"),
}  # fmt: skip
WAYS = {"L": (1.0, 0.0, 0.0), "R": (-1.0, 0.0, 0.0), "P": (0.0, 1.0, 0.0), "A": (0.0, -1.0, 0.0)}
OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "S": "I", "I": "S"}


@pytest.mark.parametrize("position", POSITIONS)
def test_nothing_is_mirrored_or_upside_down_whatever_the_patient_lies_on(
    write_dicom: WriteDicom, tmp_path: Path, view: ImageView, position: str
) -> None:
    """Row 41: mirrored or upside down: the cosines are obeyed, the patient position is no reason to turn anything."""
    right, bottom = POSITIONS[position]
    cosines = (*WAYS[right], *WAYS[bottom])
    paths = write_stack(
        write_dicom, [(0.0, 0.0, 3.0 * n) for n in range(4)], ramp, cosines=cosines,
        attributes=lambda _: {"PatientPosition": position},
    )  # fmt: skip
    series = only(tmp_path / "stack")
    # Along row x column: toward the head where the patient is seen from the feet, else toward the feet.
    upward = np.cross(WAYS[right], WAYS[bottom])[2] > 0
    assert [ref.path for ref in series.frames] == (paths if upward else paths[::-1])
    frame = read_frame(series.frames[0])
    view.show_frame(frame)

    assert letters_on(view) == (OPPOSITE[right], right, OPPOSITE[bottom], bottom)
    # On the screen the first stored pixel is at the upper left.
    assert view.transform().to_view(0, 0) < view.transform().to_view(20, 24)
    volume = read_volume(series)
    for name in PLANES:  # and the reformats of all eight are one and the same patient
        plane = standard_plane(volume.grid, name)
        values, points = reformat(volume, plane).values, pixel_points(plane)
        voxels = volume.grid.patient_to_voxel(points)
        inner = ((voxels >= 0) & (voxels <= np.array(volume.grid.shape) - 1)).all(axis=-1)
        assert values[inner] == pytest.approx(ramp(points)[inner], abs=1e-2)


def test_letters_of_an_oblique_image_name_both_directions(write_dicom: WriteDicom, view: ImageView) -> None:
    """Row 41: an oblique picture named by one axis only reads as if it were straight."""
    turn = np.radians(40.0)
    cosines = [float(np.cos(turn)), 0.0, float(-np.sin(turn)), 0.0, 1.0, 0.0]
    path = write_dicom(
        np.zeros((8, 8), np.uint16), ImagePositionPatient=[0.0, 0.0, 0.0], ImageOrientationPatient=cosines
    )
    view.show_frame(read_frame(only(path).frames[0]))

    # The row runs 40 degrees from left to the feet: cos 40 = 0.77 left, sin 40 = 0.64 inferior.
    assert letters_on(view) == ("RS", "LI", "A", "P")


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(
    "given", [{"PixelSpacing": [4.0, 1.0]}, {"PixelAspectRatio": [4, 1]}], ids=["spacing", "aspect"]
)
def test_non_square_pixels_have_a_true_aspect_and_angles_in_mm(
    write_dicom: WriteDicom, view: ImageView, given: dict[str, Any], turns: int
) -> None:
    """Row 44: non-square pixels shown square, angles measured in pixels."""
    path = write_dicom(np.zeros((20, 80), np.uint16), **given)
    view.show_frame(read_frame(only(path).frames[0]))
    for _ in range(turns):
        view.rotate_right()

    # Rows are 4 times as far apart as columns: 20 rows and 80 columns are a square.
    transform = view.transform()
    corner, right, down = (np.array(transform.to_view(*point)) for point in ((0, 0), (80, 0), (0, 20)))
    assert np.linalg.norm(right - corner) == pytest.approx(np.linalg.norm(down - corner), rel=1e-6)
    # Four columns across and one row down are equally long, so the angle between them and their diagonal is 45.
    facts = view.facts
    found = angle([(4, 0), (0, 0), (4, 1)], facts.spacing, aspect=facts.pixel_aspect)
    assert found.value == pytest.approx(45)
    if facts.spacing is not None:
        assert length([(0, 0), (3, 1)], facts.spacing).value == pytest.approx(5.0)


def test_a_value_box_measures_angles_in_true_shape_where_only_the_aspect_is_known(write_dicom: WriteDicom) -> None:
    """Row 44: the words on the screen go by the aspect ratio too, and lengths stay in pixels."""
    from viewer.core.annotations import Measurement

    path = write_dicom(np.zeros((20, 80), np.uint16), PixelAspectRatio=[4, 1])
    frame = read_frame(only(path).frames[0])

    def box(kind: str, points: tuple[tuple[float, float], ...]) -> tuple[str, ...]:
        made = Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)
        return describe(made, frame.stored, frame.facts)

    assert box("angle", ((4, 0), (0, 0), (4, 1))) == ("45.0°",)
    assert box("length", ((0, 0), (4, 0))) == ("4.0 px",)
