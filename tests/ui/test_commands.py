"""The command table: one row per command, from which everything else is made."""

from html import escape
from itertools import chain

import pytest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from viewer.ui.commands.command import MENUS
from viewer.ui.commands.help_page import help_html
from viewer.ui.look.chips import key_text
from viewer.ui.look.icons import icon_pixmap
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow


def test_every_shortcut_means_one_thing_in_each_work_space(window: MainWindow) -> None:
    for space in WORKSPACES:
        keys = [
            (shortcut, row.id) for row in window.book.rows.values() if row.works_in(space) for shortcut in row.shortcuts
        ]
        twice = [key for key in keys if sum(key[0] == other[0] for other in keys) > 1]
        assert not twice, f"{space}: {twice}"


def test_every_id_is_there_once(window: MainWindow) -> None:
    from viewer.ui.rows.table import command_table

    ids = [row.id for row in command_table(window.session, window)]

    assert len(ids) == len(set(ids))


def test_every_row_names_a_menu_that_exists_and_an_icon_that_is_shipped(window: MainWindow) -> None:
    for row in window.book.rows.values():
        assert not row.menu or row.menu.partition("/")[0] in MENUS, row.id
        if row.icon:
            assert not icon_pixmap(row.icon, "#FFFFFF", 16).isNull(), row.id


def test_every_command_with_a_menu_is_in_the_menu_bar_with_its_key(window: MainWindow) -> None:
    in_menus = {}

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            below = action.menu()
            if isinstance(below, QMenu):
                walk(below)
            elif action.objectName():
                in_menus[action.objectName()] = action.text()

    for action in window.menuBar().actions():
        walk(action.menu())

    for row in window.book.rows.values():
        assert (row.id in in_menus) == bool(row.menu), row.id
        if row.menu and row.shortcuts:
            assert in_menus[row.id].endswith("\t" + key_text(row.shortcuts[0])), row.id


def test_tool_tips_name_the_key(window: MainWindow) -> None:
    tips = {button.objectName(): button.toolTip() for button in window.bar.findChildren(QToolButton)}

    assert "[W]" in tips["button:tool.window"]
    assert "[Ctrl Z]" in tips["button:edit.undo"]


def test_the_help_page_lists_every_command_with_its_keys(window: MainWindow) -> None:
    page = help_html(window.book.rows.values(), window.session.theme)

    for row in window.book.rows.values():
        assert escape(row.whole_text) in page, row.id
    assert "Ctrl Shift Z" in page


def test_the_help_page_keeps_what_holds_the_words(window: MainWindow) -> None:
    page = help_html(window.book.rows.values(), window.session.theme, "invert")

    assert "Invert" in page
    assert "Open folder" not in page


def test_a_command_that_may_not_run_does_not_run(window: MainWindow) -> None:
    assert not window.book.may_run("edit.copy_view")

    assert not window.book.run("edit.copy_view")


def test_a_command_that_fails_is_told_in_the_banner_and_the_window_lives_on(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*, hidden: bool) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(window.session, "set_names_hidden", broken)

    assert window.book.run("view.hide_names")

    assert "details are in the log" in window.banner.sentence


def test_digits_are_presets_in_read_and_labels_in_annotate(window: MainWindow) -> None:
    for key in chain("1234567890", "BGFRE"):
        window.session.set_workspace("read")
        in_read = window.keys.command_for([key])
        window.session.set_workspace("annotate")
        in_annotate = window.keys.command_for([key])

        assert in_annotate is not None, key
        if key.isdigit():
            assert in_annotate.id.startswith("annotate.label_"), key
            assert in_read is None or in_read.id.startswith("image.preset_"), key
        else:
            assert in_annotate.id.startswith("tool."), key
