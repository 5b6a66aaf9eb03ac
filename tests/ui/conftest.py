"""A session with a project of eight small films of six patients, and the views it shows them in."""

import contextlib
import gc
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.ui.easel import Easel, easel_on
from tests.ui.pictures import frame
from tests.waiting import settled
from tests.window_thread import refusing
from viewer.app import make_window
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, add_label, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef, Series
from viewer.ui.canvas.view import ImageView
from viewer.ui.flows.desk import Desk
from viewer.ui.look import apply_theme
from viewer.ui.look.style_sheet import style_sheet
from viewer.ui.state.settings import Settings
from viewer.ui.views.grid import ViewGrid
from viewer.ui.window.garbage import Garbage
from viewer.ui.window.main_window import MainWindow

FILMS = 8


class _Loaded:
    """How many modules there were when the collector last put aside what stays."""

    modules = 0


@pytest.fixture(scope="session")
def _looked_through() -> Iterator[type[_Loaded]]:
    yield _Loaded
    gc.unfreeze()


@pytest.fixture(autouse=True)
def garbage_on_this_thread(_looked_through: type[_Loaded]) -> Iterator[None]:
    """As in the open window (viewer/ui/window/garbage.py): Qt objects in cycles never go on a worker's thread.

    But nothing of a test is kept from the collector: here many windows come and go in one process. What earlier tests
    loaded (torch: a million objects) is, which took a second for each test. Patched apart from a test's own patches,
    which it may undo.
    """
    if len(sys.modules) > _looked_through.modules:
        gc.collect()
        gc.freeze()
        _looked_through.modules = len(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Garbage, "keep", lambda _: gc.collect(1))
        patch.setattr(Garbage, "keep_loaded", lambda _: None)
        gc.disable()
        yield
        gc.enable()
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def one_style_sheet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The drawings of all windows lie in one folder, so that their sheet is one and no test parses it anew."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply_theme, "style_sheet", lambda theme, _: style_sheet(theme, folder))
        yield


