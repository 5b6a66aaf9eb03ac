"""The way out of a dialog is a button that shows its key, whichever dialog it is."""

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.waiting import handled, is_shut
from viewer.ui.dialogs.about import AboutDialog
from viewer.ui.dialogs.keys import KeysDialog
from viewer.ui.dialogs.readers import ReadersDialog
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.window.main_window import MainWindow


@pytest.mark.parametrize("name", ["about", "keys", "readers"])
def test_close_shows_its_key_and_closes(window: MainWindow, qtbot: QtBot, name: str) -> None:
    session = window.session
    dialog = {
        "about": lambda: AboutDialog(session, window),
        "keys": lambda: KeysDialog(session, window.book, window),
        "readers": lambda: ReadersDialog(session, window),
    }[name]()
    dialog.show()
    handled()

    (close,) = (one for one in dialog.findChildren(QPushButton) if "Close" in one.accessibleName() + one.text())
    assert isinstance(close, KeyButton) and close.accessibleName() == "Close (Esc)"
    close.click()
    assert is_shut(dialog)
