"""In Train the middle of the window shows runs and no images: nothing is done to what is not seen, and what is opened
is gone to."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, drop, press
from tests.ui.test_covered import all_work
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import LIMIT_S, handled, settled
from viewer.app import make_window
from viewer.project.project import Project
from viewer.ui.commands.buttons import CommandButton
from viewer.ui.run_page.page import RunPage
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette


def test_the_function_keys_lead_there_and_back(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_F7)
    handled()

    page = reading.pages.train.page("Run")
    assert isinstance(page, RunPage) and page.isVisible() and not reading.grid.isVisible()
    assert QApplication.focusWidget() is page, "the keys are the page's"
    press(reading, Qt.Key.Key_F5)
    handled()

    assert reading.grid.isVisible() and not page.isVisible() and not reading.session.covered
    assert QApplication.focusWidget() is reading.session.active_view


def test_no_key_does_anything_to_images_that_nobody_sees(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    press(window, Qt.Key.Key_F7)
    handled()
    before = all_work(window)
    bare = [*range(Qt.Key.Key_A, Qt.Key.Key_Z + 1), *range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)]
    named = (Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_PageDown, Qt.Key.Key_Comma,
             Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Escape)  # fmt: skip
    for key in (*map(Qt.Key, bare), *named):
        press(window, key)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Right):
        press(window, key, CTRL)
    handled()

    assert all_work(window) == before and window.session.workspace == "train"
    why = window.book.row("review.accept").why_not(window.session.situation())
    assert "F5, F6 or F8" in why


def test_a_series_that_is_opened_in_train_is_seen_where_the_person_came_from(reading: MainWindow, qtbot: QtBot) -> None:
    session = reading.session
    press(reading, Qt.Key.Key_F7)
    wanted = series_named(reading, "Series 2")
    press(reading, Qt.Key.Key_K, CTRL)
    (palette,) = reading.findChildren(Palette)
    QTest.keyClicks(palette.field, "Series 2")
    handled()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: session.workspace == "read" and reading.grid.isVisible())
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.series is wanted)


def test_a_folder_that_is_dropped_in_train_is_seen(window: MainWindow, studies_folder: Path, qtbot: QtBot) -> None:
    window.enter("annotate")
    press(window, Qt.Key.Key_F7)
    handled()
    drop(window, [studies_folder])

    qtbot.waitUntil(lambda: window.session.shown is not None)
    assert window.session.workspace == "annotate" and window.grid.isVisible()


def test_who_goes_to_train_while_a_folder_is_read_stays_there(
    window: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.session.scan_finished):
        window.session.open_paths([studies_folder])
        window.enter("train")
    settled(window.session)

    assert window.session.workspace == "train" and window.pages.train.isVisible()
    assert window.session.shown is not None, "it is there all the same"


def test_a_restart_in_train_is_in_train_with_the_case_of_last_time(
    qtbot: QtBot, home: Path, project_folder: Path, window: MainWindow
) -> None:
    window.session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: window.session.shown is not None)
    window.enter("train")
    window.close()

    again = make_window(settings=Settings(home / "window.ini"), author="tester")
    qtbot.waitUntil(lambda: again.session.shown is not None)
    settled(again.session)

    assert again.session.workspace == "train" and again.pages.train.isVisible()
    again.close()
    again.deleteLater()


def test_undo_in_train_shows_first_what_it_is_about(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    press(window, Qt.Key.Key_Return)
    session.edits.wait()
    settled(session)
    shown = session.shown
    assert shown is not None and shown.image_id is not None
    said = dict(session.at_hand.images.held[shown.image_id].image_labels)
    press(window, Qt.Key.Key_F7)
    press(window, Qt.Key.Key_Z, CTRL)
    session.edits.wait()
    settled(session)

    assert session.workspace == "review" and window.grid.isVisible()
    assert session.at_hand.images.held[shown.image_id].image_labels == said


def test_nothing_of_it_is_made_before_train_is_entered(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from viewer.app import make_application, make_window;"
        "from viewer.ui.state.settings import Settings; app = make_application(['x']);"
        f"window = make_window(settings=Settings(Path({str(tmp_path)!r}) / 'w.ini')); window.enter('review');"
        "print([name for name in sys.modules if 'run_page' in name or 'train_centre' in name]);"
        "window.enter('train'); print('viewer.ui.run_page.page' in sys.modules);"
        "sys.stdout.flush(); import os; os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=True)

    assert done.stdout.split("\n")[:2] == ["[]", "True"]


def test_a_project_that_is_entered_in_train_shows_its_runs(
    window: MainWindow, project_folder: Path, qtbot: QtBot
) -> None:
    window.enter("train")
    window.session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: window.session.shown is not None)
    settled(window.session)

    assert isinstance(window.session.project, Project) and window.session.project.folder == project_folder
    assert window.session.workspace == "train" and window.pages.train.isVisible()


def test_the_tool_bar_has_nothing_for_views_where_there_are_none(reading: MainWindow) -> None:
    bar = reading.bar
    rows = {f"button:{row.id}" for row in reading.book.rows.values() if row.toolbar in ("image", "layout")}
    of_views = [one for one in bar.findChildren(CommandButton) if one.objectName() in rows]
    assert bar.layout_button.isVisible() and any(one.isVisible() for one in of_views)

    press(reading, Qt.Key.Key_F7)
    handled()
    assert not bar.layout_button.isVisible() and not any(one.isVisible() for one in of_views)

    press(reading, Qt.Key.Key_F5)
    handled()
    assert bar.layout_button.isVisible() and any(one.isVisible() for one in of_views)
