"""While the welcome page lies over the views nothing is done to what is not seen, by key, menu or palette."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import handled, settled
from viewer.core.labels import Verdict
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.status import StatusBar
from viewer.ui.window.welcome_cards import Card

CTRL_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_J, Qt.Key.Key_D, Qt.Key.Key_W, Qt.Key.Key_R, Qt.Key.Key_M)


def all_work(window: MainWindow) -> tuple[object, ...]:
    """What is kept of it, and what is armed."""
    session = window.session
    session.edits.wait()
    settled(session)
    shown = session.shown and session.shown.ref
    return dict(session.at_hand.images.held), session.tool, session.label, shown, session.at_hand.undo_step


def test_no_key_does_anything_to_what_the_welcome_page_lies_over(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    for space in WORKSPACES:
        window.enter(space)
        handled()
        window.show_welcome()
        before = all_work(window)
        bare = [*range(Qt.Key.Key_A, Qt.Key.Key_Z + 1), *range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)]
        named = [Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_PageDown, Qt.Key.Key_Comma]
        for key in [*map(Qt.Key, bare), *named]:
            if key != Qt.Key.Key_Return:  # that opens the card that has the focus
                press(window, key)
        for key in map(Qt.Key, range(Qt.Key.Key_1, Qt.Key.Key_3 + 1)):
            press(window, key, Qt.KeyboardModifier.ShiftModifier)
        for key in CTRL_KEYS:
            press(window, key, CTRL)
        handled()

        assert QApplication.activeModalWidget() is None, space
        assert session.covered and all_work(window) == before, space


def test_what_is_about_the_views_is_off_and_says_how_to_go_back(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    window.show_welcome()
    handled()
    book, now = window.book, window.session.situation()
    of_views = ["review.accept", "annotate.complete", "annotate.label_1", "dataset.take_out", "file.close_study"]
    assert [one for one in of_views if "welcome page" not in book.row(one).why_not(now)] == []
    free = ["file.open_folder", "dataset.export", "train.new", "view.read", "help.keys", "edit.palette", "edit.undo"]
    assert [one for one in free if "welcome page" in book.row(one).why_not(now)] == []

    QTest.keyClick(window.welcome, Qt.Key.Key_Escape)

    assert not window.session.covered and window.grid.isVisible()
    assert book.may_run("review.accept")


def test_enter_and_arrows_are_for_the_cards_of_the_page(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    before = all_work(window)
    window.show_welcome()
    handled()

    press(window, Qt.Key.Key_Return)

    cards = window.welcome.findChildren(Card)
    first = QApplication.focusWidget()
    assert first in cards and window.session.covered, "it goes to a card, and decides nothing"
    press(window, Qt.Key.Key_Right)
    assert QApplication.focusWidget() in cards and QApplication.focusWidget() is not first
    assert all_work(window) == before
    assert window.findChild(StatusBar)._mouse.text() == "Ready"  # type: ignore[union-attr]


def test_undo_shows_first_what_the_welcome_page_lies_over(
    opened: Callable[..., MainWindow],  # noqa: F811
    qtbot: QtBot,
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    press(window, Qt.Key.Key_Return)
    session.edits.wait()
    settled(session)
    shown = session.shown
    assert shown is not None and shown.image_id is not None
    said = dict(session.at_hand.images.held[shown.image_id].image_labels)
    assert Verdict.YES in said.values()
    window.show_welcome()

    press(window, Qt.Key.Key_Z, CTRL)
    session.edits.wait()
    settled(session)

    assert window.grid.isVisible() and session.at_hand.images.held[shown.image_id].image_labels == said
    press(window, Qt.Key.Key_Z, CTRL)
    session.edits.wait()
    settled(session)
    assert session.at_hand.images.held[shown.image_id].image_labels != said
