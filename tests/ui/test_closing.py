"""Closing a study: its memory is given back, nothing of it stays on the screen, and nothing a person drew is lost."""

import gc
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, NONE, SHIFT, drag
from viewer.core.edits import Edit
from viewer.core.heat import HeatMap
from viewer.project.edit_builders import add_label
from viewer.reading import scan as scanning
from viewer.reading.frames import Frame, read_frame
from viewer.reading.scan import Patient, Study
from viewer.reading.series import FrameRef
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.measurements import MeasurementsPanel
from viewer.ui.panels.on_image import OnImagePanel
from viewer.ui.panels.studies import ROLE, StudiesPanel
from viewer.ui.panels.tags import TagsPanel
from viewer.ui.panels.window_level import WindowLevelPanel
from viewer.ui.review import review_of
from viewer.ui.session import Session
from viewer.ui.status import StatusBar
from viewer.ui.views_cell import ViewCell
from viewer.ui.window import MainWindow

FRAME_BYTES = 48 * 64 * 2
EMPTY = "Drop a series here, or double click one in the list"


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.session.active_view, key, modifiers)


def close_study(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.frames.forgotten, timeout=5000):
        press(window, Qt.Key.Key_W, CTRL)


def patients(window: MainWindow) -> list[str]:
    return [patient.patient_id for patient in window.session.opening.patients]


def show(window: MainWindow, cell: ViewCell, name: str, index: int, qtbot: QtBot) -> None:
    window.grid.activate(cell)
    cell.show_series(series_named(window, name), index)
    window.session.series_opened.emit(cell.series)
    qtbot.waitUntil(
        lambda: cell.shown is not None and cell.series is not None and cell.shown.ref == cell.series.frames[index],
        timeout=5000,
    )


def status_words(window: MainWindow) -> list[str]:
    bar = window.statusBar()
    assert isinstance(bar, StatusBar)
    return [label.text() for label in (bar._mouse, bar._place, bar._value, bar._source)]


@pytest.fixture
def two(reading: MainWindow, qtbot: QtBot) -> MainWindow:
    """Patient ONE at the left, patient TWO2 at the right; the left view is active."""
    reading.book.run("view.layout_1x2")
    left, right = reading.grid.cells
    show(reading, right, "Series 5", 3, qtbot)
    show(reading, left, "Series 1", 2, qtbot)
    return reading


# What goes, and what stays


def test_the_study_in_the_active_view_closes_by_its_key(reading: MainWindow, qtbot: QtBot) -> None:
    cell = reading.grid.cells[0]
    assert reading.book.may_run("file.close_study")

    close_study(reading, qtbot)

    assert patients(reading) == ["FILMS", "TWO2"]
    assert cell.series is None and cell.shown is None and not cell.view.has_frame and cell.strip.isHidden()
    assert (cell.title.title, cell.title.position, cell.title.note) == ("", "", EMPTY)
    assert reading.session.shown is None
    assert status_words(reading)[0] == "Closed: ONE, CT Chest, 12 images."
    assert not reading.book.may_run("file.close_study"), "an empty view has no study to close"
    assert reading.book.may_run("file.close_all")
    assert not reading.is_waiting, "other studies are open"


def test_closing_gives_the_memory_back(reading: MainWindow, qtbot: QtBot) -> None:
    session, store = reading.session, reading.session.frames.store
    frames = series_named(reading, "Series 1").frames
    qtbot.waitUntil(lambda: all(session.frames.get(ref) is not None for ref in frames), timeout=5000)
    held = [weakref.ref(store.get(ref).stored) for ref in frames]  # type: ignore[union-attr]
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed, timeout=5000):
        drag(session.active_view, (200, 200), (300, 260))
    assert store.bytes_used == 8 * FRAME_BYTES, "the two films that were shown first are read as well"

    close_study(reading, qtbot)

    assert store.bytes_used == 2 * FRAME_BYTES
    assert all(session.frames.image_id(ref) is None for ref in frames)
    gc.collect()
    qtbot.waitUntil(lambda: all(one() is None for one in held), timeout=2000)


