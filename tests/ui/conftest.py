"""A session with a project of eight small films of six patients, and the views it shows them in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from viewer.core.annotations import CaseStatus
from viewer.core.labels import Verdict
from viewer.core.shapes import Box
from viewer.project.edit_builders import add_annotation, add_label, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef
from viewer.ui.session import Session
from viewer.ui.settings import Settings
from viewer.ui.views import ViewGrid

FILMS = 8


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


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A closed project: eight cases to do, two region labels, two whole-image labels."""
    films = write_films(tmp_path / "films")
    with Project.create(tmp_path / "project", name="Films", author="tester") as project:
        add_frames(project, films)
        for name, scope in (("Square", "region"), ("Lung", "region"), ("Bright", "image"), ("Dark", "image")):
            project.history.do(add_label(name, scope, project.labels))
    return tmp_path / "project"


@pytest.fixture
def session(qtbot: QtBot, home: Path, project_folder: Path) -> Iterator[Session]:
    """A session with its views on the screen and the project open."""
    made = Session(Settings(home / "settings.ini"), author="tester")
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
def shown_case(qtbot: QtBot, session: Session) -> Session:
    """The session with its first case shown."""
    assert session.project is not None
    with qtbot.waitSignal(session.image_shown, timeout=5000):
        session.open_case(session.project.cases.all()[0].case_id)
    return session


@pytest.fixture
def complete_all(session: Session) -> Callable[[], None]:
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
