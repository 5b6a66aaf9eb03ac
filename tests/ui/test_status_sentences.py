"""A sentence in the status bar stays until something else is done or said: it hides no later one, and offers nothing
that has gone."""

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.ui.test_completing import annotating as completing  # noqa: F401  # a fixture
from tests.ui.test_completing import complete
from tests.ui.test_relabelling import BOX, annotating, draw, said  # noqa: F401  # annotating: a fixture
from tests.waiting import handled, settled
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import set_status
from viewer.ui.tools import TOOLS
from viewer.ui.window.main_window import MainWindow

RELABELLED = "The Square box is Lung now. Ctrl+Z takes it back."

OTHER_BOX = Box(x0_px=3, y0_px=3, x1_px=9, y1_px=9)


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
        (Qt.Key.Key_Z, CTRL, "Click: select"),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, "Click: select"),
        (Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier, "Drag: window"),  # the tool of Review
    ],
    ids=["tool", "undo", "image", "work space"],
)
def test_a_sentence_goes_with_what_is_done_next(
    relabelled: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier, after: str
) -> None:
    press(relabelled, key, modifiers)
    relabelled.session.edits.wait()
    settled(relabelled.session)

    assert said(relabelled) == after


def test_only_a_tool_that_draws_with_the_label_names_it(relabelled: MainWindow) -> None:
    for name in TOOLS:
        relabelled.session.said.emit(RELABELLED)
        handled()  # what is set in the same moment ends no sentence
        assert said(relabelled) == RELABELLED
        relabelled.session.set_tool(name)
        handled()

        draws = name in ("box", "polygon", "freehand", "brush", "eraser", "point", "polyline")
        assert ": " in said(relabelled) and ("Square" in said(relabelled)) is draws, (name, said(relabelled))


def test_that_a_complete_case_was_changed_is_past_with_the_next_image(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    draw(annotating, BOX)
    assert session.shown is not None and session.shown.case_id is not None
    assert session.do(set_status(session.at_hand.cases.get(session.shown.case_id), CaseStatus.COMPLETE))
    draw(annotating, OTHER_BOX)
    settled(session)
    assert "stays so with this change" in said(annotating)
    first = session.shown.image_id

    press(annotating, Qt.Key.Key_PageDown)
    settled(session)

    assert session.shown.image_id != first and said(annotating) == "Click: select"


def test_what_was_removed_of_a_complete_case_is_said_first(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    drawn = draw(annotating, BOX)
    assert session.shown is not None and session.shown.case_id is not None
    assert session.do(set_status(session.at_hand.cases.get(session.shown.case_id), CaseStatus.COMPLETE))
    session.set_tool("select")
    session.select_shape(drawn)

    press(annotating, Qt.Key.Key_Delete)
    settled(session)

    assert said(annotating) == "Square is removed. P0 · film_0.png is complete, and stays so with this change."


def test_another_sentence_takes_its_place_and_what_is_set_in_the_same_moment_ends_none(relabelled: MainWindow) -> None:
    session = relabelled.session

    session.said.emit("2 tags are on the clipboard.")
    session.set_tool("box")

    assert said(relabelled) == "2 tags are on the clipboard."
    handled()
    assert said(relabelled) == "2 tags are on the clipboard."
    press(relabelled, Qt.Key.Key_G)
    assert said(relabelled) == "Click: polygon Square   ·   Enter: close it"


def test_what_is_left_unanswered_on_a_completed_case_is_still_said_with_the_next_one(
    completing: MainWindow,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    session = completing.session
    at_once = session.cases.open
    # The next film is one that is read first: it comes when the sentence is no longer of this moment.
    monkeypatch.setattr(session.cases, "open", lambda case_id: QTimer.singleShot(0, lambda: at_once(case_id)))
    assert session.shown is not None
    first = session.shown.image_id

    complete(completing)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id != first)
    settled(session)

    assert said(completing) == "P0 · film_0.png is complete: 2 of 2 image labels are not answered."
