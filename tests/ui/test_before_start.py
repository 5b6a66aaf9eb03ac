"""What is asked before a training: one look at a time, and what nobody waits for any more is stopped."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ml.before import Outlook
from ml.recipe import Recipe, default_recipe
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled, settled
from viewer.core.samples import SampleRule
from viewer.jobs import before_start as jobs_before_start
from viewer.ui.dialogs import before_start
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.look.theme import Theme


def test_the_newest_look_wins_and_none_works_beside_another(
    qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = default_recipe(task="t", kind="classification", labels=("a", "b"), model="simple_cnn", epochs=1)
    last = replace(first, epochs=3)
    began, working, most, epochs = Event(), [0], [0], []

    def look(folder: object, recipes: tuple, stopped: Callable[[], bool], _starts: object) -> Outlook:
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


def test_weights_are_read_once_however_often_the_epochs_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "start.safetensors"
    weights.write_bytes(b"one")
    recipe = default_recipe(
        task="t", kind="classification", labels=("a", "b"), model="simple_cnn", init=str(weights)
    )  # fmt: skip
    read: list[int] = []

    def of_its_start(folder: Path, asked: Recipe, rule: SampleRule, stopped: Callable[[], bool]) -> Outlook:
        read.append(asked.epochs)
        return Outlook(doubts=(f"reading {len(read)}",))

    monkeypatch.setattr(jobs_before_start, "of_its_start", of_its_start)
    starts = jobs_before_start.StartsRead()

    found = [starts.of(tmp_path, replace(recipe, epochs=number)) for number in (3, 4, 5)]
    assert (read, found[2].doubts) == ([3], ("reading 1",))

    weights.write_bytes(b"another")
    assert starts.of(tmp_path, recipe).doubts == ("reading 2",), "the file is another one"
    starts.of(tmp_path, replace(recipe, model="resnet18"))
    assert len(read) == 3, "another network is another question"
    starts.of(tmp_path, replace(recipe, model="resnet34"), stopped=lambda: True)
    starts.of(tmp_path, replace(recipe, model="resnet34"))
    assert len(read) == 5, "an answer that nobody waited for is none"


def test_what_speaks_against_a_run_and_that_it_is_looked_at_need_no_scrolling(
    scenes: Scenes,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, session = scenes.window, scenes.window.session
    session.set_theme(Theme(name="dark", font_scale=1.5))
    said, go_on = ("The start has seen 3 images of the test part, so its figures are too good.",), Event()

    def look(*_: object) -> Outlook:
        go_on.wait()
        return Outlook(doubts=said)

    monkeypatch.setattr(before_start, "look_before", look)
    monkeypatch.setattr(before_start.BeforeStart, "waits", property(lambda asks: "" if asks.found.doubts else "Reads."))
    dialog = TrainDialog(session, parent=window)
    dialog.show()
    try:
        scenes.bot.waitUntil(lambda: dialog.doubts.text() == "Reads.")
        handled()
        assert whole(dialog.looking) and whole(dialog.doubts) and not dialog.start.isEnabled()
    finally:
        go_on.set()
    scenes.bot.waitUntil(lambda: dialog.doubts.text() == said[0])
    settled(session)
    handled()

    assert whole(dialog.doubts) and not dialog.looking.isVisible()
    dialog.close()


def whole(widget: QWidget) -> bool:
    """Whether all of it is seen."""
    return widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect()
