"""The guard of tests/window_thread.py sees what it is there for."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.waiting import settled, until
from tests.window_thread import refusing
from viewer.app import make_window
from viewer.ui.flows import drawing
from viewer.ui.state.coming import when_done
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


def _window(qtbot: QtBot, home: Path, project_folder: Path) -> MainWindow:
    window = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.session.shown is not None and window.session.shown.case_id is not None)
    settled(window.session)
    return window


def test_a_read_by_the_window_is_refused(
    qtbot: QtBot, home: Path, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a line of `viewer/ui` that asks the database, where the views are given tool and label."""
    window = _window(qtbot, home, project_folder)
    planted: dict[str, object] = {}
    lines = "def arm_all(self, *_):\n    self._session.project.images.count()\n"
    exec(compile(lines, drawing.__file__, "exec"), planted)  # the line above
    monkeypatch.setattr(drawing.Drawing, "arm_all", planted["arm_all"])
    with refusing() as refused, pytest.raises(AssertionError, match="drawing.py:2 arm_all".replace(".", "[.]")):
        window.session.drawing.arm_all()
    assert len(refused) == 1


def test_a_test_may_look_itself(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = _window(qtbot, home, project_folder)
    assert window.session.project is not None
    assert window.session.project.cases.all()


def test_a_wait_of_the_window_for_a_thread_is_refused(
    qtbot: QtBot, home: Path, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a line of `viewer/ui` that waits for what the reader's thread has begun."""
    window = _window(qtbot, home, project_folder)
    planted: dict[str, object] = {}
    lines = "def arm_all(self, *_):\n    return self._session.worker.start_read(waiting.wait).result()\n"
    waiting = threading.Event()
    exec(compile(lines, drawing.__file__, "exec"), {"waiting": waiting}, planted)  # the line above
    monkeypatch.setattr(drawing.Drawing, "arm_all", planted["arm_all"])
    with refusing() as refused, pytest.raises(AssertionError, match=r"Waiting for a background thread .*arm_all"):
        window.session.drawing.arm_all()
    waiting.set()
    assert len(refused) == 1


def test_a_window_that_comes_after_a_thread_goes_on_meanwhile(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = _window(qtbot, home, project_folder)
    waiting, turns = threading.Event(), []

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 5:
            waiting.set()

    timer = QTimer()
    timer.timeout.connect(turn)
    timer.start(0)

    with refusing():
        assert when_done(window.session.worker.start_read(waiting.wait)) is True
        timer.stop()
        assert len(turns) >= 5, "a held-up loop would never have set it"

        def fails() -> None:
            raise ValueError("as it was raised")

        with pytest.raises(ValueError, match="as it was raised"):
            when_done(window.session.worker.start_read(fails))
        done = window.session.worker.start_read(lambda: 3)
        until(done.done, "the reader's answer")
        assert when_done(done) == 3


def test_nothing_that_is_to_be_deleted_goes_while_a_thread_is_waited_for(
    qtbot: QtBot, home: Path, project_folder: Path
) -> None:
    """A window that is being closed waits for its last gesture, and its views are told of it."""
    window = _window(qtbot, home, project_folder)
    waiting, label = threading.Event(), QLabel("still there")
    label.deleteLater()
    QTimer.singleShot(0, waiting.set)

    when_done(window.session.worker.start_read(waiting.wait))
    assert isValid(label)
