"""The window: opening, moving, layouts, work spaces, keys, banners; by mouse and keys."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.core.pixels import Window
from viewer.ui.settings import Settings
from viewer.ui.views_cell import series_mime
from viewer.ui.window import MainWindow
from viewer.ui.window_keys import key_names


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key, where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)


def drop(window: MainWindow, paths: list[Path]) -> None:
    """Files let go over the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def shown_window(window: MainWindow) -> Window:
    found = window.session.active_view.window
    assert isinstance(found, Window)
    return found


def series(window: MainWindow, text: str) -> object:
    return next(one for one in window.session.series_list() if one.description == text)


# Opening


def test_a_folder_dropped_on_the_window_is_opened(window: MainWindow, studies_folder: Path, qtbot: QtBot) -> None:
    drop(window, [studies_folder])

    qtbot.waitUntil(lambda: window.session.shown is not None, timeout=10000)
    assert {patient.patient_id for patient in window.session.opening.patients} == {"ONE", "TWO2", "FILMS"}


def test_a_file_that_is_no_image_is_named_in_the_banner_and_the_report(reading: MainWindow) -> None:
    assert "notes.dcm" in reading.banner.sentence

    reading.show_report()

    listed = reading.docks.panel("report").list
    assert [listed.topLevelItem(place).text(0) for place in range(listed.topLevelItemCount())] == ["notes.dcm"]


def test_a_study_of_two_films_opens_side_by_side(window: MainWindow, studies_folder: Path, qtbot: QtBot) -> None:
    window.session.open_paths([studies_folder / "films"])

    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in window.grid.cells), timeout=10000)
    assert [len(cell.series.frames) for cell in window.grid.cells if cell.series] == [1, 1]
    assert window.grid.layout_name == "1x2"


def test_an_empty_folder_is_said_in_one_sentence(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "empty").mkdir()

    with qtbot.waitSignal(window.session.scan_finished, timeout=5000):
        window.session.open_paths([tmp_path / "empty"])

    assert "No image was found" in window.banner.sentence


def test_the_same_folder_opens_where_it_was_left(
    qtbot: QtBot, home: Path, studies_folder: Path, window: MainWindow
) -> None:
    window.session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: window.session.shown is not None, timeout=10000)
    window.session.open_series(series(window, "Series 2"))  # type: ignore[arg-type]
    window.session.active_cell.go(4)
    window.close()

    again = make_window([studies_folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.waitUntil(lambda: again.session.shown is not None, timeout=10000)

    assert again.session.active_cell.series.description == "Series 2"
    assert again.session.active_cell.index == 4
    again.close()
    again.deleteLater()


def test_what_was_opened_hangs_from_the_rail(reading: MainWindow, studies_folder: Path) -> None:
    reading.show_welcome()

    assert reading.session.settings.recent[0].path == str(studies_folder)


# Keys


def test_digits_choose_window_presets_in_read(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_2)

    assert (shown_window(reading).center, shown_window(reading).width) == (-600, 1500)

    press(reading, Qt.Key.Key_0)
    assert (shown_window(reading).center, shown_window(reading).width) == (-600, 900)


def test_letters_typed_into_a_field_fire_nothing(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)

    for key in (Qt.Key.Key_I, Qt.Key.Key_L, Qt.Key.Key_2):
        press(reading, key)

    assert field.text() == "il2"
    assert not reading.session.active_view.inverted
    assert reading.session.tool == "window"


def test_arrows_move_through_the_series_and_home_and_end_go_to_its_ends(reading: MainWindow) -> None:
    cell = reading.session.active_cell
    before = cell.index

    press(reading, Qt.Key.Key_Down)
    assert cell.index == before + 1
    press(reading, Qt.Key.Key_Up)
    press(reading, Qt.Key.Key_Up)
    assert cell.index == before - 1
    press(reading, Qt.Key.Key_End)
    assert cell.index == 5
    press(reading, Qt.Key.Key_Home)
    assert cell.index == 0


def test_page_keys_go_from_series_to_series(reading: MainWindow) -> None:
    order = [one.series_id for one in reading.session.series_list()]
    reading.session.open_series(reading.session.series_list()[0])

    press(reading, Qt.Key.Key_PageDown)

    assert reading.session.active_cell.series.series_id == order[1]
    press(reading, Qt.Key.Key_PageUp)
    assert reading.session.active_cell.series.series_id == order[0]


def test_a_held_key_lends_its_tool_and_gives_the_old_one_back(reading: MainWindow, qtbot: QtBot) -> None:
    view = reading.session.active_view
    press(reading, Qt.Key.Key_L)
    assert view.tool_name == "length"

    QTest.keyPress(view, Qt.Key.Key_W)
    assert view.tool_name == "window"
    qtbot.wait(400)  # longer than a tap
    QTest.keyRelease(view, Qt.Key.Key_W)

    assert view.tool_name == "length"
    assert reading.session.tool == "length"


def test_a_tapped_key_arms_its_tool(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_L)

    press(reading, Qt.Key.Key_W)

    assert reading.session.tool == "window"


def key_event(key: int, scan_code: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QKeyEvent:
    return QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers, scan_code, 0, 0)


@pytest.mark.skipif("linux" not in __import__("sys").platform, reason="evdev key codes")
def test_the_digit_row_of_a_french_keyboard_needs_no_shift() -> None:
    unshifted = key_names(key_event(Qt.Key.Key_Ampersand, 10))
    shifted = key_names(key_event(Qt.Key.Key_1, 10, Qt.KeyboardModifier.ShiftModifier))

    assert "1" in unshifted
    assert shifted[0] == "Shift+1"


@pytest.mark.skipif("linux" not in __import__("sys").platform, reason="evdev key codes")
def test_letters_go_by_what_is_printed_on_the_key() -> None:
    french_a = key_names(key_event(Qt.Key.Key_A, 24))  # where an American keyboard has Q

    assert french_a == ["A"]


@pytest.mark.skipif("linux" not in __import__("sys").platform, reason="evdev key codes")
def test_a_keyboard_without_latin_letters_goes_by_place() -> None:
    cyrillic_w = key_names(key_event(0x0426, 25))

    assert "W" in cyrillic_w


# Views


def test_a_series_dropped_into_a_cell_is_shown_there(reading: MainWindow, qtbot: QtBot) -> None:
    reading.book.run("view.layout_1x2")
    second, wanted = reading.grid.cells[1], series(reading, "Series 2")
    data = series_mime(wanted.series_id)  # type: ignore[attr-defined]
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip

    second.dropEvent(event)

    qtbot.waitUntil(lambda: second.shown is not None, timeout=5000)
    assert second.series is wanted
    assert reading.session.active_cell is second


def two_series(window: MainWindow, qtbot: QtBot, first: str, second: str) -> None:
    window.book.run("view.layout_1x2")
    for cell, name in zip(window.grid.cells, (first, second)):
        window.grid.activate(cell)
        cell.show_series(series(window, name), 0)  # type: ignore[arg-type]
    window.grid.activate(window.grid.cells[0])
    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in window.grid.cells), timeout=5000)