def write_films(folder: Path, count: int = FILMS) -> list[FrameToAdd]:
    """Grey films, each with a bright square elsewhere; the last two belong to the first patient."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for place in range(count):
        pixels = np.random.default_rng(place).integers(20, 90, (64, 80)).astype(np.uint8)
        pixels[10 + place : 30 + place, 20:40] = 200
        path = folder / f"film_{place}.png"
        Image.fromarray(pixels).save(path)
        patient = f"P{place if place < count - 2 else 0}"
        ref = FrameRef(path=path, frame_index=0, sop_instance_uid="", instance_number="", along_normal_mm=None)
        made.append(FrameToAdd(ref=ref, source="films", patient_id=patient, study_uid="", series_id="", modality="DX"))
    return made


def write_slice(path: Path, *, patient: str, study: int, series: int, place: int, frame: str, **more: object) -> None:
    """One 48 x 64 CT slice whose values tell patient, series and place apart. place: its number, 4 mm apart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((48, 64), 100 * series + place, np.int16)
    pixels[12:36, 16 : 20 + place] = 700
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.{len(patient)}.{study}.{series}.{place + 1}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"1.2.{len(patient)}.{study}", f"1.2.{len(patient)}.{study}.{series}"
    ds.FrameOfReferenceUID = frame
    ds.PatientID, ds.PatientName, ds.PatientBirthDate = patient, f"{patient}^Test", "19500101"
    ds.StudyDate, ds.StudyDescription, ds.SeriesDescription = "20260312", "CT Chest", f"Series {series}"
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "CT", series, place + 1
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 48, 64, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.PixelSpacing, ds.ImageOrientationPatient = [0.8, 0.8], [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [0, 0, 4 * place]
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 1, -1024, "HU"
    ds.WindowCenter, ds.WindowWidth = -600, 900
    ds.PixelData = pixels.tobytes()
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageView:
    """An empty view of 400 x 400 on the screen."""
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def view(canvas: ImageView) -> ImageView:
    """A view that shows the ramp of `pictures.frame`."""
    canvas.show_frame(frame(), image_id="i")
    return canvas


@pytest.fixture
def easel(canvas: ImageView) -> Easel:
    """A view with what the window does round it; one image pixel is 4 x 4 on the screen."""
    return easel_on(canvas)


@pytest.fixture
def slice_writer() -> Callable[..., None]:
    """`write_slice`, for tests that make a study of their own."""
    return write_slice


def write_studies(folder: Path) -> Path:
    """See `studies_folder`."""
    for series in (1, 2):
        for place in range(6):
            slice_path = folder / "one" / f"s{series}" / f"{place}.dcm"
            # The second series covers the same place with twice the distance.
            step = [0, 0, 4 * place] if series == 1 else [0, 0, 8 * place]
            write_slice(
                slice_path, patient="ONE", study=1, series=series, place=place, frame="1.2.9", ImagePositionPatient=step
            )
    for place in range(6):
        write_slice(folder / "two" / f"{place}.dcm", patient="TWO2", study=1, series=5, place=place, frame="1.2.8")
    for view, series in (("PA", 7), ("LL", 8)):
        write_slice(
            folder / "films" / f"{view}.dcm", patient="FILMS", study=2, series=series, place=0, frame="",
            Modality="DX", ViewPosition=view, StudyDescription="Chest",
        )  # fmt: skip
    (folder / "notes.dcm").write_bytes(b"this is no image at all" * 20)
    return folder


@pytest.fixture(scope="session")
def _project_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films and the project of them, side by side; see `project_folder`. Made anew they were a tenth of a test."""
    made = tmp_path_factory.mktemp("project-made-once")
    films = write_films(made / "films")
    with Project.create(made / "project", name="Films", author="tester") as project:
        add_frames(project, films)
        for name, scope in (("Square", "region"), ("Lung", "region"), ("Bright", "image"), ("Dark", "image")):
            project.history.do(add_label(name, scope, project.labels))
    return made


@pytest.fixture
def project_folder(_project_made_once: Path, tmp_path: Path) -> Path:
    """A closed project: eight cases to do, two region labels, two whole-image labels. A test may change it."""
    for name in ("films", "project"):
        shutil.copytree(_project_made_once / name, tmp_path / name)
    with contextlib.closing(sqlite3.connect(tmp_path / "project" / "project.db")) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        for table, column in (("images", "path"), ("image_files", "path"), ("meta", "value")):  # as if made here
            here = (str(_project_made_once), str(tmp_path))
            database.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", here)
    return tmp_path / "project"


@pytest.fixture
def session(qtbot: QtBot, home: Path, project_folder: Path) -> Iterator[Desk]:
    """A session with its views on the screen and the project open."""
    made = Desk(Settings(home / "settings.ini"), author="tester")
    grid = ViewGrid(made)
    qtbot.addWidget(grid)
    grid.resize(500, 400)
    grid.show()
    made.open_project(Project.open(project_folder, writable=True, author="tester"))
    yield made
    made.close()
    grid.close()
    made.deleteLater()


@pytest.fixture
def shown_case(qtbot: QtBot, session: Desk) -> Desk:
    """The session with its first case shown."""
    assert session.project is not None
    with qtbot.waitSignal(session.image_shown):
        session.open_case(session.project.cases.all()[0].case_id)
    return session


@pytest.fixture
def complete_all(session: Desk) -> Callable[[], None]:
    """Marks a box and a verdict on every film and completes every case."""

    def run() -> None:
        project = session.project
        assert project is not None
        for place, case in enumerate(project.cases.all()):
            image_id = case.first_image_id
            box = Box(x0_px=20, y0_px=10 + place, x1_px=40, y1_px=30 + place)
            assert session.do(add_annotation(image_id, "Square", box, author="tester"))
            said = Verdict.YES if place % 2 else Verdict.NO
            assert session.do(say_image_label(image_id, "Bright", before=None, after=said))
            other = Verdict.NO if place % 2 else Verdict.YES
            assert session.do(say_image_label(image_id, "Dark", before=None, after=other))
            assert session.do(set_status(project.cases.get(case.case_id), CaseStatus.COMPLETE))
        session.edits.wait()

    return run


@pytest.fixture(scope="session")
def _studies_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_studies(tmp_path_factory.mktemp("studies-made-once") / "studies")


@pytest.fixture
def studies_folder(_studies_made_once: Path, tmp_path: Path) -> Path:
    """DICOM made here: patient ONE with two series of six slices in one frame of reference, patient TWO with one
    series in another, a study of two films, a picture, and a file that is no image. A test may change it."""
    return Path(shutil.copytree(_studies_made_once, tmp_path / "studies"))


@pytest.fixture
def window(qtbot: QtBot, home: Path) -> Iterator[MainWindow]:
    """The whole window on its welcome page, with settings and a personal project of its own."""
    made = make_window(settings=Settings(home / "window.ini"), author="tester")
    made.resize(1280, 800)
    made.activateWindow()
    qtbot.waitUntil(lambda: made.session.project is not None)
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    made.deleteLater()


def series_named(window: MainWindow, description: str) -> Series:
    """The first series with this description of those that are open."""
    return next(one for one in window.session.series_list() if one.description == description)


@pytest.fixture
def reading(qtbot: QtBot, window: MainWindow, studies_folder: Path) -> MainWindow:
    """The window with the folder of studies open and patient ONE's first series in its one view."""
    session = window.session
    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None)
    session.arrange_views(1)
    wanted = series_named(window, "Series 1")
    session.open_series(wanted)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.series is wanted)
    settled(session)
    return window


@pytest.fixture(autouse=True)
def no_database_on_this_thread() -> Iterator[None]:
    """Every test of the window fails where the window's thread reads or writes a database (tests/window_thread.py)."""
    with refusing() as refused:
        yield
    assert not refused, "\n".join(dict.fromkeys(refused))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A dialog that the test has closed is gone, and pytest-qt would close it again."""
    widgets = getattr(item, "qt_widgets", [])
    widgets[:] = [(known, before) for known, before in widgets if (found := known()) is not None and isValid(found)]
    yield
