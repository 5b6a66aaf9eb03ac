"""The dialog that opens or makes a project: rows as high as they need, and a folder that typing replaces."""

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRadioButton
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.project.project import Project
from viewer.ui.dialogs.open_project import OpenProjectDialog
from viewer.ui.window.main_window import MainWindow


def test_typing_replaces_the_folder_of_the_last_time(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.session.settings.set_word("last_project", str(tmp_path / "before"))
    dialog = OpenProjectDialog(window.session, window)
    dialog.show()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.field)

    QTest.keyClicks(QApplication.focusWidget(), "/new")

    assert dialog.field.text() == "/new"
    dialog.close()


def test_rows_that_are_shown_late_are_as_high_as_they_need(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    Project.create(tmp_path / "there").close()
    window.session.settings.set_word("last_project", str(tmp_path / "there"))
    dialog = OpenProjectDialog(window.session, window)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert "will be opened" in dialog.word.text()

    dialog.field.setText(str(tmp_path / "new"))
    qtbot.waitUntil(lambda: dialog.findChildren(QRadioButton)[0].isVisible())
    handled()

    for button in dialog.findChildren(QRadioButton):
        assert button.height() >= button.sizeHint().height()
    assert dialog.rect().contains(dialog.go.geometry())
    dialog.close()
