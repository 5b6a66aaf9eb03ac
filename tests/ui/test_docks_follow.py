"""A dock that lists more than when it was put gets the room for it; one that a hand has changed stays."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.project.edit_builders import add_label
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path) -> MainWindow:
    made = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    made.enter("annotate")
    settled(made.session)
    return made


def add_labels(window: MainWindow, count: int) -> None:
    session = window.session
    for number in range(count):
        assert session.do(add_label(f"Label {number}", "region", session.at_hand.labels))
    settled(session)
    handled()


def test_labels_that_come_after_the_start_get_their_room(annotating: MainWindow) -> None:
    """The window began with two labels; the whole-image ones below were half covered, and the journal stood empty."""
    dock, panel = annotating.docks._docks["labels"], annotating.docks.panel("labels")
    before = dock.height()

    add_labels(annotating, 6)

    assert dock.height() > before
    assert dock.widget().height() >= panel.sizeHint().height()


def test_a_dock_that_a_hand_has_changed_stays(annotating: MainWindow) -> None:
    docks = annotating.docks._docks
    upper, lower = docks["labels"], docks["on_image"]
    annotating.resizeDocks([upper, lower], [upper.height() - 40, lower.height() + 40], Qt.Orientation.Vertical)
    handled()
    by_hand = upper.height()

    add_labels(annotating, 6)

    assert upper.height() == by_hand
