"""A sentence in the status bar stays until something else is done or said: it hides no later one, and offers nothing
that has gone."""

import pytest
from PySide6.QtCore import Qt

from tests.ui.hand import CTRL, press
from tests.ui.test_relabelling import BOX, annotating, draw, said  # noqa: F401  # annotating: a fixture
from tests.waiting import handled
from viewer.ui.window.main_window import MainWindow

RELABELLED = "The Square box is Lung now. Ctrl+Z takes it back."


@pytest.fixture
def relabelled(annotating: MainWindow) -> MainWindow:  # noqa: F811
    """A box was given another label just now, by its digit."""
    drawn = draw(annotating, BOX)
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)
    press(annotating, Qt.Key.Key_2)
    annotating.session.edits.wait()
    handled()
    assert said(annotating) == RELABELLED
    return annotating


@pytest.mark.parametrize(
    ("key", "modifiers", "after"),
    [
        (Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "Drag: box Square"),
        (Qt.Key.Key_Z, CTRL, "Drag: select Square"),
        (Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier, "Drag: window"),  # the tool of Review
    ],
    ids=["tool", "undo", "work space"],
)
def test_a_sentence_goes_with_what_is_done_next(
    relabelled: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier, after: str
) -> None:
    press(relabelled, key, modifiers)
    relabelled.session.edits.wait()
    handled()

    assert said(relabelled) == after


def test_another_sentence_takes_its_place_and_what_is_set_in_the_same_moment_ends_none(relabelled: MainWindow) -> None:
    session = relabelled.session

    session.said.emit("2 tags are on the clipboard.")
    session.set_tool("box")

    assert said(relabelled) == "2 tags are on the clipboard."
    handled()
    assert said(relabelled) == "2 tags are on the clipboard."
    press(relabelled, Qt.Key.Key_G)
    assert said(relabelled) == "Drag: polygon Square"
