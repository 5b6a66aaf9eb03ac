"""One new drawing tool is one file and one row of TOOLS: its command, keys, bar, help, words and strip come with it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.app import make_window
from viewer.core.shapes.kinds.box import Box
from viewer.ui.commands.buttons import CommandButton
from viewer.ui.commands.help_page import help_html
from viewer.ui.state.settings import Settings
from viewer.ui.tools import TOOLS
from viewer.ui.views.tool_strip import ToolStrip
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setitem(TOOLS, "stamp", "tests.ui.stamp_tool:StampTool")
    made = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    made.enter("annotate")
    handled()
    return made


def test_its_row_has_key_bar_help_and_words(annotating: MainWindow) -> None:
    row = annotating.book.row("tool.stamp.annotate")
    assert (row.plain_text, row.shortcut, row.icon, row.menu) == ("Stamp", "K", "box", "&Annotate/Tools")
    assert (row.help, row.words) == ("A click stamps a box of six pixels.", "rubber ink")
    assert "Stamp" in help_html([row], annotating.session.theme)
    assert any(button.accessibleName() == "Stamp" for button in annotating.rail.findChildren(CommandButton))
    assert not any(button.accessibleName() == "Stamp" for button in annotating.bar.findChildren(CommandButton))


def test_its_key_arms_it_and_a_click_draws(annotating: MainWindow, qtbot: QtBot) -> None:
    session, view = annotating.session, annotating.session.active_view
    QTest.keyClick(view, Qt.Key.Key_K)
    assert session.tool == "stamp"
    strip = annotating.findChild(ToolStrip)
    assert strip is not None and strip._tool.text() == "Stamp" and not strip.slider.isVisible()

    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    session.edits.wait()
    assert session.shown is not None and session.shown.image_id is not None and session.project is not None
    (drawn,) = session.project.work.annotations(session.shown.image_id)
    assert isinstance(drawn.shape, Box) and drawn.shape.width_px == pytest.approx(6)


def test_its_lending_key_lends_it_while_it_is_held(annotating: MainWindow) -> None:
    session, view = annotating.session, annotating.session.active_view
    before = view.tool_name
    QTest.keyPress(view, Qt.Key.Key_J)
    assert view.tool_name == "stamp"
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())  # it was used, so no tap
    QTest.keyRelease(view, Qt.Key.Key_J)
    assert (view.tool_name, session.tool) == (before, before)
