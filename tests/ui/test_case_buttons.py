"""Skip and Complete are seen with what is on the image, and with the history, also where one lies behind the other."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from tests.ui.test_docks_kept import annotating
from tests.waiting import handled, settled
from viewer.ui.look.row_painting import KeyButton


@pytest.mark.parametrize("front", ["on_image", "history"])
@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)], ids=["tabbed", "both"])
def test_the_buttons_of_the_case_are_seen_once_and_work(
    qtbot: QtBot, home: Path, project_folder: Path, size: tuple[int, int], front: str
) -> None:
    window = annotating(qtbot, home, project_folder, size)
    window.show()
    dock = window.findChild(QDockWidget, f"dock:{front}")
    assert isinstance(dock, QDockWidget)
    dock.raise_()
    handled()

    def seen(words: str) -> list[KeyButton]:
        buttons = [one for one in window.findChildren(KeyButton) if one.text() == words]
        return [one for one in buttons if not one.visibleRegion().isEmpty()]

    qtbot.waitUntil(lambda: len(seen("Skip")) == len(seen("Complete")) == 1)
    session = window.session
    assert session.shown is not None
    first = session.shown.case_id
    QTest.mouseClick(seen("Skip")[0], Qt.MouseButton.LeftButton)
    settled(session)
    assert session.shown.case_id != first