def test_a_large_film_goes_with_its_pyramid(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (1100, 1000)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    session = window.session
    session.open_paths([tmp_path / "large.png"])
    qtbot.waitUntil(lambda: session.shown is not None, timeout=10000)
    ref = session.shown.ref  # type: ignore[union-attr]
    pyramid = weakref.ref(session.frames.pyramid(ref))
    assert pyramid() is not None

    close_study(window, qtbot)

    assert session.frames.pyramid(ref) is None
    gc.collect()
    qtbot.waitUntil(lambda: pyramid() is None, timeout=2000)


def test_a_study_in_the_other_view_is_untouched(two: MainWindow, qtbot: QtBot) -> None:
    left, right = two.grid.cells
    kept = right.shown
    assert two.grid.warning.startswith("2 different patients")

    close_study(two, qtbot)

    assert left.series is None and right.shown is kept and right.index == 3
    assert two.grid.warning == ""
    assert two.session.frames.get(kept.ref) is not None  # type: ignore[union-attr]
    assert two.session.shown is None, "the active view is the empty one"

    QTest.mouseClick(right.view, Qt.MouseButton.LeftButton)
    assert two.session.shown is not None and two.session.shown.ref == right.shown.ref  # type: ignore[union-attr]
    QTest.mouseClick(left.view, Qt.MouseButton.LeftButton)
    assert two.session.shown is None, "an empty view says nothing of its neighbour's image"


def test_every_series_of_the_study_leaves_its_view(two: MainWindow, qtbot: QtBot) -> None:
    left, right = two.grid.cells
    show(two, right, "Series 2", 1, qtbot)
    show(two, left, "Series 1", 2, qtbot)

    close_study(two, qtbot)

    assert left.series is None and right.series is None


def test_no_number_of_the_closed_image_stays_on_the_screen(reading: MainWindow, qtbot: QtBot) -> None:
    window, session, view = reading, reading.session, reading.session.active_view
    window.book.run("window.tags")
    levels, tags = window.docks.panel("window_level"), window.docks.panel("tags")
    measured, drawn = window.docks.panel("measurements"), window.docks.panel("on_image")
    assert isinstance(levels, WindowLevelPanel) and isinstance(tags, TagsPanel)
    assert isinstance(measured, MeasurementsPanel) and isinstance(drawn, OnImagePanel)
    QTest.keyClick(view, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed, timeout=5000):
        drag(view, (200, 200), (300, 260))
    QTest.mouseMove(view, QPoint(250, 250))
    qtbot.waitUntil(lambda: len(measured.lines()) == 1 and tags.list.topLevelItemCount() > 10, timeout=5000)
    qtbot.waitUntil(lambda: levels.histogram._plot is not None, timeout=5000)
    qtbot.waitUntil(lambda: float(np.max(levels.histogram._curve.getData()[1])) > 0, timeout=5000)
    assert status_words(window)[2].endswith("HU") and levels.width_field.text() == "900"
    assert session.situation().has("file_windows") is False and session.situation().has("hounsfield")

    close_study(window, qtbot)

    assert status_words(window)[1:] == ["", "", ""]
    assert levels.width_field.text() == levels.center_field.text() == levels._unit.text() == ""
    assert float(np.max(levels.histogram._curve.getData()[1])) == 0
    assert not levels.histogram._low.isVisible() and not any(row.isChecked() for row in levels.rows)
    assert measured.lines() == [] and measured.empty._label.text() == "No image is shown."
    assert tags.list.topLevelItemCount() == 0 and tags.decoded.isHidden()
    assert drawn.empty._label.text() == "No image is shown."
    shown = view.grab_view()
    assert {shown.pixel(x, y) for x in range(0, shown.width(), 7) for y in range(0, shown.height(), 7)} == {0xFF000000}
    situation = session.situation()
    assert not situation.has_image and not situation.has_series and not situation.has_case
    assert not situation.has("hounsfield")
    for command in ("edit.copy_view", "image.invert", "image.preset_2", "image.down", "ai.predict_image"):
        assert not window.book.may_run(command), command


def test_a_view_begins_afresh_after_its_study_was_closed(reading: MainWindow, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_I, Qt.Key.Key_F, Qt.Key.Key_Period):
        press(reading, key)
    assert reading.session.active_view.inverted

    close_study(reading, qtbot)
    show(reading, reading.grid.cells[0], "Series 5", 0, qtbot)

    view = reading.session.active_view
    assert not view.inverted and not view.camera.flipped and view.camera.quarter_turns == 0
    assert (view.window.center, view.window.width) == (-600, 900)  # type: ignore[union-attr]


def test_closing_all_leads_to_the_welcome_page(two: MainWindow, qtbot: QtBot) -> None:
    assert [problem.path.name for problem in two.session.problems] == ["notes.dcm"]

    with qtbot.waitSignal(two.session.frames.forgotten, timeout=5000):
        press(two, Qt.Key.Key_W, CTRL | SHIFT)

    assert two.is_waiting and two.welcome.isVisible()
    assert two.session.series_list() == [] and two.session.problems == []
    assert two.session.frames.store.bytes_used == 0 and two.banner.sentence == ""
    assert all(cell.series is None for cell in two.grid.cells)
    assert status_words(two)[0] == "Closed: 3 studies, 20 images."
    assert not two.book.may_run("file.close_all")


def test_problems_stay_while_something_of_their_folder_is_open(reading: MainWindow, qtbot: QtBot) -> None:
    close_study(reading, qtbot)

    assert [problem.path.name for problem in reading.session.problems] == ["notes.dcm"]


def test_hidden_names_are_not_said(reading: MainWindow, qtbot: QtBot) -> None:
    reading.session.set_names_hidden(hidden=True)

    close_study(reading, qtbot)

    assert status_words(reading)[0] == "Closed: CT Chest, 12 images."


# Work and place


def test_what_was_drawn_stays_and_is_shown_where_it_was_when_the_study_is_opened_again(
    reading: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    session = reading.session
    press(reading, Qt.Key.Key_Down)
    press(reading, Qt.Key.Key_Down)
    place = session.active_cell.index  # type: ignore[union-attr]
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed, timeout=5000):
        drag(session.active_view, (200, 200), (300, 260))
    image_id = session.shown.image_id  # type: ignore[union-attr]
    assert image_id is not None and session.project is not None

    close_study(reading, qtbot)
    assert len(session.project.work.measurements(image_id)) == 1

    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id == image_id, timeout=10000)
    qtbot.waitUntil(lambda: not session.opening.scanning, timeout=10000)
    assert session.active_cell.index == place == 1  # type: ignore[union-attr]
    assert session.shown.series.description == "Series 1"  # type: ignore[union-attr]
    assert len(session.active_view.work.measurements) == 1
    assert patients(reading) == ["FILMS", "ONE", "TWO2"]


