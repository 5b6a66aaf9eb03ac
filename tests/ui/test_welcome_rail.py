"""The lit rail is there for what hangs from it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401  # a fixture
from tests.waiting import handled
from viewer.app import make_window
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.welcome import WelcomePage
from viewer.ui.window.welcome_cards import Card, DropCard, RecentCard


def test_without_anything_recent_there_is_no_rail(qtbot: QtBot, home: Path) -> None:
    window = make_window([], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(window)
    page = window.findChild(WelcomePage)
    assert page is not None
    page.show_recent()

    assert page.rail.isHidden()


@pytest.mark.usefixtures("program_fonts")
def test_what_hangs_from_the_rail_is_seen_whole_on_the_smallest_screen(reading: MainWindow) -> None:
    reading.resize(1280, 720)
    reading.show_welcome()
    handled()

    films = [
        one for one in reading.welcome.findChildren(Card) if isinstance(one, RecentCard | DropCard) and one.isVisible()
    ]
    assert len(films) == 2
    for film in films:
        assert film.visibleRegion().boundingRect() == film.rect(), film.accessibleName()
    small = films[0].height()
    reading.resize(1600, 1000)
    handled()
    assert films[0].height() > small and films[0].visibleRegion().boundingRect() == films[0].rect()
