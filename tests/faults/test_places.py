"""Faults 33 to 41 and 44: where slices lie, which way round they are, and how large their pixels."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from viewer.core.geometry import edge_letters, standard_plane
from viewer.core.measurements import angle, length
from viewer.core.volume import reformat
from viewer.reading.frames import Frame, read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef, Series
from viewer.reading.volumes import read_volume
from viewer.ui.canvas.readout import read_out
from viewer.ui.canvas.view import ImageView

WriteDicom = Callable[..., Path]
Vector = tuple[float, float, float]
CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
AXIAL = (1, 0, 0, 0, 1, 0)


@pytest.fixture
def write_series(write_dicom: WriteDicom) -> Callable[..., None]:
    """write_series(positions, cosines, values, phases, **attributes): one CT slice at each position."""

    def write(positions: Any, cosines: Any = AXIAL, values: Any = None, phases: Any = None, **more: Any) -> None:
        for n, position in enumerate(positions):
            pixels = np.full((6, 8), n, np.int16) if values is None else values[n]
            facts = {"Modality": "CT", "SOPClassUID": CT, "PixelSpacing": [1, 1], **more}
            if phases is not None:
                facts["TemporalPositionIdentifier"] = phases[n]
            write_dicom(
                pixels, name=f"s/{n}.dcm", InstanceNumber=n + 1, ImagePositionPatient=list(position),
                ImageOrientationPatient=list(cosines), **facts,
            )  # fmt: skip

    return write


WriteSeries = Callable[..., None]


def series_below(path: Path) -> list[Series]:
    return all_series(scan([path]))


def codes(series: Series) -> set[str]:
    return {warning.code for warning in series.warnings}


def read(ref: FrameRef) -> Frame:
    return read_frame(ref)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(200, 200)
    return made


def letters(view: ImageView) -> tuple[str, str, str, str]:
    """(left, right, top, bottom) of what is on the screen."""
    assert view.facts.plane is not None
    return edge_letters(view.facts.plane, view.transform())


def test_irregular_spacing_is_said_and_slices_stay_where_they_are(write_series: WriteSeries, tmp_path: Path) -> None:
    """Row 33: gaps of 3, 4.1 and 2.9 mm are no volume of evenly stacked slices."""
    heights = (0.0, 3.0, 7.1, 10.0)
    write_series([(0, 0, z) for z in heights])

    (series,) = series_below(tmp_path)

    assert codes(series) == {"uneven-gaps"}
    assert not series.is_volume
    assert [ref.along_normal_mm for ref in series.frames] == pytest.approx(heights)
    under = read_out(read(series.frames[2]).stored, read(series.frames[2]).facts, 0.5, 0.5)
    assert under is not None and under.position_mm == pytest.approx((0, 0, 7.1))


def test_gantry_tilt_is_said_and_millimetres_are_true(write_series: WriteSeries, tmp_path: Path) -> None:
    """Row 34: slices tilted by 20 degrees and moved along the table: sheared by 20 degrees, 5 mm along the table."""
    tilt = math.radians(20)
    down = (0.0, math.cos(tilt), -math.sin(tilt))
    write_series([(0, 0, 5.0 * n) for n in range(4)], (1, 0, 0, *down), GantryDetectorTilt="20")

    (series,) = series_below(tmp_path)

    assert {"gantry-tilt", "sheared"} <= codes(series)
    assert "20.0 degrees" in next(w.text for w in series.warnings if w.code == "sheared")
    assert series.slice_spacing_mm == pytest.approx(5 * math.cos(tilt), abs=1e-4)
    frame = read(series.frames[3])
    under = read_out(frame.stored, frame.facts, 2.5, 4.5)
    assert under is not None
    # PS3.3 C.7.6.2.1.1: position + row direction * column index + column direction * row index.
    assert under.position_mm == pytest.approx((2, 4 * down[1], 15 + 4 * down[2]), abs=1e-4)


PLANES: dict[str, tuple[Vector, Vector]] = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}


@pytest.mark.parametrize("plane", PLANES)
def test_an_asymmetric_phantom_is_true_in_three_planes(
    write_series: WriteSeries, view: ImageView, tmp_path: Path, plane: str
) -> None:
    """Row 35: the value under the cursor is that of the phantom at the patient point the readout names."""

    def phantom(point: np.ndarray) -> int:
        x, y, z = point
        return int(1 * round(x / 2) + 20 * round(y / 2) + 300 * round(z / 2))  # no two directions look alike

    row, col = (np.array(vector, float) for vector in PLANES[plane])
    normal = np.cross(row, col)
    corner = np.array([0.0, 0.0, 20.0]) if plane != "axial" else np.zeros(3)
    positions = [corner + 2.0 * n * normal for n in range(3)]
    values = [
        np.array([[phantom(p + 2.0 * c * row + 2.0 * r * col) for c in range(8)] for r in range(6)], np.int16)
        for p in positions
    ]
    write_series(positions, (*row, *col), values=values, PixelSpacing=[2, 2])
    (series,) = series_below(tmp_path)

    assert series.is_volume and series.slice_spacing_mm == pytest.approx(2)
    for ref in series.frames:
        frame = read(ref)
        for x, y in ((0, 0), (7, 0), (0, 5), (3, 4)):
            under = read_out(frame.stored, frame.facts, x + 0.5, y + 0.5)
            assert under is not None and under.position_mm is not None
            assert under.value == phantom(np.array(under.position_mm))
    view.show_frame(read(series.frames[0]))
    expected = {"axial": ("R", "L", "A", "P"), "coronal": ("R", "L", "S", "I"), "sagittal": ("A", "P", "S", "I")}
    assert letters(view) == expected[plane]


def test_a_negative_spacing_between_slices_does_not_turn_the_stack(write_series: WriteSeries, tmp_path: Path) -> None:
    """Row 36: the positions decide the order; Spacing Between Slices of a nuclear image may be negative."""
    write_series([(0, 0, -4.0 * n) for n in range(4)], SpacingBetweenSlices="-4")

    (series,) = series_below(tmp_path)

    assert [ref.along_normal_mm for ref in series.frames] == [-12, -8, -4, 0]
    assert [int(read(ref).stored[0, 0]) for ref in series.frames] == [3, 2, 1, 0]
    assert series.slice_spacing_mm == 4


def test_interleaved_time_points_are_split(write_series: WriteSeries, tmp_path: Path) -> None:
    """Row 37: three phases at each of four places, written in turn: three series in order of place, and said."""
    heights = [(0, 0, 2.0 * (n // 3)) for n in range(12)]
    phases = [str(1 + n % 3) for n in range(12)]
    write_series(heights, Modality="MR", SOPClassUID=MR, phases=phases)

    found = series_below(tmp_path)

    assert [len(series.frames) for series in found] == [4, 4, 4]
    shown = [[int(read(ref).stored[0, 0]) for ref in series.frames] for series in found]
    assert sorted(shown) == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
    assert all("several-time-points" in codes(series) for series in found)


def test_oblique_steps_show_no_slice_twice(write_series: WriteSeries, tmp_path: Path) -> None:
    """Row 38: each step through an oblique stack is another slice, one gap further along the normal."""
    row = np.array([math.cos(0.4), math.sin(0.4), 0])
    col = np.array([-math.sin(0.4) * math.cos(0.7), math.cos(0.4) * math.cos(0.7), -math.sin(0.7)])
    normal = np.cross(row, col)
    order = [3, 0, 4, 1, 2]
    write_series([10 + 1.3 * n * normal for n in order], (*row, *col))

    (series,) = series_below(tmp_path)

    assert [int(read(ref).stored[0, 0]) for ref in series.frames] == [order.index(n) for n in range(5)]
    assert np.diff([ref.along_normal_mm or 0 for ref in series.frames]) == pytest.approx([1.3] * 4, abs=1e-4)
    assert series.is_volume


def test_letters_follow_flips_and_turns_and_scrolling_undoes_neither(
    write_series: WriteSeries, view: ImageView, tmp_path: Path
) -> None:
    """Row 39: letters come from the displayed matrix; the next slice is shown as the person turned the last."""
    write_series([(0, 0, 0), (0, 0, 2)])
    (series,) = series_below(tmp_path)
    frames = [read(ref) for ref in series.frames]
    view.show_frame(frames[0])
    assert letters(view) == ("R", "L", "A", "P")

    view.flip()
    assert letters(view) == ("L", "R", "A", "P")
    view.show_frame(frames[1])
    assert letters(view) == ("L", "R", "A", "P")
    view.rotate_right()  # what was left goes up
    assert letters(view) == ("P", "A", "L", "R")
    view.show_frame(frames[0])
    assert letters(view) == ("P", "A", "L", "R")
    view.restore()
    assert letters(view) == ("R", "L", "A", "P")


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
        {"PatientPosition": "HFS"},
    ],
)
def test_no_letters_without_orientation(
    write_dicom: WriteDicom, view: ImageView, qtbot: QtBot, attributes: dict[str, Any]
) -> None:
    """Row 40: where the file gives no possible orientation, no letter is on the screen: both pictures are alike."""
    black = {"Modality": "CT", "SOPClassUID": CT, "PixelSpacing": [1, 1], "WindowCenter": "900", "WindowWidth": "90"}
    oriented = {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": list(AXIAL)}
    pixels = np.zeros((8, 8), np.int16)
    frame = read(FrameRef(path=write_dicom(pixels, **black, **attributes)))
    other = read(FrameRef(path=write_dicom(pixels, name="b.dcm", **black, **oriented)))
    view.names_hidden = True
    edge = (slice(85, 115), slice(0, 30))  # where the left letter stands

    def is_written(shown: Frame) -> bool:
        view.show_frame(shown)
        image = view.grab().toImage()
        return any(
            image.pixelColor(x, y).lightness() > 100
            for y in range(edge[0].start, edge[0].stop)
            for x in range(edge[1].start, edge[1].stop)
        )

    assert frame.facts.plane is None
    assert not is_written(frame)
    assert is_written(other)


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        ((-1, 0, 0, 0, 1, 0), ("L", "R", "A", "P")),
        ((1, 0, 0, 0, -1, 0), ("R", "L", "P", "A")),
        ((-1, 0, 0, 0, -1, 0), ("L", "R", "P", "A")),
        ((0, 1, 0, 0, 0, -1), ("A", "P", "S", "I")),
        ((0, -1, 0, 0, 0, 1), ("P", "A", "I", "S")),
        ((0, 1, 0, -1, 0, 0), ("A", "P", "L", "R")),
    ],
)
def test_cosines_are_obeyed_and_nothing_is_mirrored(
    write_series: WriteSeries, view: ImageView, tmp_path: Path, cosines: tuple[int, ...], expected: tuple[str, ...]
) -> None:
    """Row 41: pixels are shown as they are stored, first row on top; the letters say which way round that is."""
    values = np.arange(48, dtype=np.int16).reshape(6, 8)
    write_series([(0, 0, 0)], cosines, values=[values])
    (series,) = series_below(tmp_path)
    frame = read(series.frames[0])
    view.show_frame(frame)

    assert letters(view) == expected
    assert np.array_equal(frame.stored, values)
    left, top = view.transform().to_view(0, 0)
    right, bottom = view.transform().to_view(8, 6)
    assert left < right and top < bottom


def test_non_square_pixels_are_shown_and_measured_true(
    write_series: WriteSeries, view: ImageView, tmp_path: Path
) -> None:
    """Row 44: rows 2 mm and columns 0.5 mm apart: the picture is four times as high, angles are those in mm."""
    write_series([(0, 0, 0)], PixelSpacing=[2.0, 0.5], values=[np.zeros((40, 40), np.int16)])
    (series,) = series_below(tmp_path)
    frame = read(series.frames[0])
    view.show_frame(frame)

    x0, y0 = view.transform().to_view(0, 0)
    x1, y1 = view.transform().to_view(40, 40)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(4, rel=0.01)
    assert length(((0, 0), (12, 4)), frame.facts.spacing).value == pytest.approx(10)  # 6 mm across, 8 mm down
    # 4 columns are 2 mm, 1 row is 2 mm: 45 degrees in the patient, 14 in pixels.
    assert angle(((4, 0), (0, 0), (4, 1)), frame.facts.spacing).value == pytest.approx(45)


@pytest.mark.parametrize("name", ["coronal", "sagittal", "axial"])
def test_planes_cut_through_a_stack_are_neither_deformed_nor_banded(
    write_series: WriteSeries, tmp_path: Path, name: str
) -> None:
    """Row 35: each pixel of a plane cut through slices 3 mm apart, of 2 x 0.5 mm pixels, has the phantom's value."""

    def phantom(x: Any, y: Any, z: Any) -> Any:
        return 2 * x + 30 * y + 100 * z  # linear, so that it is known between the voxels too; no two axes alike

    heights, rows, cols = 3.0 * np.arange(5), np.arange(6), np.arange(8)
    x, y = np.meshgrid(10 + 0.5 * cols, -5 + 2.0 * rows)
    write_series(
        [(10, -5, z) for z in heights],
        values=[phantom(x, y, z).astype(np.int16) for z in heights],
        PixelSpacing=[2, 0.5],
    )
    (series,) = series_below(tmp_path)
    volume = read_volume(series)

    cut = reformat(volume, standard_plane(volume.grid, name))

    assert cut.facts.plane is not None and cut.facts.spacing is not None
    assert cut.facts.spacing.row_mm == cut.facts.spacing.col_mm
    found = 0
    for row in range(cut.values.shape[0]):
        for col in range(cut.values.shape[1]):
            point = cut.facts.plane.image_to_patient(col + 0.5, row + 0.5, cut.facts.spacing)
            within = 10 <= point[0] <= 13.5 and -5 <= point[1] <= 5 and 0 <= point[2] <= 12
            if within:
                found += 1
                assert cut.values[row, col] == pytest.approx(phantom(*point), abs=0.01)
    assert found > 50