def test_a_gesture_that_is_being_written_is_waited_for(
    panel: StudiesPanel, reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session = reading.session
    panel.tree.setCurrentItem(row(panel, "ONE", study=True))
    assert session.project is not None and session.shown is not None
    real, written = session.project.history.do, []

    def slow(edit: Edit) -> None:
        time.sleep(0.3)
        real(edit)
        written.append(edit)

    monkeypatch.setattr(session.project.history, "do", slow)
    image_id = session.shown.image_id
    press(reading, Qt.Key.Key_L)
    drag(session.active_view, (200, 200), (300, 260))
    assert not written

    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)

    assert len(written) == 1
    assert len(session.project.work.measurements(image_id)) == 1  # type: ignore[arg-type]
    assert session.shown is None


def test_a_shape_that_is_being_drawn_is_not_thrown_away(reading: MainWindow, qtbot: QtBot) -> None:
    session, view = reading.session, reading.session.active_view
    reading.enter("annotate")
    assert session.project is not None
    with qtbot.waitSignal(session.work_changed, timeout=5000):
        session.do(add_label("Nodule", "region", session.project.labels))
    session.set_tool("polygon")
    for at in ((200, 200), (300, 200)):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, NONE, QPoint(*at))
    assert view.tool.is_busy

    press(reading, Qt.Key.Key_W, CTRL)
    assert session.shown is not None and "Finish what you are drawing" in reading.banner.sentence

    press(reading, Qt.Key.Key_Escape)
    close_study(reading, qtbot)
    assert session.shown is None


def test_nothing_is_closed_while_a_gesture_could_not_be_saved(reading: MainWindow) -> None:
    reading.session.edits.blocked = True

    press(reading, Qt.Key.Key_W, CTRL)

    assert reading.session.shown is not None and "not saved" in reading.banner.sentence


