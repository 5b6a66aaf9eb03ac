"""A layout that was kept for another window is divided anew; no stray line stands beside the tabs of docks."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.app import make_window
from viewer.ui.state.settings import Settings
from viewer.ui.window.docks.docks import Docks
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
