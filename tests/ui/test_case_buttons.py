"""Skip and Complete are seen with what is on the image, and with the history, also where one lies behind the other."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from tests.ui.test_docks_kept import annotating
from tests.waiting import handled, settled
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import set_status
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.case_buttons import CompleteButton
from viewer.ui.window.main_window import MainWindow

SAYS = {
    CaseStatus.COMPLETE: "is complete",
    CaseStatus.NEEDS_REVIEW: "needs review",
    CaseStatus.APPROVED: "is approved",
}


@pytest.mark.parametrize("front", ["on_image", "history"])
@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)], ids=["tabbed", "both"])
def test_the_buttons_of_the_case_are_seen_once_and_work(
    qtbot: QtBot, home: Path, project_folder: Path, size: tuple[int, int], front: str
) -> None:
    window = annotating(qtbot, home, project_folder, size)
    window.show()
    dock = window.findChild(QDockWidget, f"dock:{front}")
    assert isinstance(dock, QDockWidget)
    dock.raise_()
    handled()

    def seen(words: str) -> list[KeyButton]:
        buttons = [one for one in window.findChildren(KeyButton) if one.text() == words]
        return [one for one in buttons if not one.visibleRegion().isEmpty()]

    qtbot.waitUntil(lambda: len(seen("Skip")) == len(seen("Complete")) == 1)
    session = window.session
    assert session.shown is not None
    first = session.shown.case_id
    QTest.mouseClick(seen("Skip")[0], Qt.MouseButton.LeftButton)
    settled(session)
    assert session.shown.case_id != first


@pytest.mark.parametrize("space", ["annotate", "review"])
def test_of_a_case_that_is_done_the_button_says_so_and_only_goes_on(
    qtbot: QtBot, home: Path, project_folder: Path, space: str
) -> None:
    window = annotating(qtbot, home, project_folder, (1280, 720))
    window.show()
    window.enter(space)
    session = window.session
    settled(session)
    for status in (CaseStatus.COMPLETE, CaseStatus.NEEDS_REVIEW, CaseStatus.APPROVED):
        the_button_says_so_and_only_goes_on(window, space, status)  # to the next case, which is to do


def the_button_says_so_and_only_goes_on(window: MainWindow, space: str, status: CaseStatus) -> None:
    session = window.session
    assert session.shown is not None and session.shown.case_id is not None
    first = session.shown.case_id
    (button,) = (one for one in window.findChildren(CompleteButton) if not one.visibleRegion().isEmpty())
    assert (button.text(), button.toolTip()) == ("Complete", "Complete this case and show the next one  Ctrl ↵")
    open_looks, place = button.property("kind"), button.geometry()

    assert session.do(set_status(session.at_hand.cases.get(first), status))
    settled(session)

    assert (button.text(), button.geometry()) == ("Done, next", place), status
    assert button.toolTip() == f"This case {SAYS[status]}: go to the next one that is not done  Ctrl ↵"
    assert (button.property("kind") != open_looks) is (space == "annotate"), status  # the one that is the main action
    assert SAYS[status] in window.book.row("annotate.complete").text_when(session.situation())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(session)
    assert session.shown.case_id != first and session.at_hand.cases.get(first).status is status
    assert button.text() == "Complete"
