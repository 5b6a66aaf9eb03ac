"""Cyclic garbage is collected on the window's thread, and only while the window is open."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.ui.window.garbage import MOST_WAITS, Garbage
from viewer.ui.window.main_window import MainWindow


class Cycle:
    """Only the collector can find it; says which thread did."""

    def __init__(self, found_on: list[threading.Thread]) -> None:
        self.me, self._found_on = self, found_on

    def __del__(self) -> None:
        self._found_on.append(threading.current_thread())


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[Garbage]:
    parent = QObject()
    made = Garbage(parent, lambda: False, lambda: False)
    made.start()
    yield made
    made.stop()
    parent.deleteLater()


@pytest.fixture(autouse=True)
def garbage_on_this_thread() -> None:
    """Here the window itself is to do it; see conftest.py."""


def allocate_much(kept: list[object]) -> None:
    kept.extend([] for _ in range(5 * gc.get_threshold()[0]))


def test_a_cycle_is_never_taken_down_on_a_worker_thread(qtbot: QtBot, garbage: Garbage) -> None:
    gc.collect()
    found_on: list[threading.Thread] = []
    Cycle(found_on)

    kept: list[object] = []
    worker = threading.Thread(target=allocate_much, args=(kept,))
    worker.start()
    worker.join()
    assert found_on == []

    qtbot.waitUntil(lambda: bool(found_on))
    assert found_on == [threading.main_thread()]


def test_little_garbage_waits(qtbot: QtBot, garbage: Garbage) -> None:
    gc.collect()

    assert garbage.collect() == -1


def test_python_collects_by_itself_again_once_the_window_is_closed(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not gc.isenabled())

    window.close()

    assert gc.isenabled()


def test_what_a_scan_brings_in_is_looked_through_once(qtbot: QtBot) -> None:
    parent = QObject()
    growing = [True]
    garbage = Garbage(parent, lambda: growing[0], lambda: False)
    garbage.start()
    before = gc.get_freeze_count()
    kept: list[object] = []
    found_on: list[threading.Thread] = []
    allocate_much(kept)
    Cycle(found_on)

    garbage.collect()

    assert gc.get_freeze_count() - before >= len(kept), "never looked through again"
    assert found_on == [threading.main_thread()], "what was garbage already is gone"
    garbage.stop()
    assert gc.get_freeze_count() == 0
    gc.freeze()  # as conftest.py had it
    parent.deleteLater()


def test_what_was_loaded_while_the_collector_was_off_is_never_looked_through(qtbot: QtBot) -> None:
    parent = QObject()
    garbage = Garbage(parent, lambda: False, lambda: False)
    kept: list[object] = []
    gc.disable()
    allocate_much(kept)
    before = gc.get_freeze_count()

    garbage.start()

    assert gc.get_freeze_count() - before >= len(kept)
    assert garbage.collect() == -1
    garbage.stop()
    assert gc.get_freeze_count() == 0
    assert not gc.isenabled(), "as it was"
    gc.enable()
    gc.freeze()  # as conftest.py had it
    parent.deleteLater()


def test_what_an_edit_is_made_of_waits_until_it_is_written(qtbot: QtBot) -> None:
    parent = QObject()
    writing = [True]
    garbage = Garbage(parent, lambda: False, lambda: writing[0])
    garbage.start()
    gc.collect()
    kept: list[object] = []
    allocate_much(kept)

    assert [garbage.collect() for _ in range(3)] == [-1, -1, -1]

    writing[0] = False
    assert garbage.collect() >= 0
    garbage.stop()
    parent.deleteLater()


def test_a_write_that_does_not_end_holds_the_collector_up_for_a_while_only(qtbot: QtBot) -> None:
    parent = QObject()
    garbage = Garbage(parent, lambda: False, lambda: True)
    garbage.start()
    gc.collect()
    kept: list[object] = []
    allocate_much(kept)

    assert any(garbage.collect() >= 0 for _ in range(MOST_WAITS + 1))
    garbage.stop()
    parent.deleteLater()


def test_the_window_s_collector_knows_when_something_is_written(window: MainWindow, qtbot: QtBot) -> None:
    go_on = threading.Event()
    written = window.session.worker.start_write(go_on.wait)
    gc.collect()
    kept: list[object] = []
    allocate_much(kept)
    try:
        assert window.garbage.collect() == -1
    finally:  # the window waits for its writer
        go_on.set()
    written.result()
    qtbot.waitUntil(lambda: not window.session.worker.is_writing)
    assert window.garbage.collect() >= 0


def test_an_edit_that_is_written_and_not_yet_told_waits_too(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(window.session.edits), "is_pending", True)
    kept: list[object] = []
    gc.collect()
    allocate_much(kept)

    assert window.garbage.collect() == -1
    monkeypatch.undo()
    settled(window.session)
    assert window.garbage.collect() >= 0
