"""The window lies on its screen, whole, however small the screen is and wherever it was left."""

from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.app import make_window
from viewer.ui.state.settings import Settings
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window import placement as window_place
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.placement import fitted, place

SCREENS = [QRect(0, 0, 1280, 720), QRect(0, 0, 1024, 768), QRect(0, 24, 1366, 700), QRect(-1600, 0, 1600, 1000)]


@pytest.mark.parametrize("room", SCREENS)
@pytest.mark.parametrize(
    "wanted",
    [QRect(0, 0, 1600, 1000), QRect(4000, 3000, 1200, 700), QRect(-900, -300, 3000, 400), QRect(50, 60, 700, 500)],
)
def test_a_rectangle_is_moved_and_made_smaller_until_it_lies_inside(room: QRect, wanted: QRect) -> None:
    lies = fitted(wanted, room)

    assert room.contains(lies)
    assert lies.size() == wanted.size().boundedTo(room.size())
    if room.contains(wanted):
        assert lies == wanted


@pytest.fixture
def left_elsewhere(qtbot: QtBot) -> QByteArray:
    """What a large window remembers that was closed at the right of a second screen."""
    other = QMainWindow()
    qtbot.addWidget(other)
    other.setGeometry(2600, 900, 2400, 1400)
    return other.saveGeometry()


@pytest.mark.parametrize("room", SCREENS[:3], ids=lambda room: f"{room.width()}x{room.height()}")
@pytest.mark.parametrize("is_remembered", [False, True])
def test_a_window_opens_inside_of_its_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, left_elsewhere: QByteArray, room: QRect, is_remembered: bool
) -> None:
    monkeypatch.setattr(window_place, "screen_room", lambda widget: room)
    window = QMainWindow()
    qtbot.addWidget(window)

    place(window, left_elsewhere if is_remembered else QByteArray())
    assert room.contains(window.geometry())  # also before it is shown: it does not jump
    with qtbot.waitExposed(window):
        window.show()
    handled()

    assert room.contains(window.frameGeometry())
    assert window.minimumWidth() <= room.width() and window.minimumHeight() <= room.height()


def test_every_work_space_fits_a_small_screen_down_to_its_status_bar(reading: MainWindow) -> None:
    window = reading
    window.setMinimumSize(800, 500)
    for scale in (1.0, 1.5):
        window.scale_text(scale - window.session.theme.font_scale)
        for space, size in product(WORKSPACES, [(1024, 768), (1280, 720)]):
            case = (space, size, scale)
            window.enter(space)
            window.resize(*size)
            handled()
            needed = window.minimumSizeHint()

            assert needed.width() <= size[0] and needed.height() <= size[1], (case, needed)
            status = window.statusBar()
            assert window.rect().contains(status.geometry()), case
            assert window.centralWidget().width() >= size[0] // 4, case
            for child in (window.centralWidget(), window.menuBar(), status):
                assert isinstance(child, QWidget) and window.rect().contains(child.geometry()), case


def test_no_panel_makes_the_window_larger_however_large_it_is_itself(reading: MainWindow) -> None:
    for space in WORKSPACES:
        no_panel_makes_the_window_larger(reading, space)


def no_panel_makes_the_window_larger(window: MainWindow, space: str) -> None:
    """What was put into the panels is taken out in the end: some stand in several work spaces."""
    window.enter(space)
    handled()
    sides = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    docks = [dock for dock in window.findChildren(QDockWidget) if dock.isVisible()]
    held = [dock.widget().widget() for dock in docks if window.dockWidgetArea(dock) in sides]
    # Review's findings scroll within themselves; the test above looks at their room.
    panels = [panel for panel in held if not getattr(panel, "keeps_whole", False)]
    assert panels, space
    before = window.minimumSizeHint()

    put_in = [QWidget() for _ in panels]
    for panel, large in zip(panels, put_in, strict=True):
        large.setMinimumSize(1500, 1500)
        panel.layout().addWidget(large)
    handled()
    assert all(panel.minimumSizeHint().width() >= 1500 for panel in panels), space

    assert window.minimumSizeHint().width() == before.width(), space
    assert window.minimumSizeHint().height() <= 720, space
    for large in put_in:
        large.setParent(None)
    handled()
    assert all(panel.minimumSizeHint().width() < 1500 for panel in panels), space


def test_a_geometry_from_another_screen_opens_on_this_one(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch, left_elsewhere: QByteArray
) -> None:
    room = QRect(0, 0, 1280, 720)
    monkeypatch.setattr(window_place, "screen_room", lambda widget: room)
    settings = Settings(home / "window.ini")
    settings.geometry = left_elsewhere

    window = make_window(settings=settings, author="tester")
    qtbot.waitUntil(lambda: window.session.project is not None)
    handled()

    assert room.contains(window.frameGeometry())
    window.close()
    window.deleteLater()
