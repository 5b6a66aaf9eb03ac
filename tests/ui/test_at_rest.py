"""What nobody waits for begins once the window's thread has come to rest: while a picture for a row was made, each step
of a paint waited for the interpreter."""

import gc
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import settled, until
from viewer.ui.flows.cases.pictures import CasePictures
from viewer.ui.flows.desk import Desk
from viewer.ui.state.at_rest import AtRest
from viewer.ui.state.latest import Latest
from viewer.ui.state.worker import Worker
from viewer.ui.window.main_window import MainWindow


class Painted(QWidget):
    """Notes its paints; the first of them asks for another."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told = told

    def paintEvent(self, event: QPaintEvent) -> None:
        self._told.append("paint")
        if self._told.count("paint") == 1:
            QTimer.singleShot(0, self, self.update)


@pytest.fixture
def painted(qtbot: QtBot) -> tuple[Painted, list[str]]:
    told: list[str] = []
    widget = Painted([])
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    qtbot.waitUntil(lambda: widget._told.count("paint") >= 2)
    widget._told = told
    return widget, told


class Submitted:
    """Stands for a pool of threads and notes what it is given."""

    def __init__(self, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self._submit = 0, worker._pool.submit
        monkeypatch.setattr(worker._pool, "submit", self)

    def __call__(self, function: Callable[..., Any], *values: Any) -> "Future[Any]":
        self.count += 1
        return self._submit(function, *values)


def test_what_can_wait_comes_after_the_paints_that_are_due(painted: tuple[Painted, list[str]], qtbot: QtBot) -> None:
    widget, told = painted
    rest = AtRest(widget)

    rest.then(lambda: told.append("rest"))
    rest.then(lambda: told.append("and more"))
    widget.update()

    assert rest.is_waiting
    qtbot.waitUntil(lambda: "and more" in told)
    assert told == ["paint", "paint", "rest", "and more"]
    assert not rest.is_waiting


def test_a_window_that_never_rests_holds_nothing_up_for_ever(qtbot: QtBot) -> None:
    parent, told = QObject(), []
    rest, always = AtRest(parent), QTimer(parent, interval=0)
    always.timeout.connect(lambda: rest.then(lambda: None))  # each begins the counting of turns anew
    always.start()

    rest.then(lambda: told.append("came"))

    qtbot.waitUntil(lambda: bool(told))
    always.stop()
    rest.close()
    parent.deleteLater()


def test_a_job_at_rest_is_work_until_it_is_done(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, found = Worker(), []
    submitted = Submitted(worker, monkeypatch)

    worker.start(lambda: 7, found.append, found.append, at_rest=True)

    assert (submitted.count, worker.is_busy) == (0, True)
    qtbot.waitUntil(lambda: not worker.is_busy)
    assert (submitted.count, found) == (1, [7])
    worker.start(lambda: 8, found.append, found.append, at_rest=True)
    worker.close()  # what has not begun is dropped
    assert submitted.count == 1


def test_pictures_of_rows_and_questions_of_panels_begin_at_rest(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session, answers = shown_case, []
    settled(session)
    record = next(held.record for held in session.at_hand.held.values() if held.record is not None)
    pictures = CasePictures(session)
    latest = Latest(session, answers.append, session)
    submitted = Submitted(session.worker, monkeypatch)

    assert pictures.picture(record) is None
    latest.ask(lambda project: project.folder)

    assert submitted.count == 0
    settled(session)
    assert submitted.count == 2
    assert (pictures.made, len(answers)) == (1, 1)


def test_neighbours_are_read_once_the_case_is_painted(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(shown_case)
    read, asked = shown_case.worker.start_read, []
    monkeypatch.setattr(shown_case.worker, "start_read", lambda *given: (asked.append(1), read(*given))[1])

    shown_case.case_step(1)

    assert shown_case.cases.is_looking_ahead
    assert asked == []
    settled(shown_case)
    assert not shown_case.cases.is_looking_ahead


def test_what_is_let_go_is_not_looked_through_for_garbage(window: MainWindow) -> None:
    """A hundred thousand objects on their way out took the window's thread 45 ms."""
    go_on = threading.Event()

    class Change:
        def __del__(self) -> None:
            go_on.wait()

    worker, kept = window.session.worker, []
    settled(window.session)
    gc.collect()
    worker.discard([Change()])
    kept += [[] for _ in range(5000)]
    try:
        assert worker.is_discarding
        assert window.garbage.collect() == -1
    finally:
        go_on.set()
    settled(window.session)
    until(lambda: not worker.is_discarding, "the end of letting go")
    assert window.garbage.collect() >= 0


def test_of_neighbours_that_arrive_the_commands_are_not_told(shown_case: Desk) -> None:
    """They followed twice for each key: once for what is shown, once for what is beside it."""
    session, told = shown_case, []
    settled(session)
    session.situation_changed.connect(told.append)
    here = session.shown
    assert here is not None and here.image_id is not None and here.case_id is not None
    others = [case_id for case_id in session.at_hand.cases.rows if case_id != here.case_id]

    session.keeping.arrived.emit(frozenset({"another"}), frozenset(others))
    settled(session)
    assert told == []

    session.keeping.arrived.emit(frozenset(), frozenset({here.case_id}))
    settled(session)
    assert len(told) == 1
