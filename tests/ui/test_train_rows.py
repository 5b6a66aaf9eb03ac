"""Where a snapshot is made and the size of text is changed: in a menu of every work space, with a reason why not."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from viewer.project.project import Project
from viewer.ui.commands.buttons import CommandButton
from viewer.ui.commands.help_page import help_html
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow


def with_project(window: MainWindow, folder: Path, *, writable: bool = True) -> None:
    window.session.open_project(Project.open(folder, writable=writable, author="tester"))


def test_a_snapshot_can_be_asked_for_in_every_work_space(
    window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: opened.append(type(dialog).__name__))
    with_project(window, project_folder)
    action = window.book.actions["dataset.snapshot"]

    def has_button() -> bool:
        buttons = (one for one in window.findChildren(CommandButton) if one.isVisible())
        return any("snapshot" in one.text().lower() for one in buttons)

    for space in (*WORKSPACES, "train", "read"):
        window.enter(space)
        assert action.isVisible() and action.isEnabled(), space
        opened.clear()
        action.trigger()
        assert opened == ["DatasetDialog"], space
        # The tool bar is laid out once the window rests.
        qtbot.waitUntil(lambda in_train=space == "train": has_button() == in_train)  # type: ignore[misc]


def test_the_palette_has_it_once_in_each_work_space(window: MainWindow, project_folder: Path) -> None:
    with_project(window, project_folder)
    for space in WORKSPACES:
        rows = [row for row in window.book.rows.values() if row.works_in(space) and row.plain_text == "New snapshot"]
        assert len(rows) == 1, space


def test_a_project_for_reading_only_says_why_there_is_no_new_snapshot(
    qtbot: QtBot, window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: opened.append(type(dialog).__name__))
    with_project(window, project_folder, writable=False)

    with qtbot.waitSignal(window.session.announced) as said:
        window.book.actions["dataset.snapshot"].trigger()

    assert said.args is not None
    assert "Films is open for reading only" in said.args[1] and "close the other window" in said.args[1]
    assert opened == []


def test_the_size_of_text_has_its_menu_its_keys_and_its_lines_in_the_help(qtbot: QtBot, window: MainWindow) -> None:
    rows = {name: window.book.row(f"view.text_{name}") for name in ("larger", "smaller", "reset")}
    assert {row.menu for row in rows.values()} == {"&View/Text size"}
    assert [row.shortcut for row in rows.values()] == ["Ctrl++ Ctrl+=", "Ctrl+-", "Ctrl+0"]
    page = help_html(window.book.rows.values(), window.session.theme)
    assert all(row.whole_text in page for row in rows.values())
    assert all("text" in row.words and "font" in row.words and "size" in row.words for row in rows.values())
    window.activateWindow()
    window.show_views()

    def pressed(key: Qt.Key, *, shift: bool = False) -> float:
        modifiers = Qt.KeyboardModifier.ControlModifier
        qtbot.keyClick(window, key, modifiers | Qt.KeyboardModifier.ShiftModifier if shift else modifiers)
        return window.session.theme.font_scale

    assert pressed(Qt.Key.Key_Plus, shift=True) == 1.1
    assert pressed(Qt.Key.Key_Equal) == 1.2
    assert pressed(Qt.Key.Key_Minus) == 1.1
    with qtbot.waitSignal(window.session.said) as said:
        assert pressed(Qt.Key.Key_0) == 1.0
    assert said.args == ["The text is at 100 %: Ctrl + larger, Ctrl − smaller, Ctrl 0 for 100 %."]
