"""Which project is open: said in the window, and the same one after a restart."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import press
from viewer.app import make_window
from viewer.project.project import Project
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

Start = Callable[..., MainWindow]


@pytest.fixture
def start(qtbot: QtBot, home: Path) -> Iterator[Start]:
    """Starts the window with the settings that stay, after closing the one before."""
    made: list[MainWindow] = []

    def run(*paths: Path) -> MainWindow:
        if made:
            made[-1].close()
        window = make_window(paths, settings=Settings(home / "window.ini"), author="tester")
        made.append(window)
        qtbot.waitUntil(lambda: window.session.project is not None)
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield run
    made[-1].close()
    for window in made:
        window.deleteLater()


def project_in(window: MainWindow) -> tuple[str, str]:
    """What the status bar says, and its tool tip."""
    label = window.statusBar().project
    assert label.isVisibleTo(window)
    return label.text(), label.toolTip()


def test_the_open_project_is_named_in_the_status_bar_the_cases_and_the_title(
    start: Start, project_folder: Path
) -> None:
    window = start(project_folder)

    words, tip = project_in(window)
    assert words == "Project: Films"
    assert str(project_folder) in tip
    cases = window.docks.panel("cases").project
    assert cases.text() == "Project: Films"
    assert str(project_folder) in cases.toolTip()
    assert window.windowTitle() == "Project: Films · Negatoscope"


def test_the_personal_project_is_named_too(start: Start, home: Path) -> None:
    window = start()

    words, tip = project_in(window)
    assert words == "Personal project"
    assert str(window.session.project.folder) in tip
    assert str(home) in tip
    assert window.windowTitle() == "Personal project · Negatoscope"


def test_a_start_opens_the_project_of_the_last_time(start: Start, project_folder: Path) -> None:
    start(project_folder)

    again = start()

    assert project_in(again)[0] == "Project: Films"
    press(again, Qt.Key.Key_F6)
    assert len(again.docks.panel("cases").case_ids) == 8


def test_images_of_the_command_line_open_beside_the_project_of_the_last_time(
    start: Start, project_folder: Path, studies_folder: Path, qtbot: QtBot
) -> None:
    start(project_folder)

    again = start(studies_folder)
    qtbot.waitUntil(lambda: again.session.shown is not None)

    assert project_in(again)[0] == "Project: Films"
    assert again.session.shown.case_id is None


def test_a_project_that_is_gone_is_named_and_the_personal_one_is_open(start: Start, project_folder: Path) -> None:
    start(project_folder).close()
    shutil.rmtree(project_folder)

    again = start()

    assert project_in(again)[0] == "Personal project"
    assert str(project_folder) in again.banner.sentence
    assert "personal project" in again.banner.sentence


def test_a_project_that_is_damaged_is_named_and_the_personal_one_is_open(start: Start, project_folder: Path) -> None:
    start(project_folder).close()
    (project_folder / "project.db").write_bytes(b"")

    again = start()

    assert project_in(again)[0] == "Personal project"
    assert str(project_folder) in again.banner.sentence


def test_a_project_that_came_back_is_open_again(start: Start, project_folder: Path, tmp_path: Path) -> None:
    start(project_folder).close()
    away = project_folder.rename(tmp_path / "unplugged")
    start()
    away.rename(project_folder)

    assert project_in(start())[0] == "Project: Films"


def test_a_project_that_another_window_writes_to_is_opened_for_reading(start: Start, project_folder: Path) -> None:
    start(project_folder).close()
    with Project.open(project_folder, writable=True):
        again = start()

        assert project_in(again)[0] == "Project: Films"
        assert again.session.project.read_only
        assert "for reading only" in again.banner.sentence


def test_the_way_back_to_the_personal_project_stays_after_a_restart(
    start: Start, project_folder: Path, qtbot: QtBot
) -> None:
    window = start(project_folder)

    window.book.run("file.personal_project")
    qtbot.waitUntil(lambda: project_in(window)[0] == "Personal project")

    assert project_in(start())[0] == "Personal project"
