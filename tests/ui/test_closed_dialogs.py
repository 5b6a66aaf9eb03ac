"""A dialog that was closed is gone: nothing of it is dressed, told or held again."""

import gc
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu
from shiboken6 import isValid

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401  # fixtures
from tests.waiting import handled, settled
from viewer.ui.look.theme import Theme


def end_of_turn() -> None:
    """What was to be deleted is: in the program by the loop that its dialog was asked from."""
    handled()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_every_dialog_goes_when_it_is_closed_and_hears_nothing_after(scenes: Scenes) -> None:  # noqa: F811
    window, session = scenes.window, scenes.window.session
    known: dict[str, weakref.ref[QDialog]] = {}
    left = []
    for make in scenes.makers():
        dialog = make()
        name = type(dialog).__name__
        known[name] = weakref.ref(dialog)
        dialog.show()
        settled(session)
        assert dialog.close(), name
        end_of_turn()
        left += [name] if isValid(dialog) else []
        del dialog
    assert left == []
    gc.collect()
    held = [name for name, found in known.items() if found() is not None]
    assert len(held) <= 1, "what watches the wheel knows the last window that it turned in, no more"

    for signal in (session.theme_changed, session.names_hidden_changed, session.workspace_changed):
        heard = {session.theme_changed: session.theme, session.names_hidden_changed: False}.get(signal, "read")
        signal.emit(heard)  # a slot of a dialog that is gone would raise
    session.set_theme(Theme(name="dark", font_scale=1.2))
    session.project_opened.emit(session.project)
    settled(session)
    assert window.findChildren(QDialog) == []


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu
def test_a_menu_of_an_image_goes_when_it_is_shut(scenes: Scenes) -> None:  # noqa: F811
    window = scenes.window
    window.enter("annotate")
    before = len(window.findChildren(QMenu))
    for _ in range(3):
        window.grid.menu_asked.emit(window.mapToGlobal(window.rect().center()))
        handled()
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.keyClick(menu, Qt.Key.Key_Escape)
        end_of_turn()

    assert len(window.findChildren(QMenu)) == before
