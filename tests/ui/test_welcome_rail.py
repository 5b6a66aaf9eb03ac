"""The lit rail is there for what hangs from it."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.ui.state.settings import Settings
from viewer.ui.window.welcome import WelcomePage


def test_without_anything_recent_there_is_no_rail(qtbot: QtBot, home: Path) -> None:
    window = make_window([], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(window)
    page = window.findChild(WelcomePage)
    assert page is not None
    page.show_recent()

    assert page.rail.isHidden()
