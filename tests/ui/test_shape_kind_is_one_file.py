"""One new kind of shape is one file, one row of KINDS and a tool: drawn by the mouse, listed, undone, found again after
a restart, exported and brought back, and rendered, with no line changed elsewhere."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.circle_kind import Circle
from tests.ui.hand import LEFT, NONE
from tests.ui.test_on_image_and_history import words
from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.cli.main import main
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.kinds import KINDS
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.panels.on_image import OnImagePanel
from viewer.ui.state.settings import Settings
from viewer.ui.tools import TOOLS
from viewer.ui.window.main_window import MainWindow


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "circle", "tests.ui.circle_kind:Circle")
    monkeypatch.setitem(TOOLS, "circle", "tests.ui.circle_kind:CircleTool")


def opened(qtbot: QtBot, home: Path, folder: Path) -> MainWindow:
    made = make_window([folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    made.enter("annotate")
    handled()
    return made


def on_image(window: MainWindow) -> tuple[Annotation, ...]:
    window.session.edits.wait()
    settled(window.session)
    shown = window.session.shown
    assert shown is not None and shown.image_id is not None and window.session.project is not None
    return tuple(window.session.project.work.annotations(shown.image_id))


def listed(window: MainWindow) -> list[str]:
    panel = window.docks.panel("on_image")
    assert isinstance(panel, OnImagePanel)
    return words(panel)


def drag_a_circle(window: MainWindow) -> Circle:
    view = window.session.active_view
    QTest.keyClick(view, Qt.Key.Key_K)
    middle = view.rect().center()
    rim = middle + QPoint(40, 30)  # 50 view pixels
    QTest.mousePress(view, LEFT, NONE, middle)
    QTest.mouseMove(view, rim)
    QTest.mouseRelease(view, LEFT, NONE, rim)
    (drawn,) = on_image(window)
    assert isinstance(drawn.shape, Circle)
    return drawn.shape


def test_it_is_drawn_listed_undone_and_found_again(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = opened(qtbot, home, project_folder)
    circle = drag_a_circle(window)
    scale = window.session.active_view.transform().scale_x
    assert circle.radius_px == pytest.approx(50 / scale, rel=0.03)
    assert listed(window) == [f"Square, {circle.words()}"]
    assert window.session.active_view.grab().toImage() != blank(window)

    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert on_image(window) == ()
    QTest.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert [one.shape for one in on_image(window)] == [circle]
    window.close()

    again = opened(qtbot, home, project_folder)
    assert [one.shape for one in on_image(again)] == [circle]
    assert listed(again) == [f"Square, {circle.words()}"]
    QTest.keyClick(again, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert on_image(again) == ()


def blank(window: MainWindow):  # type: ignore[no-untyped-def]
    """The view without what is drawn over it."""
    view = window.session.active_view
    settings = view.overlay_settings
    view.set_overlays([], [], [], [], settings)
    picture = view.grab().toImage()
    view.set_overlays(on_image(window), [], window.session.project.labels, [], settings)
    return picture


@pytest.fixture
def with_circle(project_folder: Path) -> tuple[Path, Circle]:
    """The project with a circle of 9 pixels' radius on its first film, whose case is complete."""
    circle = Circle(points_px=((30.0, 24.5), (30.0, 33.5)))
    with Project.open(project_folder, writable=True, author="tester") as project:
        (case, *_) = project.cases.all()
        project.history.do(edits.add_annotation(case.first_image_id, "Square", circle, author="tester"))
        project.history.do(edits.set_status(project.cases.get(case.case_id), CaseStatus.COMPLETE))
    return project_folder, circle


@pytest.mark.parametrize("name", ["csv", "coco"])
def test_it_is_exported_and_comes_back(with_circle: tuple[Path, Circle], tmp_path: Path, name: str) -> None:
    folder, circle = with_circle
    path = tmp_path / f"circle.{name}"
    with Project.open(folder, writable=False) as project:
        load(EXPORTERS, name).write(path, dataset_of(project))

    with Project.create(tmp_path / "other", author="Ada") as other:
        with make_plan(other, load(IMPORTERS, name), path, {}, source="test") as plan:
            carry_out(other, plan)
        back = [one.shape for image in other.images.all() for one in other.work.annotations(image.image_id)]

    assert back == [circle]


def test_other_programs_read_it_as_the_outline_that_it_has(with_circle: tuple[Path, Circle], tmp_path: Path) -> None:
    folder, circle = with_circle
    with Project.open(folder, writable=False) as project:
        load(EXPORTERS, "coco").write(tmp_path / "circle.json", dataset_of(project))

    (entry,) = json.loads((tmp_path / "circle.json").read_text())["annotations"]

    assert entry["bbox"] == [21, 15.5, 18, 18] and entry["attributes"]["kind"] == "circle"
    assert entry["area"] == pytest.approx(np.pi * 81, rel=0.03)
    assert len(entry["segmentation"][0]) == 2 * len(circle.rings()[0])


def test_tasks_take_its_box_and_its_pixels(with_circle: tuple[Path, Circle]) -> None:
    folder, circle = with_circle
    with Project.open(folder, writable=True, author="tester") as project:
        boxes = make_snapshot(project, Task(name="boxes", kind="detection", labels=("Square",)))
        masks = make_snapshot(project, Task(name="masks", kind="segmentation", labels=("Square",)))
    ((_, box),), ((_, mask),) = boxes.items[0].boxes, masks.items[0].masks
    assert box == circle.as_box() and boxes.card["notes"] == ["1 circle taken as the box around it"]
    assert mask.area_px == circle.visible_area_px(mask.rows, mask.cols)


def test_it_is_rendered(with_circle: tuple[Path, Circle], tmp_path: Path) -> None:
    folder, circle = with_circle
    with Project.open(folder, writable=False) as project:
        (record, *_) = [one for one in project.images.all() if project.work.annotations(one.image_id)]
    out = tmp_path / "out.png"

    code = main(["render", str(record.path), "--out", str(out), "--project", str(folder), "--overlay", "annotations"])

    assert code == 0
    with Image.open(out) as made:
        picture = np.asarray(made.convert("RGB")).astype(int)
    colored = picture.max(axis=2) - picture.min(axis=2) > 40
    (x, y), r = circle.points_px[0], circle.radius_px
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        col, row = int(x + r * np.cos(turn)), int(y + r * np.sin(turn))
        assert colored[row - 1 : row + 2, col - 1 : col + 2].any()
    assert not colored[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3].any()
