"""What the Edit menu would take back names its film where that is not the one on the screen."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL
from tests.ui.painted import words_of
from tests.ui.test_review_selection import (
    asked,  # noqa: F401  # a fixture
    reply,
)
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import settled
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.findings_room import UndoButton
from viewer.ui.state.choosing import Nobody
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def says(window: MainWindow, command_id: str) -> str:
    settled(window.session)
    return window.book.actions[command_id].text().partition("\t")[0].replace("&", "")


def test_undo_and_redo_name_the_film_that_is_not_on_the_screen(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "boxes")
    selected = window.session.review.selected
    assert selected is not None
    label = selected.proposal.label
    strike(window, Key.Key_Backspace)
    assert says(window, "edit.undo") == f"Undo reject {label}"

    strike(window, Key.Key_PageDown)
    assert says(window, "edit.undo") == f"Undo reject {label} on film_0.png"
    window.session.set_names_hidden(hidden=True)
    assert says(window, "edit.undo") == f"Undo reject {label} on another film"
    window.session.set_names_hidden(hidden=False)

    for _ in range(2):  # its film is shown first
        strike(window, Key.Key_Z, CTRL)
    assert says(window, "edit.redo") == f"Redo reject {label}"
    strike(window, Key.Key_PageDown)
    assert says(window, "edit.redo") == f"Redo reject {label} on film_0.png"
    strike(window, Key.Key_Return, CTRL)
    assert says(window, "edit.undo").startswith("Undo set case ") and says(window, "edit.undo").endswith("film_1.png")


def test_a_step_on_another_image_of_the_case_says_so(asked: Any, qtbot: QtBot) -> None:  # noqa: F811
    window, child = asked
    session, review = window.session, window.session.review
    first = reply(window, child, 0, 0.9)
    review.select(review.findings[0].proposal.proposal_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id == first)
    session.person = Nobody()
    review.reject()
    settled(session)
    assert says(window, "edit.undo") == "Undo reject Lung"

    session.active_cell.scroll_to(3)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id != first)

    assert says(window, "edit.undo") == "Undo reject Lung on another image of this case"


def test_where_the_button_has_little_room_what_was_done_is_said_before_what_it_was_done_to(
    qtbot: QtBot, window: MainWindow
) -> None:
    button = UndoButton(window.session.icons)
    qtbot.addWidget(button)
    button.set_words("Undo accept PNEUMONIA of the lower lobe")

    for fits, said in (("Undo accept PNEUM…", "Undo accept"), ("Undo accept", "Undo accept"), ("Undo", "Undo")):
        as_wide = KeyButton(window.session.icons, fits, icon="undo", kind="quiet", height_px=24, beside_px=8)
        button.resize(as_wide.sizeHint().width(), 24)
        (words,) = words_of(button)
        assert words.startswith(said) and (said == "Undo") == (words == "Undo"), (fits, words)
