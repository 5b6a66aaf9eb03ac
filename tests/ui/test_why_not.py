"""What is grey says why, and what to do: in its tool tip, on its key, in the palette; what can never be used in a work
space stands in none of its menus."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.waiting import handled, settled
from viewer.ui.commands.context_menu import view_menu
from viewer.ui.state.situation import WORKSPACES, Situation
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette


def menus(window: MainWindow) -> Iterator[tuple[QMenu, QMenu | None]]:
    """Every menu of the bar and below it, with the one it stands in."""

    def below(menu: QMenu, above: QMenu | None) -> Iterator[tuple[QMenu, QMenu | None]]:
        yield menu, above
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                yield from below(inner, menu)

    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        yield from below(menu, None)


@pytest.fixture
def sample_is_there(monkeypatch: pytest.MonkeyPatch, sample_made_once: Path) -> None:
    """The sample study need not be made again: it takes ten seconds."""
    monkeypatch.setattr("viewer.reading.phantom.sample_folder", lambda: sample_made_once)


@pytest.mark.usefixtures("sample_is_there")
@pytest.mark.parametrize("shown", [False, True])
def test_every_grey_row_says_why_in_a_tool_tip_that_menus_show(window: MainWindow, shown: bool) -> None:
    if shown:
        assert window.book.run("file.open_sample")
        settled(window.session)
    for space in WORKSPACES:
        grey_rows_say_why(window, space)


def grey_rows_say_why(window: MainWindow, space: str) -> None:
    window.session.set_workspace(space)
    handled()
    here = [row.id for row in window.book.rows.values() if row.works_in(space)]
    grey = [command_id for command_id in here if not window.book.actions[command_id].isEnabled()]
    assert len(grey) > 5

    for command_id in grey:
        row, action = window.book.row(command_id), window.book.actions[command_id]
        why = row.why_not(window.session.situation())
        assert len(why) > 20 and why.endswith("."), command_id
        assert action.toolTip().replace("\n", " ").endswith(why), command_id
    every = [menu for menu, _ in menus(window)]
    context = window.book.menu([*view_menu(window.session), ("More", ["view.link"])], window)
    assert all(menu.toolTipsVisible() for menu in (*every, context, *context.findChildren(QMenu)))


@pytest.mark.usefixtures("sample_is_there")
def test_a_row_that_may_run_again_does_not_say_why_not(window: MainWindow) -> None:
    tip = window.book.actions["edit.copy_view"].toolTip
    assert "No image is shown" in tip()

    assert window.book.run("file.open_sample")
    settled(window.session)

    assert "No image is shown" not in tip() and "without patient text" in tip()


def test_the_reasons_of_a_model_name_it_and_where_one_is_chosen(window: MainWindow) -> None:
    row = window.book.row("ai.predict_image")

    assert row.why_not(Situation(has_image=True)) == ("No model is chosen: choose one at the right of Review AI (F8).")
    assert row.why_not(Situation(has_image=True, facts=frozenset(["model_chosen"]))) == ""


@pytest.mark.parametrize("space", WORKSPACES)
def test_no_menu_stands_there_with_nothing_in_it(window: MainWindow, space: str) -> None:
    window.session.set_workspace(space)
    handled()

    for menu, above in menus(window):
        if menu.menuAction().isVisible():
            rows = [action for action in menu.actions() if action.isVisible() and not action.isSeparator()]
            assert rows, (space, menu.title())
        else:
            rows = [action for action in menu.actions() if action.isVisible() and action.objectName()]
            assert not rows, (space, menu.title(), above)


def test_a_key_whose_command_is_off_says_why(window: MainWindow, qtbot: QtBot) -> None:
    heard: list[str] = []
    window.session.said.connect(heard.append)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()

    press(window, Qt.Key.Key_R, CTRL)
    assert heard == ["No image is shown: open a folder (Ctrl+O), or choose one in the list."]


def test_the_palette_says_why_and_stays(window: MainWindow) -> None:
    heard: list[str] = []
    window.session.said.connect(heard.append)
    window.open_palette()
    opened = window.findChild(Palette)
    assert isinstance(opened, Palette)
    QTest.keyClicks(opened.field, "copy view")
    assert opened.lines()[0] == "Copy view"

    QTest.keyClick(opened.field, Qt.Key.Key_Return)

    assert heard == ["No image is shown: open a folder (Ctrl+O), or choose one in the list."]
    assert opened.isVisible()


def test_the_menu_bar_is_the_same_in_every_work_space_and_an_empty_menu_says_where_it_works(window: MainWindow) -> None:
    seen = {}
    for space in WORKSPACES:
        window.session.set_workspace(space)
        handled()
        seen[space] = [action.text() for action in window.menuBar().actions() if action.isVisible()]
        for action in window.menuBar().actions():
            menu = action.menu()
            assert isinstance(menu, QMenu)
            rows = [row for row in menu.actions() if row.isVisible() and not row.isSeparator()]
            assert rows, (space, action.text())
            if not any(row.objectName() or row.menu() for row in rows):
                assert [row.text() for row in rows] == ["Works in Annotate (F6) and Review AI (F8)"], space
                assert not rows[0].isEnabled()
    assert len({tuple(bar) for bar in seen.values()}) == 1


def test_a_text_that_changes_has_no_ampersand_of_a_key(window: MainWindow) -> None:
    """It goes to the menu as the text that it is, with the names of labels and films in it."""
    now = window.session.situation()
    for row in window.book.rows.values():
        if row.text_when is not None:
            for situation in (now, replace(now, done_words="is complete", undo_text="paint", redo_text="paint")):
                assert "&" not in row.text_when(situation), row.id


@pytest.mark.parametrize("space", WORKSPACES)
def test_no_menu_has_more_rows_than_a_low_screen_shows_in_one_column(window: MainWindow, space: str) -> None:
    """At 720 px and 150 % of text a row takes 34 px."""
    window.session.set_workspace(space)
    handled()

    for menu, _above in menus(window):
        rows = [action for action in menu.actions() if action.isVisible() and not action.isSeparator()]
        assert len(rows) <= 18, (space, menu.title(), [row.text() for row in rows])
