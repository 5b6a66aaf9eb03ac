"""What the first image needs is made while the window waits, and never in the way of what was opened."""

import sys

from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.ui.window.main_window import MainWindow


def test_panels_and_reading_threads_are_there_before_anything_is_opened(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.warming.done):
        pass

    assert not window.docks.prepare("read"), "all are there"
    assert not [name for name, _ in window.docks.titles() if window.docks.is_open(name)]
    assert window.session.frames.store_if_made is not None
    assert "viewer.reading.image_id" in sys.modules
    assert window.is_waiting


def test_it_ends_when_a_person_goes_on(window: MainWindow) -> None:
    ended: list[bool] = []
    window.warming.done.connect(lambda: ended.append(True))

    window.enter("annotate")
    window.warming._begin()  # as when its time comes
    settled(window.session)

    assert not ended
    assert window.docks.prepare("read"), "a panel of Read is still to be made"
