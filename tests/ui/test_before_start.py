"""What is asked before a training: one look at a time, and what nobody waits for any more is stopped."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ml.before import Outlook
from ml.recipe import default_recipe
from viewer.jobs import before_start as jobs_before_start
from viewer.ui.dialogs import before_start
from viewer.ui.flows.desk import Desk


def test_the_newest_look_wins_and_none_works_beside_another(
    qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = default_recipe(task="t", kind="classification", labels=("a", "b"), model="simple_cnn", epochs=1)
    last = replace(first, epochs=3)
    began, working, most, epochs = Event(), [0], [0], []

    def look(folder: object, recipes: tuple, stopped: Callable[[], bool]) -> Outlook:
        epochs.append(recipes[0].epochs)
        working[0] += 1
        most[0] = max(most[0], working[0])
        began.set()
        while recipes[0] == first and not stopped():
            pass
        working[0] -= 1
        return Outlook(doubts=(f"{recipes[0].epochs} epochs",))

    monkeypatch.setattr(before_start, "look_before", look)
    asks = before_start.BeforeStart(session, QObject(session))
    asks.ask([first])
    qtbot.waitUntil(began.is_set)

    for number in (2, 3):
        asks.ask([replace(first, epochs=number)])

    qtbot.waitUntil(lambda: asks.known([last]) is not None)
    assert asks.found.doubts == ("3 epochs",) and asks.known([first]) is None
    assert most == [1] and epochs == [1, 3]


def test_the_child_that_reads_weights_for_nobody_is_ended() -> None:
    words = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE)

    with pytest.raises(subprocess.TimeoutExpired):
        jobs_before_start._said(child, lambda: True)

    assert child.returncode is not None