@pytest.mark.parametrize("space", ["annotate", "review"])
def test_in_other_work_spaces_the_views_and_lists_become_empty(
    space: str, reading: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    session = reading.session
    reading.enter(space)

    close_study(reading, qtbot)

    assert session.shown is None and not session.situation().may_edit
    press(reading, Qt.Key.Key_A)
    press(reading, Qt.Key.Key_D)
    press(reading, Qt.Key.Key_Return, CTRL)
    assert session.project is not None and session.project.cases.all() == []
    press(reading, Qt.Key.Key_W, CTRL | SHIFT)
    assert reading.is_waiting, "there is no case to go on with"
    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None, timeout=10000)


def test_cases_of_the_project_can_be_gone_on_with(reading: MainWindow, qtbot: QtBot) -> None:
    session = reading.session
    reading.enter("annotate")
    session.opening.add_to_project(session.series_list())
    qtbot.waitUntil(lambda: session.project is not None and len(session.project.cases.all()) > 0, timeout=10000)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None, timeout=5000)

    press(reading, Qt.Key.Key_W, CTRL | SHIFT)

    assert session.shown is None and not reading.welcome.isVisible()
    assert not reading.book.may_run("annotate.complete")
    press(reading, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: session.shown is not None, timeout=5000)
    assert not reading.book.may_run("file.close_study"), "no scan found this image"
    assert session.shown.case_id is not None  # type: ignore[union-attr]


