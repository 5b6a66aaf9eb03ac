"""Nothing can be done by a key alone: every command stands in a menu, in the palette and in the help, by a name that
says of what it is; keys that the image has beside the table are in the help."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from PySide6.QtWidgets import QMenu

from tests.waiting import handled
from viewer.ui.commands.help_page import help_html
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette

UI = Path(__file__).resolve().parents[2] / "viewer" / "ui"
# Commands that no menu of the bar has, and why.
NOT_IN_A_MENU = {
    "studies.close_row": "of a row in the list of studies, whose own menu has it",
    "studies.forget_row": "of a row in the list of studies, whose own menu has it",
    "edit.cancel": "of a stroke that is being drawn: while a menu is opened there is none",
}
# Keys that the image and its tools take before the table, and the words of the help that say so.
OF_THE_IMAGE = {
    "Escape": "Cancel the stroke, then the tool",
    "H": "Hold H",
    "Space": "Tap Space",
    "W": "Hold W, Z or Space",
    "Z": "Hold W, Z or Space",
    "Left": "Ctrl+arrows nudge",
    "Right": "Ctrl+arrows nudge",
    "Up": "Ctrl+arrows nudge",
    "Down": "Ctrl+arrows nudge",
    "Delete": "Delete after a click",
    "Return": "Enter, a double click",
    "Enter": "Enter, a double click",
    "Backspace": "Backspace takes the last corner back",
}


def in_the_menus(window: MainWindow) -> Iterator[str]:
    def walk(menu: QMenu) -> Iterator[str]:
        for action in menu.actions():
            below = action.menu()
            if isinstance(below, QMenu):
                yield from walk(below)
            elif action.objectName():
                yield action.objectName()

    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        yield from walk(menu)


def test_every_command_is_in_a_menu_but_for_those_with_a_reason(window: MainWindow) -> None:
    assert set(window.book.rows) - set(in_the_menus(window)) == set(NOT_IN_A_MENU)


def test_every_command_is_in_the_palette_of_every_work_space(window: MainWindow) -> None:
    for space in WORKSPACES:
        every_command_is_in_the_palette(window, space)


def every_command_is_in_the_palette(window: MainWindow, space: str) -> None:
    window.enter(space)
    handled()
    situation = window.session.situation()
    palette = Palette(window.session, window.book, window)
    palette.open_at(window.command_box)
    missing = []
    for row in window.book.rows.values():
        here = row.works_in(space) and row.text_when is not None
        text = row.text_when(situation) if here and row.text_when is not None else row.whole_text
        palette.field.setText(text)
        if text not in palette.lines():
            missing.append(row.id)

    palette.close()
    assert missing == ["edit.palette"], f"which is what opens it; {space}"


def test_every_command_is_in_the_help_and_says_of_what_it_is(window: MainWindow) -> None:
    page = help_html(window.book.rows.values(), window.session.theme)

    assert [row.id for row in window.book.rows.values() if escape(row.whole_text) not in page] == []
    for whole in (
        "More opacity of the heatmap", "Less opacity of the heatmap", "Higher threshold of the model",
        "Lower threshold of the model", "New training run", "Train on the chosen snapshot",
        "Show the test cases of the chosen snapshot", "Show the card of the chosen snapshot",
    ):  # fmt: skip
        assert f">{whole}" in page, whole


def test_every_key_that_the_image_takes_for_itself_is_in_the_help(window: MainWindow) -> None:
    rooms = [*UI.glob("canvas/*.py"), *UI.glob("gestures/*.py"), *UI.glob("tools/*.py"), *UI.glob("views/*.py")]
    taken = {key for path in rooms for key in re.findall(r"Qt\.Key\.Key_(\w+)", path.read_text(encoding="utf-8"))}
    page = help_html(window.book.rows.values(), window.session.theme)

    assert taken == set(OF_THE_IMAGE)
    assert [key for key, words in OF_THE_IMAGE.items() if words not in page] == []
