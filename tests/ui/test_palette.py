"""The palette finds commands and series by a few letters and runs them by Enter."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.waiting import settled
from viewer.ui.commands.help_page import help_html
from viewer.ui.dialogs.labels import LabelDialog
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette, entry_score, score


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


def palettes(window: MainWindow) -> list[Palette]:
    return [one for one in window.findChildren(Palette) if one.isVisible()]


@pytest.fixture
def early(reading: MainWindow, qtbot: QtBot) -> Iterator[tuple[MainWindow, Palette]]:
    """The palette of a window that is not active yet, as it is in the moment after a dialog has closed."""
    dialog = QLineEdit()
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "activateWindow", lambda: None)
        reading.open_palette()
    palette = palettes(reading)[0]
    assert not palette.field.hasFocus()
    yield reading, palette
    dialog.close()
    dialog.deleteLater()


def test_keys_typed_before_the_window_is_active_never_reach_the_image(early: tuple[MainWindow, Palette]) -> None:
    window, palette = early
    before = window.session.active_view.inverted
    handle = window.windowHandle()
    assert handle is not None

    for letter in "invert":
        QTest.keyClick(handle, letter)
    assert palette.field.text() == "invert"
    assert window.session.active_view.inverted is before

    QTest.keyClick(handle, Qt.Key.Key_Escape)
    assert palettes(window) == []


def test_it_closes_when_another_window_or_nothing_gets_the_keys(palette: Palette, reading: MainWindow) -> None:
    palette.field.clearFocus()

    assert palettes(reading) == []


def test_it_closes_on_a_click_elsewhere_even_if_it_never_had_the_keys(early: tuple[MainWindow, Palette]) -> None:
    window, _palette = early

    QTest.mouseClick(window.session.active_view, Qt.MouseButton.MiddleButton)

    assert palettes(window) == []


@pytest.mark.parametrize("way", ["work space", "page", "command"])
def test_it_stays_over_nothing_else(early: tuple[MainWindow, Palette], way: str) -> None:
    window, _palette = early

    if way == "work space":
        window.session.set_workspace("annotate")
    elif way == "page":
        window.show_welcome()
    else:
        window.book.run("image.invert")

    assert palettes(window) == []


def test_it_is_opened_once(reading: MainWindow) -> None:
    reading.open_palette()
    reading.open_palette()

    assert len(palettes(reading)) == 1
    palettes(reading)[0].close()


def test_two_labels_are_added_by_typing_without_a_pause(reading: MainWindow, qtbot: QtBot) -> None:
    def type_name(timer: QTimer, name: str) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, LabelDialog):  # however long the typing took
            timer.stop()
            QTest.keyClicks(dialog.name, name)
            QTest.keyClick(dialog.name, Qt.Key.Key_Return)

    reading.session.set_workspace("annotate")
    handle = reading.windowHandle()
    assert handle is not None
    for name in ("First", "Second"):
        timer = QTimer(reading)
        timer.timeout.connect(partial(type_name, timer, name))
        timer.start(20)
        QTest.keyClick(handle, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        for letter in "Add a label":
            QTest.keyClick(handle, letter)
        QTest.keyClick(handle, Qt.Key.Key_Return)

    reading.session.edits.wait()
    qtbot.waitUntil(lambda: {"First", "Second"} <= {label.name for label in reading.session.labels})
    assert palettes(reading) == []


def test_a_command_is_found_by_what_people_call_it(palette: Palette) -> None:
    for typed, found in (
        ("ruler", "Length"), ("suv", "Probe"), ("hu", "Probe"), ("zoom", "Zoom"), ("print", "Copy view"),
        ("rotate", "Turn right"), ("roi", "Ellipse"), ("font size", "Larger text"), ("metadata", "Header tags"),
        ("new project", "Open or make a project"), ("create project", "Open or make a project"),
        ("load dicom", "Open folder"), ("import csv", "Import labels"), ("save masks", "Export annotations"),
        ("start training", "New training run"), ("fine-tune", "New training run"), ("grad-cam", "Heatmap"),
        ("inference", "Predict on this image"), ("new class", "Add a"), ("finish", "Complete and next"),
    ):  # fmt: skip
        palette.field.clear()
        QTest.keyClicks(palette.field, typed)

        assert any(line.startswith(found) for line in palette.lines()[:4]), (typed, palette.lines()[:6])


def test_a_sentence_stands_where_nothing_is_called_that(palette: Palette) -> None:
    assert not palette.nothing.isVisible()
    QTest.keyClicks(palette.field, "coronal")

    assert palette.lines() == []
    assert palette.nothing.isVisible() and not palette.list.isVisible()
    assert palette.nothing.text() == "Nothing is called that. Commands, open series and labels are searched."
    assert palette.nothing.width() >= palette.nothing.sizeHint().width()

    palette.field.clear()
    assert palette.list.isVisible() and not palette.nothing.isVisible()


def test_the_help_says_of_what_a_command_is(reading: MainWindow) -> None:
    page = help_html(reading.book.rows.values(), reading.session.theme)

    for whole in ("Larger text", "Smaller text", "Dark theme", "Light theme", "Layout: one view"):
        assert f">{whole}" in page, whole
    for bare in ("Larger", "Smaller", "Dark", "Light"):
        assert f">{bare}<" not in page and f">{bare} <" not in page, bare


def test_it_stays_open_while_a_scan_begins_and_ends(reading: MainWindow, qtbot: QtBot, studies_folder: Path) -> None:
    reading.open_palette()
    palette = palettes(reading)[0]
    qtbot.waitUntil(palette.field.hasFocus)

    with qtbot.waitSignal(reading.session.scan_finished):
        reading.session.open_paths([studies_folder])
    settled(reading.session)

    assert palettes(reading) == [palette] and palette.isVisible() and palette.field.hasFocus()
    palette.close()


def test_a_command_of_another_work_space_is_found_says_where_it_belongs_and_goes_there(
    palette: Palette, reading: MainWindow, qtbot: QtBot
) -> None:
    assert reading.session.workspace == "read"
    QTest.keyClicks(palette.field, "brush")
    lines = palette.lines()
    assert "Brush" in lines
    place = lines.index("Brush")
    assert any("in Annotate" in one for one in words_of(palette))

    for _ in range(place):
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert reading.session.workspace == "annotate"
    qtbot.waitUntil(lambda: reading.session.tool == "brush")


def test_every_command_is_found_by_the_words_of_its_menu(reading: MainWindow) -> None:
    for space in WORKSPACES:
        reading.session.set_workspace(space)
        every_command_is_found_by_its_words(reading)
        every_command_is_in_the_palette(reading, space)


def every_command_is_found_by_its_words(reading: MainWindow) -> None:
    palette = Palette(reading.session, reading.book, reading)
    palette.open_at(reading.command_box)

    for row in reading.book.rows.values():
        if row.id == "edit.palette":
            continue
        for words in (row.plain_text, row.whole_text):
            found = [entry for entry in palette._every if entry_score(entry, words) > 0]
            assert any(row.whole_text == entry.text or row.found_by == entry.words for entry in found), words
    palette.close()


def every_command_is_in_the_palette(reading: MainWindow, space: str) -> None:
    palette = Palette(reading.session, reading.book, reading)
    palette.open_at(reading.command_box)
    situation = reading.session.situation()

    offered = {entry.text for entry in palette._every}

    for row in reading.book.rows.values():
        if row.id == "edit.palette":
            continue
        here = row.works_in(space) and row.text_when is not None
        assert (row.text_when(situation) if here else row.whole_text) in offered, (space, row.id)
    palette.close()


def test_commands_of_this_work_space_come_first_and_fill_the_list_before_anything_is_typed(
    palette: Palette, reading: MainWindow
) -> None:
    names = {row.whole_text for row in reading.book.rows.values() if not row.works_in("read")}
    names -= {row.whole_text for row in reading.book.rows.values() if row.works_in("read")}

    assert not names & set(palette.lines())


def test_no_line_ends_in_a_dot_without_a_fact_behind_it(reading: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [replace(one, patient_id="") for one in reading.session.series_list()]
    assert every
    monkeypatch.setattr(reading.session, "series_list", lambda: every)
    made = Palette(reading.session, reading.book, reading)

    lines = [one for entry in made._every for one in (entry.text, entry.where)]
    assert [one for one in lines if one != one.strip(" ·") or "·  " in one or "· ·" in one] == []
    assert any("Series 5" in one for one in lines)
