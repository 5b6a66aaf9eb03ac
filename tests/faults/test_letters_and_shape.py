"""Faults 39 to 41 and 44: which way round an image is shown, and how large its pixels are."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.faults.stacks import AXIAL, CORONAL, PLANES, SAGITTAL, only_series, pixel_points, ramp, write_stack
from viewer.core.geometry import edge_letters, standard_plane
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.measurements import angle, length
from viewer.core.volume import reformat
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.reading.volumes import read_volume
from viewer.ui.canvas.view import ImageView

WriteDicom = Callable[..., Path]
TURN = np.radians(40.0)


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
    first, second = (read_frame(ref) for ref in only_series(tmp_path / "stack").frames)
    view.show_frame(first)
    for action in actions:
        {"flip": view.flip, "right": view.rotate_right, "left": view.rotate_left}[action]()

    assert letters_on(view) == turned_letters(actions)

    # The brightest way of the ramp on the screen must be the one that its letters name: x grows to L, y falls to A.
    before = view.transform()
    view.show_frame(second)
    assert view.transform() == before
    assert letters_on(view) == turned_letters(actions)

    view.restore()
    assert letters_on(view) == turned_letters([])


EDGES = {
    "left": (140, 160, 4, 30),
    "right": (140, 160, 370, 396),
    "top": (4, 24, 190, 210),
    "bottom": (276, 296, 190, 210),
}


def edges_with_a_letter(view: ImageView) -> set[str]:
    """The edges of a flat image of 400 x 300 where something is drawn."""
    picture = view.grab_view()
    grey = np.frombuffer(picture.constBits(), np.uint8).reshape(300, picture.bytesPerLine())[:, : 4 * 400 : 4]
    return {name for name, (y0, y1, x0, x1) in EDGES.items() if np.ptp(grey[y0:y1, x0:x1])}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"PatientPosition": "HFS"},
        {"ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
    ],
)
def test_no_letters_without_an_orientation(write_dicom: WriteDicom, view: ImageView, given: dict[str, Any]) -> None:
    """Row 40: letters invented without an orientation."""
    flat = np.full((30, 30), 40, np.uint16)
    oriented = {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": list(AXIAL)}
    frame = read_frame(FrameRef(path=write_dicom(flat, **given)))

    view.show_frame(frame)
    assert frame.facts.plane is None
    assert edges_with_a_letter(view) == set()
    view.show_frame(read_frame(FrameRef(path=write_dicom(flat, name="b.dcm", **oriented))))
    assert edges_with_a_letter(view) == set(EDGES)


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
    series = only_series(tmp_path / "stack")
    # Along row x column: toward the head where the patient is seen from the feet, else toward the feet.
    upward = np.cross(WAYS[right], WAYS[bottom])[2] > 0
    assert [ref.path for ref in series.frames] == (paths if upward else paths[::-1])
    frame = read_frame(series.frames[0])
    view.show_frame(frame)

    assert letters_on(view) == (OPPOSITE[right], right, OPPOSITE[bottom], bottom)
    # On the screen the first stored pixel is at the upper left.
    (x0, y0), (x1, y1) = view.transform().to_view(0, 0), view.transform().to_view(20, 24)
    assert x0 < x1 and y0 < y1
    volume = read_volume(series)
    for name in PLANES:  # and the reformats of all eight are one and the same patient
        plane = standard_plane(volume.grid, name)
        values, points = reformat(volume, plane).values, pixel_points(plane)
        voxels = volume.grid.patient_to_voxel(points)
        inner = ((voxels >= 0) & (voxels <= np.array(volume.grid.shape) - 1)).all(axis=-1)
        assert values[inner] == pytest.approx(ramp(points)[inner], abs=1e-2)


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        (CORONAL, ("R", "L", "S", "I")),
        (SAGITTAL, ("A", "P", "S", "I")),
        ((0.0, -1.0, 0.0, 0.0, 0.0, 1.0), ("P", "A", "I", "S")),
        # The row runs 40 degrees from left to the feet: cos 40 = 0.77 left, sin 40 = 0.64 inferior.
        ((float(np.cos(TURN)), 0.0, float(-np.sin(TURN)), 0.0, 1.0, 0.0), ("RS", "LI", "A", "P")),
    ],
    ids=["coronal", "sagittal", "sagittal upside down", "oblique"],
)
def test_letters_of_an_image_in_any_direction_are_those_of_its_cosines(
    write_dicom: WriteDicom, view: ImageView, cosines: tuple[float, ...], expected: tuple[str, ...]
) -> None:
    """Row 41: as stored, first row on top; an oblique one named by one axis only reads as if it were straight."""
    path = write_dicom(
        np.zeros((8, 8), np.uint16), ImagePositionPatient=[0.0, 0.0, 0.0], ImageOrientationPatient=list(cosines)
    )
    view.show_frame(read_frame(FrameRef(path=path)))

    assert letters_on(view) == expected


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(
    "given", [{"PixelSpacing": [4.0, 1.0]}, {"PixelAspectRatio": [4, 1]}], ids=["spacing", "aspect"]
)
def test_non_square_pixels_have_a_true_aspect_and_angles_in_mm(
    write_dicom: WriteDicom, view: ImageView, given: dict[str, Any], turns: int
) -> None:
    """Row 44: non-square pixels shown square, angles measured in pixels."""
    path = write_dicom(np.zeros((20, 80), np.uint16), **given)
    view.show_frame(read_frame(FrameRef(path=path)))
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
    path = write_dicom(np.zeros((20, 80), np.uint16), PixelAspectRatio=[4, 1])
    frame = read_frame(FrameRef(path=path))

    def box(kind: str, points: tuple[tuple[float, float], ...]) -> tuple[str, ...]:
        made = Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)
        return made.shape.quantities(frame.stored, frame.facts)

    assert box("angle", ((4, 0), (0, 0), (4, 1))) == ("45.0°",)
    assert box("length", ((0, 0), (4, 0))) == ("4.0 px",)
