"""What tests of closing studies share: the key, and what is on the screen."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, NONE
from viewer.ui.views.cell import ViewCell
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.status import StatusBar

FRAME_BYTES = 48 * 64 * 2
EMPTY = "Drop a series here, or double click one in the list"


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.session.active_view, key, modifiers)


def close_study(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.frames.forgotten):
        press(window, Qt.Key.Key_W, CTRL)


def patients(window: MainWindow) -> list[str]:
    return [patient.patient_id for patient in window.session.opening.patients]


def show(window: MainWindow, cell: ViewCell, name: str, index: int, qtbot: QtBot) -> None:
    window.grid.activate(cell)
    cell.show_series(series_named(window, name), index)
    window.session.series_opened.emit(cell.series)
    qtbot.waitUntil(
        lambda: cell.shown is not None and cell.series is not None and cell.shown.ref == cell.series.frames[index],
    )


def status_words(window: MainWindow) -> list[str]:
    bar = window.statusBar()
    assert isinstance(bar, StatusBar)
    return [label.text() for label in (bar._mouse, bar._place, bar._value, bar._source)]
