"""Cyclic garbage is collected on the window's thread, and only while the window is open."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from viewer.ui.window.garbage import Garbage
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
    made = Garbage(parent)
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
    garbage = Garbage(parent, lambda: growing[0])
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
