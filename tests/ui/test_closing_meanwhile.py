"""Closing a study while frames are read, films run, views are linked or something is being opened."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.closing import FRAME_BYTES, close_study, patients, press, show, status_words
from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, SHIFT
from tests.waiting import LIMIT_S, settled
from viewer.reading import scan as scanning
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.ui.window.main_window import MainWindow


def test_closing_while_frames_are_read_ahead_keeps_none_of_them(
    reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session, gate, begun = reading.session, threading.Event(), []

    def held(ref: FrameRef) -> Frame:
        begun.append(ref)
        gate.wait(LIMIT_S)
        return read_frame(ref)

    qtbot.waitUntil(lambda: session.frames.store.bytes_used == 8 * FRAME_BYTES)
    monkeypatch.setattr(session.frames.store, "_read", held)
    session.open_series(series_named(reading, "Series 2"))
    qtbot.waitUntil(lambda: len(begun) >= 2)

    close_study(reading, qtbot)
    gate.set()
    qtbot.waitUntil(lambda: not session.frames._loads and not session.frames.store._state.reading)
    settled(session)

    assert session.frames.store.bytes_used == 2 * FRAME_BYTES, "those of the films, which are another study"
    assert len(session.frames.known()) == 2 and session.shown is None


def test_cine_stops(reading: MainWindow, qtbot: QtBot) -> None:
    press(reading, Qt.Key.Key_C)
    qtbot.waitUntil(reading.cine._timer.isActive)

    close_study(reading, qtbot)

    qtbot.waitUntil(lambda: not reading.cine._timer.isActive())
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
    qtbot.waitUntil(lambda: cells[3].index == cells[1].index)
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
    qtbot.waitUntil(lambda: "ONE" in patients(reading) and not reading.session.opening.scanning)
    show(reading, reading.grid.cells[0], "Series 1", 3, qtbot)

    assert reading.session.tool == "crosshair" and reading.session.active_view.work.mark is None


def test_an_image_that_cannot_be_read_says_nothing_of_the_one_before(reading: MainWindow, qtbot: QtBot) -> None:
    session, cell = reading.session, reading.grid.cells[0]
    last = series_named(reading, "Series 2").frames[-1]
    last.path.write_bytes(last.path.read_bytes()[:200])

    show(reading, cell, "Series 2", 4, qtbot)
    session.frames.forget([last])
    press(reading, Qt.Key.Key_Up)

    qtbot.waitUntil(lambda: session.shown is None)
    assert cell.title.note == "cannot be shown" and status_words(reading)[1:3] == ["", ""]
    assert reading.book.may_run("file.close_study")
    press(reading, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: session.shown is not None and cell.index == 4)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Holds a scan of a folder named "late" after its first file until it is set."""
    event, read, seen = threading.Event(), scanning.open_dicom, []

    def held(path: Path) -> object:
        seen.extend([path] if "late" in path.parts else [])
        if len(seen) > 1 and "late" in path.parts:
            event.wait(LIMIT_S)
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
    qtbot.waitUntil(lambda: session.shown is not None and "late" in session.shown.ref.path.parts)
    assert session.opening.scanning
    return reading


def test_a_study_that_is_still_being_opened_is_not_closed_and_says_so(
    late: MainWindow, gate: threading.Event, qtbot: QtBot
) -> None:
    press(late, Qt.Key.Key_W, CTRL)

    assert late.session.shown is not None and "LATE4" in patients(late)
    assert "still being opened" in late.banner.sentence

    gate.set()
    qtbot.waitUntil(lambda: not late.session.opening.scanning)
    close_study(late, qtbot)
    assert "LATE4" not in patients(late)


def test_a_study_that_was_open_before_closes_while_another_is_opened(
    late: MainWindow, gate: threading.Event, qtbot: QtBot
) -> None:
    show(late, late.grid.cells[0], "Series 1", 0, qtbot)

    close_study(late, qtbot)
    gate.set()
    qtbot.waitUntil(lambda: not late.session.opening.scanning)

    assert patients(late) == ["FILMS", "TWO2", "LATE4"], "the scan does not bring it back"


def test_closing_all_stops_what_is_being_opened(late: MainWindow, gate: threading.Event, qtbot: QtBot) -> None:
    with qtbot.waitSignal(late.session.frames.forgotten):
        press(late, Qt.Key.Key_W, CTRL | SHIFT)
    gate.set()
    settled(late.session)

    assert patients(late) == [] and late.is_waiting and late.session.shown is None
    assert late.session.frames.store.bytes_used == 0
