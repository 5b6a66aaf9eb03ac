"""Closing a study: its memory is given back, and nothing of it stays on the screen."""

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.closing import EMPTY, FRAME_BYTES, close_study, patients, press, show, status_words
from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, SHIFT, drag
from viewer.ui.panels.measurements import MeasurementsPanel
from viewer.ui.panels.on_image import OnImagePanel
from viewer.ui.panels.tags import TagsPanel
from viewer.ui.panels.window_level import WindowLevelPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def two(reading: MainWindow, qtbot: QtBot) -> MainWindow:
    """Patient ONE at the left, patient TWO2 at the right; the left view is active."""
    reading.book.run("view.layout_1x2")
    left, right = reading.grid.cells
    show(reading, right, "Series 5", 3, qtbot)
    show(reading, left, "Series 1", 2, qtbot)
    return reading


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
    qtbot.waitUntil(lambda: all(session.frames.get(ref) is not None for ref in frames))
    held = [weakref.ref(store.get(ref).stored) for ref in frames]  # type: ignore[union-attr]
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed):
        drag(session.active_view, (200, 200), (300, 260))
    assert store.bytes_used == 8 * FRAME_BYTES, "the two films that were shown first are read as well"

    close_study(reading, qtbot)

    assert store.bytes_used == 2 * FRAME_BYTES
    assert all(session.frames.image_id(ref) is None for ref in frames)
    gc.collect()
    qtbot.waitUntil(lambda: all(one() is None for one in held))


def test_a_large_film_goes_with_its_pyramid(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (1100, 1000)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    session = window.session
    session.open_paths([tmp_path / "large.png"])
    qtbot.waitUntil(lambda: session.shown is not None)
    ref = session.shown.ref  # type: ignore[union-attr]
    pyramid = weakref.ref(session.frames.pyramid(ref))
    assert pyramid() is not None

    close_study(window, qtbot)

    assert session.frames.pyramid(ref) is None
    gc.collect()
    qtbot.waitUntil(lambda: pyramid() is None)


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
    assert left.title.note != EMPTY and "click here first" in left.title.note, "the list fills the active view"
    QTest.mouseClick(left.view, Qt.MouseButton.LeftButton)
    assert left.title.note == EMPTY
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
    with qtbot.waitSignal(session.work_changed):
        drag(view, (200, 200), (300, 260))
    QTest.mouseMove(view, QPoint(250, 250))
    qtbot.waitUntil(lambda: len(measured.lines()) == 1 and tags.list.topLevelItemCount() > 10)
    qtbot.waitUntil(lambda: levels.histogram._plot is not None)
    qtbot.waitUntil(lambda: float(np.max(levels.histogram._curve.getData()[1])) > 0)
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

    with qtbot.waitSignal(two.session.frames.forgotten):
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
