"""The window: opening, work spaces, themes, its trace and its end; by mouse and keys."""

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import drop, press
from tests.waiting import LIMIT_S
from viewer.app import make_window
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


# Opening
def test_a_folder_dropped_on_the_window_is_opened(window: MainWindow, studies_folder: Path, qtbot: QtBot) -> None:
    drop(window, [studies_folder])

    qtbot.waitUntil(lambda: window.session.shown is not None)
    assert {patient.patient_id for patient in window.session.opening.patients} == {"ONE", "TWO2", "FILMS"}


def test_a_file_that_is_no_image_is_named_in_the_banner_and_the_report(reading: MainWindow) -> None:
    assert "notes.dcm" in reading.banner.sentence

    reading.show_report()

    listed = reading.docks.panel("report").list
    assert [listed.topLevelItem(place).text(0) for place in range(listed.topLevelItemCount())] == ["notes.dcm"]


def test_a_study_of_two_films_opens_side_by_side(window: MainWindow, studies_folder: Path, qtbot: QtBot) -> None:
    window.session.open_paths([studies_folder / "films"])

    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in window.grid.cells))
    assert [len(cell.series.frames) for cell in window.grid.cells if cell.series] == [1, 1]
    assert window.grid.layout_name == "1x2"


def test_an_empty_folder_is_said_in_one_sentence(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "empty").mkdir()

    with qtbot.waitSignal(window.session.scan_finished):
        window.session.open_paths([tmp_path / "empty"])

    assert "No image was found" in window.banner.sentence


def test_the_same_folder_opens_where_it_was_left(
    qtbot: QtBot, home: Path, studies_folder: Path, window: MainWindow
) -> None:
    window.session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: window.session.shown is not None)
    window.session.open_series(series_named(window, "Series 2"))
    window.session.active_cell.go(4)
    window.close()

    again = make_window([studies_folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.waitUntil(lambda: again.session.shown is not None)

    assert again.session.active_cell.series.description == "Series 2"
    assert again.session.active_cell.index == 4
    again.close()
    again.deleteLater()


def test_what_was_opened_hangs_from_the_rail(reading: MainWindow, studies_folder: Path) -> None:
    reading.show_welcome()

    assert reading.session.settings.recent[0].path == str(studies_folder)


# Work spaces
def test_function_keys_change_the_work_space(reading: MainWindow) -> None:
    for key, space in (("F6", "annotate"), ("F7", "train"), ("F8", "review"), ("F5", "read"), ("F5", "read")):
        press(reading, getattr(Qt.Key, f"Key_{key}"))

        assert reading.session.workspace == space, key


def test_each_work_space_keeps_its_own_panels(reading: MainWindow) -> None:
    assert reading.docks.is_open("window_level")
    reading.book.run("window.window_level")
    reading.enter("annotate")
    assert reading.docks.is_open("labels")

    reading.enter("read")

    assert not reading.docks.is_open("window_level")
    assert not reading.docks.is_open("labels")
    reading.book.run("window.reset_layout")
    assert reading.docks.is_open("window_level")


def test_leaving_a_work_space_brings_its_own_tool_back(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_L)
    reading.enter("annotate")
    assert reading.session.tool == "select"
    press(reading, Qt.Key.Key_B)

    reading.enter("read")
    assert reading.session.tool == "length"
    reading.enter("annotate")
    assert reading.session.tool == "box"


def test_both_themes_can_be_chosen_while_an_image_is_shown(reading: MainWindow) -> None:
    reading.book.run("view.theme_light")
    assert reading.session.theme.name == "light"
    light = QApplication.instance().styleSheet()

    reading.book.run("view.theme_dark")

    assert QApplication.instance().styleSheet() != light


# Trace and closing
def test_the_trace_tells_window_first_image_series_and_paints(qtbot: QtBot, home: Path, studies_folder: Path) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    window = make_window(
        [studies_folder / "one" / "s1"],
        settings=Settings(home / "w.ini"),
        trace=lambda event, **facts: told.append((event, facts)),
    )

    qtbot.waitUntil(lambda: {"series_loaded", "paint"} <= {event for event, _ in told})

    order = [event for event, _ in told]
    assert order.index("window_shown") < order.index("first_image")
    paint = next(facts for event, facts in told if event == "paint")
    assert set(paint) == {"cause", "ms"}
    assert json.dumps(paint)
    window.close()
    window.deleteLater()


def test_closing_while_a_scan_runs_ends_at_once(window: MainWindow, studies_folder: Path) -> None:
    window.session.open_paths([studies_folder])

    window.close()

    assert not window.isVisible()


def test_the_sample_study_opens_without_the_masks_that_are_its_solution(
    window: MainWindow, sample: Path, qtbot: QtBot
) -> None:
    window.session.open_paths([sample])

    qtbot.waitUntil(lambda: window.session.shown is not None)
    assert {one.folder.name for one in window.session.series_list()}.isdisjoint({"masks"})
    # The first image may stand there while the rest is still being read.
    qtbot.waitUntil(lambda: not window.session.opening.scanning)
    assert {one.folder.name for one in window.session.series_list()}.isdisjoint({"masks"})
    assert window.session.active_cell.series.is_volume


def test_the_first_paint_waits_for_no_heavy_library(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from viewer.app import make_application, make_window;"
        "from viewer.ui.state.settings import Settings; app = make_application(['x']);"
        f"make_window(settings=Settings(Path({str(tmp_path)!r}) / 'w.ini'));"
        "heavy = 'torch', 'pyqtgraph', 'pydicom', 'imagecodecs', 'skimage', 'scipy', 'sqlalchemy';"
        "print([name for name in heavy if name in sys.modules]);"
        "sys.stdout.flush(); import os; os._exit(0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=True)

    assert done.stdout.strip() == "[]"
