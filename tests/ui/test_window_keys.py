"""Keys in the window: presets, moving through series, lent tools, keyboards of other countries."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, NONE, SHIFT, press, wheel
from tests.waiting import LIMIT_S
from viewer.core.pixels import Window
from viewer.ui.window.keys import key_names
from viewer.ui.window.main_window import MainWindow


def shown_window(window: MainWindow) -> Window:
    found = window.session.active_view.window
    assert isinstance(found, Window)
    return found


def test_digits_choose_window_presets_in_read(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_2)

    assert (shown_window(reading).center, shown_window(reading).width) == (-600, 1500)

    press(reading, Qt.Key.Key_0)
    assert (shown_window(reading).center, shown_window(reading).width) == (-600, 900)


def test_letters_typed_into_a_field_fire_nothing(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_F, CTRL)
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

    # An axial stack in the order of its normal, which points to the head: down is towards the feet, as by wheel.
    press(reading, Qt.Key.Key_Down)
    assert cell.index == before - 1
    press(reading, Qt.Key.Key_Up)
    press(reading, Qt.Key.Key_Up)
    assert cell.index == before + 1
    press(reading, Qt.Key.Key_Down, SHIFT)
    assert cell.index == 0
    press(reading, Qt.Key.Key_End)
    assert cell.index == 5
    press(reading, Qt.Key.Key_Home)
    assert cell.index == 0


@pytest.mark.parametrize("coronal", [False, True])
def test_the_key_down_goes_the_way_of_the_wheel_turned_down(
    reading: MainWindow, slice_writer: Callable[..., None], tmp_path: Path, qtbot: QtBot, coronal: bool
) -> None:
    across = [1, 0, 0, 0, 0, -1] if coronal else [1, 0, 0, 0, 1, 0]  # coronal (PS3.3 C.7.6.2.1.1), or axial
    for place in range(4):
        at = [0, 4 * place, 0] if coronal else [0, 0, 4 * place]
        slice_writer(
            tmp_path / "more" / f"{place}.dcm", patient="M", study=3, series=9, place=place, frame="1.2.77",
            ImageOrientationPatient=across, ImagePositionPatient=at,
        )  # fmt: skip
    reading.session.open_paths([tmp_path / "more"])
    qtbot.waitUntil(lambda: any(one.description == "Series 9" for one in reading.session.series_list()))
    cell = reading.grid.cells[0]
    cell.show_series(series_named(reading, "Series 9"), 2)
    qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.series is cell.series)

    def at_mm() -> float:
        assert cell.shown is not None and cell.shown.frame.facts.plane is not None
        return float(cell.shown.frame.facts.plane.along_normal_mm)

    def by(go: Callable[[], None]) -> float:
        before, shown = at_mm(), cell.shown
        go()
        qtbot.waitUntil(lambda: cell.shown is not shown)
        return at_mm() - before

    by_wheel = by(lambda: wheel(cell.view, -1))
    by_wheel_up = by(lambda: wheel(cell.view, 1))
    assert (by_wheel, by_wheel_up) == ((4, -4) if coronal else (-4, 4))
    assert by(lambda: press(reading, Qt.Key.Key_Down)) == by_wheel
    assert by(lambda: press(reading, Qt.Key.Key_Up)) == by_wheel_up


def test_page_keys_go_from_series_to_series(reading: MainWindow) -> None:
    order = [one.series_id for one in reading.session.series_list()]
    reading.session.open_series(reading.session.series_list()[0])

    press(reading, Qt.Key.Key_PageDown)

    assert reading.session.active_cell.series.series_id == order[1]
    press(reading, Qt.Key.Key_PageUp)
    assert reading.session.active_cell.series.series_id == order[0]


def test_a_held_key_lends_its_tool_and_gives_the_old_one_back(
    reading: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.ui.canvas.input.TAP_S", 0.0)  # whatever was held was held longer than a tap
    view = reading.session.active_view
    press(reading, Qt.Key.Key_L)
    assert view.tool_name == "length"

    QTest.keyPress(view, Qt.Key.Key_W)
    assert view.tool_name == "window"
    QTest.keyRelease(view, Qt.Key.Key_W)

    assert view.tool_name == "length"
    assert reading.session.tool == "length"


def test_a_tapped_key_arms_its_tool(reading: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.ui.canvas.input.TAP_S", LIMIT_S)
    press(reading, Qt.Key.Key_L)

    press(reading, Qt.Key.Key_W)

    assert reading.session.tool == "window"


def key_event(key: int, scan_code: int, modifiers: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    return QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers, scan_code, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="evdev key codes")
def test_the_digit_row_of_a_french_keyboard_needs_no_shift() -> None:
    unshifted = key_names(key_event(Qt.Key.Key_Ampersand, 10))
    shifted = key_names(key_event(Qt.Key.Key_1, 10, SHIFT))

    assert "1" in unshifted
    assert shifted[0] == "Shift+1"


@pytest.mark.skipif(sys.platform != "linux", reason="evdev key codes")
def test_letters_go_by_what_is_printed_on_the_key() -> None:
    french_a = key_names(key_event(Qt.Key.Key_A, 24))  # where an American keyboard has Q

    assert french_a == ["A"]


@pytest.mark.skipif(sys.platform != "linux", reason="evdev key codes")
def test_a_keyboard_without_latin_letters_goes_by_place() -> None:
    cyrillic_w = key_names(key_event(0x0426, 25))

    assert "W" in cyrillic_w
