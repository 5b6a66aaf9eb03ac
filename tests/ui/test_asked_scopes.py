"""Asking a model about the list, all cases or one part: how many are told, what the seal says, and nothing twice."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.ui.test_list_questions import (
    answer_next,
    answered,
    child,
    dialog_of,
    heard,
    open_in_review,
)
from tests.ui.test_parts_of_cases import FIRST, completed, snapshot_of
from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.project.project import Project
from viewer.project.snapshots.openings import seal_words
from viewer.ui.dialogs.ask_cases import AskCasesDialog, seal_said
from viewer.ui.flows.cases.scopes import scopes_of
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

__all__ = ["child"]  # a fixture
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def divided(project_folder: Path) -> tuple[Path, str]:
    """Eight films, seven of them in a part: 0, 1, 3 and 6 train, 2 validation, 4 and 5 test."""
    with Project.open(project_folder, writable=True, author="tester") as project:
        completed(project)
        return project_folder, snapshot_of(project, FIRST).id


def answer(qtbot: QtBot, session: Desk, child: FakeInference) -> str:
    """The next question is answered, with the labels that the model knows; of which image it was."""
    qtbot.waitUntil(lambda: bool(child.asked))
    image_id = str(child.asked[0]["image_id"])
    said = replace(prediction(image_id, name=f"p-{image_id[:8]}"), labels=MODEL.labels)
    return answer_next(qtbot, session, child, said)


def ask(qtbot: QtBot, window: MainWindow) -> AskCasesDialog:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press(window, Qt.Key.Key_R, CTRL | ALT)
    return dialog_of(qtbot, window)


def choose(dialog: AskCasesDialog, words: str) -> None:
    dialog.which.setFocus()
    while not dialog.which.currentText().startswith(words):
        before = dialog.which.currentIndex()
        QTest.keyClick(dialog.which, Qt.Key.Key_Down)
        assert dialog.which.currentIndex() == before + 1, f"there is no choice “{words}”"


def rows(dialog: AskCasesDialog) -> list[str]:
    return [dialog.which.itemText(place) for place in range(dialog.which.count())]


def typed(panel: CasesPanel, qtbot: QtBot, words: str, count: int) -> None:
    panel.search.setFocus()
    panel.search.clear()
    QTest.keyClicks(panel.search, words)
    qtbot.waitUntil(lambda: len(panel.case_ids) == count)


def test_the_list_all_cases_and_each_part_are_offered_with_their_counts_and_the_seal(
    qtbot: QtBot, window: MainWindow, divided: tuple[Path, str], child: FakeInference
) -> None:
    folder, snapshot = divided
    panel, session = open_in_review(qtbot, window, folder), window.session
    typed(panel, qtbot, "film_4", 1)

    dialog = ask(qtbot, window)
    assert rows(dialog) == [
        "The list as it stands: 1 case", "All of the project: 8 cases", "The train part: 4 cases",
        "The validation part: 1 case", "The test part: 2 cases", "In no part: 1 case",
    ]  # fmt: skip
    assert dialog.asked.text() == "Ask Squares · 1a2b about the case of this list?"
    assert "It is in the test part, which is sealed, not opened yet." in dialog.sealed.text()
    choose(dialog, "The train part")
    assert dialog.said.text() == "4 cases would be asked about." and dialog.sealed.isHidden()
    assert dialog.asked.text().startswith(
        "Ask Squares · 1a2b about the 4 cases in the train part of the snapshot Light"
    )
    choose(dialog, "The test part")
    assert dialog.sealed.text().startswith("They are all in the test part, which is sealed, not opened yet.")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    for _ in range(2):
        answer(qtbot, session, child)
    settled(session)
    assert not child.asked and seal_words(folder, snapshot) == "opened 1 time (1 prediction)"
    cases = session.at_hand.cases.all()
    assert answered(folder) == {cases[place].first_image_id for place in (4, 5)}

    panel.search.clear()
    qtbot.waitUntil(lambda: len(panel.case_ids) == 8)
    dialog = ask(qtbot, window)
    assert rows(dialog)[0] == "The list as it stands: 8 cases" and not any("All of" in one for one in rows(dialog))
    assert dialog.said.text() == "It has answered 2 of them already; 6 cases would be asked about."
    assert dialog.sealed.isHidden(), "none of those that are left is a test case"
    QTest.mouseClick(dialog.again, Qt.MouseButton.LeftButton, pos=dialog.again.rect().center() / 8)
    assert dialog.said.text() == "It has answered 2 of them already; 8 cases would be asked about."
    assert dialog.sealed.text().startswith("2 of them are in the test part, which is opened 1 time (1 prediction).")
    choose(dialog, "The train part")
    assert dialog.again.isHidden() and dialog.said.text() == "4 cases would be asked about."
    choose(dialog, "The test part")
    assert dialog.start.isEnabled()
    QTest.mouseClick(dialog.again, Qt.MouseButton.LeftButton, pos=dialog.again.rect().center() / 8)
    assert not dialog.start.isEnabled() and dialog.said.text().endswith("; 0 cases would be asked about.")


def test_what_was_left_when_the_window_closed_is_asked_in_the_next_one_and_nothing_twice(
    qtbot: QtBot, window: MainWindow, project_folder: Path, child: FakeInference, home: Path
) -> None:
    open_in_review(qtbot, window, project_folder)
    dialog = ask(qtbot, window)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    first = {answer(qtbot, window.session, child) for _ in range(3)}
    child.asked.clear()
    window.close()
    handled()

    second = make_window([], settings=Settings(home / "another.ini"), author="tester")
    qtbot.addWidget(second)
    second.show()
    open_in_review(qtbot, second, project_folder)
    said = heard(second.session)
    dialog = ask(qtbot, second)
    assert dialog.said.text() == "It has answered 3 of them already; 5 cases would be asked about."
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    rest = [answer(qtbot, second.session, child) for _ in range(5)]
    settled(second.session)

    assert said == ["done: Squares · 1a2b: 5 of 8 cases asked, 3 answered before."]
    assert len(set(rest)) == 5 and not first & set(rest) and not child.asked
    assert answered(project_folder) == first | set(rest)
    second.close()


def test_a_case_of_several_images_is_known_once_all_are_answered(divided: tuple[Path, str]) -> None:
    folder, _ = divided
    with Project.open(folder, writable=False) as project:
        first, second, *_ = project.cases.all()
    stack = replace(first, images=3)

    def known(*image_ids: str) -> int:
        return scopes_of([first.case_id], [stack, second], {first.case_id: set(image_ids)})[0].known

    assert (known("a", "b"), known("a", "b", "c")) == (0, 1)


def test_the_seal_is_told_of_as_many_as_there_are() -> None:
    seal = "opened 2 times (2 predictions)"
    assert seal_said(1, 9, seal).startswith(f"1 of them is in the test part, which is {seal}.")
    assert seal_said(1, 1, seal).startswith("It is in the test part")
