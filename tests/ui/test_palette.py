"""The palette finds commands and series by a few letters and runs them by Enter."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from viewer.ui.palette import Palette, score
from viewer.ui.window import MainWindow


@pytest.fixture
def palette(reading: MainWindow) -> Palette:
    made = Palette(reading.session, reading.book, reading)
    made.open_at(reading.command_box)
    return made


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [("inv", "Invert", "Window / level"), ("op fo", "Open folder", "Open files"), ("full", "Full screen", "Flip")],
)
def test_words_that_begin_with_what_was_typed_come_first(typed: str, better: str, worse: str) -> None:
    assert score(better, typed) > score(worse, typed)


def test_what_does_not_fit_is_left_out() -> None:
    assert score("Invert", "xyz") == 0


def test_enter_runs_the_first_line(palette: Palette, reading: MainWindow) -> None:
    QTest.keyClicks(palette.field, "invert")
    assert palette.lines()[0] == "Invert"

    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert reading.session.active_view.inverted


def test_a_series_is_opened_by_its_name(palette: Palette, reading: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "Series 5")

    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert reading.session.active_cell.series.description == "Series 5"


def test_arrows_choose_another_line(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "two")
    before = palette.list.currentIndex().row()

    QTest.keyClick(palette.field, Qt.Key.Key_Down)

    assert palette.list.currentIndex().row() == before + 1
    palette.close()
