"""A layout that was kept for another window is divided anew, by a hand it stays; no stray line beside the tabs."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QTabBar
from pytestqt.qtbot import QtBot

from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.project.edit_builders import add_label
from viewer.ui.state.settings import Settings
from viewer.ui.window.docks.docks import Docks
from viewer.ui.window.docks.shared_height import MOVED_PX
from viewer.ui.window.main_window import MainWindow


def annotating(qtbot: QtBot, home: Path, folder: Path, size: tuple[int, int]) -> MainWindow:
    made = make_window([folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(made)
    made.resize(*size)
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    made.enter("annotate")
    handled()
    return made


@pytest.mark.parametrize(("size", "times"), [((1600, 1000), 0), ((1280, 720), 1)])
def test_a_layout_of_another_window_is_divided_anew(
    qtbot: QtBot,
    home: Path,
    project_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    times: int,
) -> None:
    window = annotating(qtbot, home, project_folder, (1600, 1000))
    window.docks.leave()
    handled()
    divided: list[int] = []
    monkeypatch.setattr(Docks, "_size_for_text", lambda _: divided.append(1))
    window.resize(*size)
    window.docks.enter("annotate")
    handled()

    assert len(divided) == times


def test_no_line_stands_beside_the_tabs_of_docks(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = annotating(qtbot, home, project_folder, (1280, 720))
    bars = [one for one in window.findChildren(QTabBar) if one.parent() is window]

    assert bars
    assert not any(bar.drawBase() for bar in bars)


def _upper(window: MainWindow) -> QDockWidget:
    return window.docks._standing("right")[0]


def _longer(window: MainWindow) -> int:
    """The height of the uppermost dock once its list has become longer."""
    session = window.session
    for number in range(14):
        assert session.do(add_label(f"Label {number} of {len(session.labels)}", "region", session.labels))
    settled(session)
    return _upper(window).height()


def test_what_a_hand_has_divided_stays_also_after_a_restart(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = annotating(qtbot, home, project_folder, (1600, 1000))
    settled(window.session)
    as_it_comes_px = _upper(window).height()
    window.resizeDocks([_upper(window)], [as_it_comes_px + 60], Qt.Orientation.Vertical)
    handled()
    hand_px = _upper(window).height()
    assert hand_px > as_it_comes_px + MOVED_PX
    window.close()
    handled()

    again = annotating(qtbot, home, project_folder, (1600, 1000))
    settled(again.session)
    assert _upper(again).height() == hand_px
    assert _longer(again) == hand_px, "a longer list takes no room from what a hand has divided"
    again.docks.reset()
    settled(again.session)
    assert _longer(again) > hand_px, "as they come the docks follow what they list"
    again.close()
