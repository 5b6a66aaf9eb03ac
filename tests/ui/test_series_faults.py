"""Faults of a series stand on its images and in the title over them."""

from pathlib import Path

import pydicom
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless
from pytestqt.qtbot import QtBot

from tests.reading.test_cut_jpeg2000 import tiled
from tests.ui.conftest import write_slice
from tests.ui.painted import words_on
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.reading.scan import scan
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import FAULT_COLOR
from viewer.ui.panels.studies import StudiesPanel
from viewer.ui.window.main_window import MainWindow


def amber(view: ImageView) -> list[str]:
    """The lines on a view in the colour of faults."""
    return words_on(view, color=FAULT_COLOR)


def write_gap(folder: Path) -> None:
    """Four slices 4 mm apart, of which one is missing."""
    for place, z in enumerate((0, 4, 12, 16)):
        write_slice(
            folder / f"{place}.dcm", patient="GAP", study=1, series=1, place=place, frame="1.2.7",
            ImagePositionPatient=[0, 0, z],
        )  # fmt: skip


def test_a_gap_is_said_on_the_images_beside_it_and_follows_scrolling(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    write_gap(tmp_path / "gap")
    session = window.session
    session.open_paths([tmp_path / "gap"])
    qtbot.waitUntil(lambda: session.shown is not None)
    (cell,) = session.cells
    assert cell.series is not None
    frames = cell.series.frames

    def said_at(index: int) -> list[str]:
        cell.go(index)
        qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.ref == frames[index])
        return amber(cell.view)

    assert cell.title.fault == "1 slice missing"
    assert "gaps of 4.000 to 8.000 mm" in cell.title.toolTip()
    series, before, after = "1 slice missing", "gap of 8.0 mm before this slice", "gap of 8.0 mm after this slice"
    assert [said_at(index) for index in range(4)] == [[series], [series, after], [series, before], [series]]


def test_a_sound_series_has_nothing_amber_on_it(reading: MainWindow) -> None:
    (cell,) = reading.session.cells

    assert cell.title.fault == ""
    assert amber(cell.view) == []


def open_case_of(window: MainWindow, folder: Path, image: str, qtbot: QtBot) -> None:
    """A project whose cases are single images of a folder, at the image of this file name."""
    place = folder.parent / f"project of {folder.name}"
    if not place.exists():
        with Project.create(place, name="Slices", author="tester") as project:
            add_to_project(project, scan([folder]), cut_stacks=True)
    session = window.session
    if session.project is None or session.project.folder != place:
        session.open_project(Project.open(place, writable=True, author="tester"))
    window.enter("annotate")
    assert session.project is not None
    wanted = next(one for one in session.project.images.all() if one.path.name == image)
    session.open_case(wanted.case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.ref.path.name == image)


def test_a_tilt_stands_on_the_one_image_of_a_case(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    for place in range(3):
        write_slice(
            tmp_path / "tilt" / f"{place}.dcm", patient="TILT", study=1, series=1, place=place, frame="1.2.7",
            GantryDetectorTilt=18.5,
        )  # fmt: skip

    open_case_of(window, tmp_path / "tilt", "1.dcm", qtbot)

    (cell,) = window.session.cells
    assert cell.series is not None and len(cell.series.frames) == 1  # nothing is known but the file
    assert cell.title.fault == "gantry tilt 18.5°"
    assert amber(cell.view) != []


def test_what_is_wrong_with_an_open_series_stands_on_a_case_of_one_of_its_images(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    write_gap(tmp_path / "gap")
    session = window.session
    session.open_paths([tmp_path / "gap"])
    qtbot.waitUntil(lambda: session.shown is not None and not session.opening.scanning)

    open_case_of(window, tmp_path / "gap", "1.dcm", qtbot)

    (cell,) = session.cells
    assert cell.series is not None and len(cell.series.frames) == 1
    assert cell.title.fault == "1 slice missing" and "gaps of 4.000 to 8.000 mm" in cell.title.toolTip()
    assert amber(cell.view) == ["1 slice missing", "gap of 8.0 mm after this slice"]


def test_a_cut_file_is_called_so_on_its_image_and_over_it(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "cut" / "1.dcm"
    write_slice(path, patient="CUT", study=1, series=1, place=1, frame="1.2.7")
    path.write_bytes(path.read_bytes()[: -18 * 64 * 2])  # of 48 rows of 64 values of two bytes
    session = window.session
    session.open_paths([path])
    qtbot.waitUntil(lambda: session.shown is not None)
    (cell,) = session.cells

    assert cell.title.fault == "file cut short" and "30 of 48 rows are there" in cell.title.toolTip()
    assert amber(cell.view) != []


def test_a_compressed_file_that_turns_out_cut_is_marked_once_that_is_known(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    """Its length tells nothing; only decoding does (tests/reading/test_cut_jpeg2000.py)."""
    data, path = tiled(), tmp_path / "cut" / "1.dcm"
    starts = [place for place in range(len(data)) if data.startswith(b"\xff\x90", place)]
    write_slice(path, patient="CUT", study=1, series=1, place=1, frame="1.2.7")
    ds = pydicom.dcmread(path)
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 64, 48, 8, 8, 7, 0
    ds.PixelData = encapsulate([data[: starts[6] + 30]])
    ds.file_meta.TransferSyntaxUID = JPEG2000Lossless
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path)
    session = window.session
    panel = window.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)

    session.open_paths([path])
    qtbot.waitUntil(lambda: session.shown is not None and not session.opening.scanning)

    (cell,) = session.cells
    assert cell.series is not None and not cell.series.warnings
    assert cell.shown is not None and cell.shown.frame.facts.rows_there == 32
    assert cell.title.fault == "file cut short"
    assert panel.tree.doubts[cell.series.series_id] == ("file cut short",)
    picture = panel.tree.viewport().grab().toImage()
    colour = window.session.theme.color("warn")
    assert any(
        picture.pixelColor(x, y).rgb() == colour.rgb() for x in range(picture.width()) for y in range(picture.height())
    )
