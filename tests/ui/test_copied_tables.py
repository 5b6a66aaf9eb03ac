"""What is copied from a list of the window is pasted into spreadsheets: no cell of it begins a formula."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from viewer.ui.panels.tags import TagsPanel
from viewer.ui.window.main_window import MainWindow


def test_copied_tags_are_text_in_a_spreadsheet(reading: MainWindow, qtbot: QtBot) -> None:
    reading.book.run("window.tags")
    panel = reading.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() > 10)
    item = panel.list.topLevelItem(0)
    assert item is not None
    item.setText(3, "=cmd|' /C calc'!A0")
    item.setText(2, "two\tcells")
    item.setSelected(True)

    (copy,) = [button for button in panel.findChildren(QPushButton) if button.text() == "Copy"]
    copy.click()

    cells = QGuiApplication.clipboard().text().split("\t")
    assert len(cells) == 4
    assert cells[2:] == ["two cells", "'=cmd|' /C calc'!A0"]
