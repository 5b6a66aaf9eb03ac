"""Headings of a page are written in letters that the program has: Qt makes a bolder weight by printing them twice."""

import pytest
from PySide6.QtGui import QFont, QTextCursor
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401
from viewer.ui.dialogs.page_style import style_page
from viewer.ui.look.plain_text import OurPage
from viewer.ui.look.theme import Theme


@pytest.mark.usefixtures("program_fonts")
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_of_a_page_is_bolder_than_the_letters_are(qtbot: QtBot, theme: str) -> None:
    page = OurPage()
    qtbot.addWidget(page)
    style_page(page, Theme(name=theme))
    page.show_page("<h3>One</h3><h4>Two</h4><p><b>Three</b></p><table><tr><th>Four</th></tr></table>")

    for words in ("One", "Two", "Three", "Four"):
        found = page.document().find(words)
        assert isinstance(found, QTextCursor) and found.hasSelection()
        assert found.charFormat().fontWeight() == QFont.Weight.DemiBold, words
