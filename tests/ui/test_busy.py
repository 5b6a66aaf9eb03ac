"""At work until its end was told: else whoever waits for rest goes on before what it waited for has arrived."""

import threading
from concurrent.futures import Future
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.waiting import LIMIT_S, until
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.ui.flows.desk import Desk
from viewer.ui.state.worker import Worker


@pytest.mark.parametrize("start", ["start_read", "start_write"])
def test_a_worker_is_busy_until_the_end_of_a_reading_was_told(qtbot: QtBot, start: str) -> None:
    worker, telling, go_on = Worker(), threading.Event(), threading.Event()

    def told(_: "Future[Any]") -> None:
        telling.set()
        assert go_on.wait(LIMIT_S)

    begin = threading.Event()
    getattr(worker, start)(lambda: begin.wait(LIMIT_S), told)
    begin.set()
    assert telling.wait(LIMIT_S)

    assert worker.is_busy
    go_on.set()
    until(lambda: not worker.is_busy, "rest")
    worker.close()


def test_a_gesture_is_pending_until_it_was_told(shown_case: Desk) -> None:
    """Its commit is over and the window has not heard of it: nothing in the window says so yet."""
    shown, writing = shown_case.shown, threading.Event()
    assert shown is not None and shown.image_id is not None
    shown_case.edits.wait()
    shown_case.worker.start_write(lambda: writing.wait(LIMIT_S))  # the gesture comes after it
    shown_case.do(add_annotation(shown.image_id, "Square", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9), author="tester"))
    writing.set()
    until(lambda: not shown_case.worker.is_writing, "the commit")

    assert shown_case.edits.is_pending
    shown_case.edits.wait()
    assert not shown_case.edits.is_pending