def test_linked_views_of_one_frame_of_reference_scroll_by_millimetres(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    reading.book.run("view.link")

    reading.grid.cells[0].scroll_to(4)  # at 16 mm

    assert reading.grid.cells[1].index == 2  # 8 mm apart, so the third one


def test_linked_views_without_a_common_frame_scroll_by_the_offset_at_linking(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 5")
    reading.grid.cells[1].go(2)
    reading.book.run("view.link")

    reading.grid.cells[0].scroll_to(3)

    assert reading.grid.cells[1].index == 5


def test_two_patients_on_the_screen_are_said_over_the_views(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    assert reading.grid.warning == ""

    reading.grid.cells[1].show_series(series(reading, "Series 5"), 0)  # type: ignore[arg-type]

    qtbot.waitUntil(lambda: "2 different patients" in reading.grid.warning, timeout=5000)


def test_a_double_click_maximises_a_view_and_back(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")

    QTest.mouseDClick(reading.grid.cells[1].view, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert [cell.isVisible() for cell in reading.grid.cells] == [False, True]

    QTest.mouseDClick(reading.grid.cells[1].view, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert all(cell.isVisible() for cell in reading.grid.cells)


def test_one_key_hides_names_everywhere(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_F9)

    assert all(cell.view.names_hidden for cell in reading.grid.cells)
    reading.show_welcome()
    assert reading.session.names_hidden


def test_the_view_is_copied_without_patient_text(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    image = QGuiApplication.clipboard().image()
    assert image.size() == reading.session.active_view.grab_view().size()
    assert image == reading.session.active_view.grab_view(without_patient_text=True)
    assert image != reading.session.active_view.grab_view(without_patient_text=False)


def test_the_heatmap_stands_beside_a_plain_image_that_follows_it(reading: MainWindow, qtbot: QtBot) -> None:
    reading.enter("review")
    reading.session.set_fact("heatmap", holds=True)
    qtbot.waitUntil(lambda: reading.grid.pair.stands, timeout=5000)
    plain, warm = reading.grid.cells

    warm.scroll_to(1)
    assert plain.index == 1
    warm.view.zoom_by(2.0)
    assert plain.view.camera.zoom == warm.view.camera.zoom

    reading.session.set_fact("heatmap", holds=False)
    qtbot.waitUntil(lambda: len(reading.grid.cells) == 1, timeout=5000)


# Work spaces


@pytest.mark.parametrize(("key", "space"), [("F5", "read"), ("F6", "annotate"), ("F7", "train"), ("F8", "review")])
def test_function_keys_change_the_work_space(reading: MainWindow, key: str, space: str) -> None:
    press(reading, getattr(Qt.Key, f"Key_{key}"))

    assert reading.session.workspace == space


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

    qtbot.waitUntil(lambda: {"series_loaded", "paint"} <= {event for event, _ in told}, timeout=10000)

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

    qtbot.waitUntil(lambda: window.session.shown is not None, timeout=20000)
    assert {one.folder.name for one in window.session.series_list()}.isdisjoint({"masks"})
    # The first image may stand there while the rest is still being read.
    qtbot.waitUntil(lambda: not window.session.opening.scanning, timeout=20000)
    assert {one.folder.name for one in window.session.series_list()}.isdisjoint({"masks"})
    assert window.session.active_cell.series.is_volume


def test_the_first_paint_waits_for_no_heavy_library(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from viewer.app import make_application, make_window;"
        "from viewer.ui.settings import Settings; app = make_application(['x']);"
        f"make_window(settings=Settings(Path({str(tmp_path)!r}) / 'w.ini'));"
        "heavy = 'torch', 'pyqtgraph', 'pydicom', 'imagecodecs', 'skimage', 'scipy', 'sqlalchemy';"
        "print([name for name in heavy if name in sys.modules]);"
        "sys.stdout.flush(); import os; os._exit(0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