def test_a_heatmap_and_its_second_view_go(reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    session = reading.session
    review = review_of(session)
    monkeypatch.setattr(review, "explain", lambda: None)
    reading.enter("review")
    assert session.shown is not None and session.shown.image_id is not None
    review.heat = HeatMap(
        image_id=session.shown.image_id, label="Nodule", method="gradcam", layer="neck", model_hash="f" * 64,
        grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=64, y1_px=48,
    )  # fmt: skip
    review.set_heat_on(on=True)
    qtbot.waitUntil(lambda: reading.grid.pair.stands, timeout=5000)

    close_study(reading, qtbot)

    assert review.heat is None and session.heat is None
    findings = reading.docks.panel("findings")
    assert isinstance(findings, FindingsPanel) and findings.empty._label.text() == "No image is shown."
    qtbot.waitUntil(lambda: not reading.grid.pair.stands, timeout=5000)
    assert all(cell.series is None and cell.shown is None for cell in reading.grid.cells)


# While other things go on


def test_closing_while_frames_are_read_ahead_keeps_none_of_them(
    reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session, gate, begun = reading.session, threading.Event(), []

    def held(ref: FrameRef) -> Frame:
        begun.append(ref)
        gate.wait(10)
        return read_frame(ref)

    qtbot.waitUntil(lambda: session.frames.store.bytes_used == 8 * FRAME_BYTES, timeout=5000)
    monkeypatch.setattr(session.frames.store, "_read", held)
    session.open_series(series_named(reading, "Series 2"))
    qtbot.waitUntil(lambda: len(begun) >= 2, timeout=5000)

    close_study(reading, qtbot)
    gate.set()
    qtbot.waitUntil(lambda: not session.frames._loads and not session.frames.store._state.reading, timeout=5000)
    qtbot.wait(50)

    assert session.frames.store.bytes_used == 2 * FRAME_BYTES, "those of the films, which are another study"
    assert len(session.frames.known()) == 2 and session.shown is None


def test_cine_stops(reading: MainWindow, qtbot: QtBot) -> None:
    press(reading, Qt.Key.Key_C)
    qtbot.waitUntil(reading.cine._timer.isActive, timeout=2000)

    close_study(reading, qtbot)

    qtbot.waitUntil(lambda: not reading.cine._timer.isActive(), timeout=2000)
    assert not reading.book.may_run("image.cine")


def test_linked_views_and_the_crosshair_go_on_with_what_is_left(reading: MainWindow, qtbot: QtBot) -> None:
    reading.book.run("view.layout_2x2")
    cells = reading.grid.cells
    for cell, name in zip(cells, ("Series 1", "Series 5", "Series 2", "Series 5")):
        show(reading, cell, name, 1, qtbot)
    reading.grid.activate(cells[0])
    reading.grid.set_linked(linked=True)
    press(reading, Qt.Key.Key_X)
    QTest.mouseClick(cells[0].view, Qt.MouseButton.LeftButton)
    assert cells[0].view.work.mark is not None

    close_study(reading, qtbot)

    assert [cell.series is None for cell in cells] == [True, False, True, False]
    assert all(cell.view.work.mark is None for cell in cells)
    QTest.mouseClick(cells[1].view, Qt.MouseButton.LeftButton)
    press(reading, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: cells[3].index == cells[1].index, timeout=5000)
    QTest.mouseClick(cells[0].view, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(cells[0].view, Qt.MouseButton.LeftButton)
    press(reading, Qt.Key.Key_Down)


def test_the_crosshair_does_not_come_back_with_the_study(
    reading: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    press(reading, Qt.Key.Key_X)
    QTest.mouseClick(reading.session.active_view, Qt.MouseButton.LeftButton)
    assert reading.session.active_view.work.mark is not None

    close_study(reading, qtbot)
    reading.session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: "ONE" in patients(reading) and not reading.session.opening.scanning, timeout=10000)
    show(reading, reading.grid.cells[0], "Series 1", 3, qtbot)

    assert reading.session.tool == "crosshair" and reading.session.active_view.work.mark is None


def test_an_image_that_cannot_be_read_says_nothing_of_the_one_before(reading: MainWindow, qtbot: QtBot) -> None:
    session, cell = reading.session, reading.grid.cells[0]
    last = series_named(reading, "Series 2").frames[-1]
    last.path.write_bytes(last.path.read_bytes()[:200])

    show(reading, cell, "Series 2", 4, qtbot)
    session.frames.forget([last])
    press(reading, Qt.Key.Key_Up)

    qtbot.waitUntil(lambda: session.shown is None, timeout=5000)
    assert cell.title.note == "cannot be shown" and status_words(reading)[1:3] == ["", ""]
    assert reading.book.may_run("file.close_study")
    press(reading, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: session.shown is not None and cell.index == 4, timeout=5000)


# While something is being opened


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Holds a scan of a folder named "late" after its first file until it is set."""
    event, read, seen = threading.Event(), scanning.open_dicom, []

    def held(path: Path) -> object:
        seen.extend([path] if "late" in path.parts else [])
        if len(seen) > 1 and "late" in path.parts:
            event.wait(10)
        return read(path)

    monkeypatch.setattr(scanning, "open_dicom", held)
    monkeypatch.setattr(scanning, "MANY_FILES", 4)
    return event


@pytest.fixture
def late(reading: MainWindow, tmp_path: Path, gate: threading.Event, slice_writer, qtbot: QtBot) -> MainWindow:  # type: ignore[no-untyped-def]
    """A second folder is being opened: its first image is on the screen, the others are waited for."""
    for place in range(12):
        slice_writer(
            tmp_path / "late" / f"{place:02}.dcm", patient="LATE4", study=9, series=9, place=place, frame="1.2.7",
            PixelData=bytes(48 * 64 * 2),
        )  # fmt: skip
    session = reading.session
    session.open_paths([tmp_path / "late"])
    qtbot.waitUntil(lambda: session.shown is not None and "late" in session.shown.ref.path.parts, timeout=10000)
    assert session.opening.scanning
    return reading


def test_a_study_that_is_still_being_opened_is_not_closed_and_says_so(
    late: MainWindow, gate: threading.Event, qtbot: QtBot
) -> None:
    press(late, Qt.Key.Key_W, CTRL)

    assert late.session.shown is not None and "LATE4" in patients(late)
    assert "still being opened" in late.banner.sentence

    gate.set()
    qtbot.waitUntil(lambda: not late.session.opening.scanning, timeout=10000)
    close_study(late, qtbot)
    assert "LATE4" not in patients(late)


def test_a_study_that_was_open_before_closes_while_another_is_opened(
    late: MainWindow, gate: threading.Event, qtbot: QtBot
) -> None:
    show(late, late.grid.cells[0], "Series 1", 0, qtbot)

    close_study(late, qtbot)
    gate.set()
    qtbot.waitUntil(lambda: not late.session.opening.scanning, timeout=10000)

    assert patients(late) == ["FILMS", "TWO2", "LATE4"], "the scan does not bring it back"


def test_closing_all_stops_what_is_being_opened(late: MainWindow, gate: threading.Event, qtbot: QtBot) -> None:
    with qtbot.waitSignal(late.session.frames.forgotten, timeout=5000):
        press(late, Qt.Key.Key_W, CTRL | SHIFT)
    gate.set()
    qtbot.wait(200)

    assert patients(late) == [] and late.is_waiting and late.session.shown is None
    assert late.session.frames.store.bytes_used == 0


# The list of studies


@pytest.fixture
def panel(reading: MainWindow) -> StudiesPanel:
    made = reading.docks.panel("studies")
    assert isinstance(made, StudiesPanel)
    return made


POPUP = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu


def row(panel: StudiesPanel, patient: str, *, study: bool) -> QTreeWidgetItem:
    root = panel.tree.invisibleRootItem()
    tops = (root.child(place) for place in range(root.childCount()))
    top = next(top for top in tops if top.data(0, ROLE).patient_id == patient)
    found = top.child(0) if study else top
    assert isinstance(found.data(0, ROLE), Study if study else Patient)
    return found


def open_menu(panel: StudiesPanel, item: QTreeWidgetItem) -> QMenu:
    at = panel.tree.visualItemRect(item).center()
    where = panel.tree.viewport().mapToGlobal(at)
    QApplication.sendEvent(panel.tree.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str) -> None:
    action = next(action for action in menu.actions() if action.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, NONE, menu.actionGeometry(action).center())


@POPUP
def test_a_study_is_closed_by_the_menu_of_its_row(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    shown = reading.session.shown

    with qtbot.waitSignal(reading.session.frames.forgotten, timeout=5000):
        pick(open_menu(panel, row(panel, "TWO2", study=True)), "Close study “CT Chest”")

    assert patients(reading) == ["FILMS", "ONE"]
    assert reading.session.shown is shown, "the view shows another study"
    assert panel.tree.topLevelItemCount() == 2


@POPUP
def test_a_patient_is_closed_by_the_menu_of_its_row(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reading.session.frames.forgotten, timeout=5000):
        pick(open_menu(panel, row(panel, "ONE", study=False)), "Close patient's studies “ONE”")

    assert patients(reading) == ["FILMS", "TWO2"] and reading.session.shown is None
    assert status_words(reading)[0] == "Closed: ONE, 12 images."


def test_delete_closes_a_row_and_leaves_the_selected_shape(
    panel: StudiesPanel, reading: MainWindow, qtbot: QtBot
) -> None:
    session, view = reading.session, reading.session.active_view
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed, timeout=5000):
        drag(view, (200, 200), (300, 260))
    session.select_shape(view.work.measurements[0].measurement_id)
    image_id = session.shown.image_id  # type: ignore[union-attr]
    panel.tree.setFocus()
    panel.tree.setCurrentItem(row(panel, "TWO2", study=True))

    with qtbot.waitSignal(session.frames.forgotten, timeout=5000):
        QTest.keyClick(panel.tree, Qt.Key.Key_Delete)

    assert patients(reading) == ["FILMS", "ONE"]
    assert len(session.project.work.measurements(image_id)) == 1  # type: ignore[union-attr,arg-type]


def test_the_list_keeps_what_was_folded(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    row(panel, "FILMS", study=False).setExpanded(False)
    qtbot.waitUntil(lambda: len([one for one in panel._thumbnails._pixmaps.values() if one]) >= 3, timeout=5000)
    gone = {series.series_id for series in reading.session.series_list() if series.patient_id == "ONE"}
    assert gone <= set(panel._thumbnails._pixmaps)

    close_study(reading, qtbot)

    assert gone.isdisjoint(panel._thumbnails._pixmaps), "small pictures go as well"
    assert not row(panel, "FILMS", study=False).isExpanded() and row(panel, "TWO2", study=False).isExpanded()


def test_an_image_of_the_project_that_no_scan_found_has_no_study_to_close(shown_case: Session) -> None:
    assert not shown_case.situation().has("study_in_view")

    shown_case.closing.close_shown()

    assert shown_case.shown is not None
