"""Review of cases in the window: sent, approved and returned, in the list, in its menu, and over the views."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.ui.test_case_menu import panel_of, right_click
from tests.ui.test_project_members import entered, project_of
from tests.waiting import settled
from viewer.core.errors import NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import set_status
from viewer.project.records import CaseRow, Task
from viewer.ui.dialogs.return_cases import ReturnDialog
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu
WHY = "The left lung is cut off."
LOOK_MS = 20


@pytest.fixture
def cases(window: MainWindow, qtbot: QtBot, project_folder: Path) -> list[CaseRow]:
    """Eight cases, of which the first is shown in Annotate."""
    return entered(window, qtbot, project_folder)


def run(window: MainWindow, command_id: str) -> None:
    window.book.actions[command_id].trigger()
    settled(window.session)


def put(window: MainWindow, case: CaseRow, *statuses: CaseStatus) -> None:
    for status in statuses:
        now = window.session.at_hand.cases.get(case.case_id)
        window.session.do(set_status(now, status, WHY if status is CaseStatus.RETURNED else ""))
        settled(window.session)


def status_of(window: MainWindow, case: CaseRow) -> tuple[str, str]:
    row = project_of(window).cases.get(case.case_id)
    return row.status.value, row.comment


def returning(window: MainWindow, comment: str, run: Callable[[], object]) -> list[bool]:
    """Type a comment into the dialog that comes, press Return. Returns whether its button was on before and after."""
    on: list[bool] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, ReturnDialog):
            QTimer.singleShot(LOOK_MS, answer)
            return
        on.append(dialog.keep.isEnabled())
        QTest.keyClicks(dialog.comment, comment)
        on.append(dialog.keep.isEnabled())
        QTest.keyClick(dialog.comment, Qt.Key.Key_Return)

    QTimer.singleShot(0, answer)
    run()
    settled(window.session)
    return on


def is_on(window: MainWindow, command_id: str) -> bool:
    return window.book.actions[command_id].isEnabled()


def offered(window: MainWindow) -> list[str]:
    choice = panel_of(window).status
    return [choice.itemText(place) for place in range(choice.count())]


def banner(window: MainWindow) -> list[str]:
    """Sentences that are said over the views from now on; one that is over is gone."""
    said: list[str] = []

    def hear(level: str, sentence: str) -> None:
        if level != "over":
            said.append(sentence)
        elif sentence in said:
            said.remove(sentence)

    window.session.announced.connect(hear)
    return said


def test_a_case_is_sent_approved_and_returned_and_one_press_takes_each_back(
    window: MainWindow, cases: list[CaseRow]
) -> None:
    run(window, "annotate.send")
    assert status_of(window, cases[0]) == ("needs review", "")
    run(window, "annotate.approve")
    assert status_of(window, cases[0]) == ("approved", "")
    assert returning(window, WHY, lambda: window.book.actions["annotate.return"].trigger()) == [False, True]
    assert status_of(window, cases[0]) == ("returned", WHY)

    for step in (("approved", ""), ("needs review", ""), ("to do", "")):
        run(window, "edit.undo")
        assert status_of(window, cases[0]) == step
    for _ in range(3):
        run(window, "edit.redo")
    assert status_of(window, cases[0]) == ("returned", WHY)


def test_what_the_status_does_not_allow_is_grey_and_says_why(window: MainWindow, cases: list[CaseRow]) -> None:
    statuses: tuple[CaseStatus, ...]
    for case, (statuses, on) in zip(cases, (
        ((), "send"),
        ((CaseStatus.COMPLETE,), "send approve return"),
        ((CaseStatus.NEEDS_REVIEW,), "approve return"),
        ((CaseStatus.NEEDS_REVIEW, CaseStatus.APPROVED), "return"),
        ((CaseStatus.COMPLETE, CaseStatus.RETURNED), "send"),
    ), strict=False):  # fmt: skip
        window.session.open_case(case.case_id)
        settled(window.session)
        assert window.session.shown is not None and window.session.shown.case_id == case.case_id
        put(window, case, *statuses)

        names = ("send", "approve", "return")
        assert [name for name in names if is_on(window, f"annotate.{name}")] == on.split(), statuses
        situation = window.session.situation()
        why = {name: window.book.rows[f"annotate.{name}"].why_not(situation) for name in names}
        assert all(bool(words) == (name not in on.split()) for name, words in why.items()), statuses
        assert all(words.startswith("Only a case that is ") for words in why.values() if words), statuses


def test_several_chosen_cases_are_approved_in_one_step(window: MainWindow, cases: list[CaseRow]) -> None:
    for case in cases[1:4]:
        put(window, case, CaseStatus.NEEDS_REVIEW)
    panel = panel_of(window)
    for place in (1, 2, 3):
        index = panel.list.model().index(place, 0)
        flag = panel.list.selectionModel().SelectionFlag
        panel.list.selectionModel().select(index, flag.ClearAndSelect if place == 1 else flag.Select)
    assert len(window.session.members.chosen) == 3
    settled(window.session)
    assert window.book.actions["annotate.approve"].text().startswith("Approve 3 cases")

    run(window, "annotate.approve")
    assert [status_of(window, case)[0] for case in cases[:5]] == ["to do", *["approved"] * 3, "to do"]
    run(window, "edit.undo")
    assert [status_of(window, case)[0] for case in cases[:5]] == ["to do", *["needs review"] * 3, "to do"]


def test_the_menu_of_a_row_offers_review(window: MainWindow, qtbot: QtBot, cases: list[CaseRow]) -> None:
    menu = right_click(window, qtbot, cases[2])
    names = [one.objectName() for one in menu.actions()]
    menu.close()
    settled(window.session)
    assert {"annotate.send", "annotate.approve", "annotate.return"} <= set(names)


def test_the_menu_of_a_row_that_cannot_be_shown_is_about_that_row(
    window: MainWindow, qtbot: QtBot, cases: list[CaseRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(window, cases[0], CaseStatus.COMPLETE)
    put(window, cases[4], CaseStatus.NEEDS_REVIEW)

    def gone(case_id: str) -> None:
        raise NotFound("This case has no image that can be found. Was its folder moved?")

    monkeypatch.setattr(window.session, "open_case", gone)
    menu = right_click(window, qtbot, cases[4])
    settled(window.session)
    (approve,) = [one for one in menu.actions() if one.objectName() == "annotate.approve"]
    approve.trigger()
    settled(window.session)
    menu.close()

    assert status_of(window, cases[4]) == ("approved", "")
    assert status_of(window, cases[0]) == ("complete", "")


def test_the_list_speaks_of_review_only_where_there_is_any(window: MainWindow, cases: list[CaseRow]) -> None:
    panel, plain = panel_of(window), ["All statuses", "To do", "In progress", "Complete"]
    assert offered(window) == plain
    assert panel.words.text() == "0 complete · 0 in progress · 8 to do"

    put(window, cases[0], CaseStatus.NEEDS_REVIEW)
    put(window, cases[1], CaseStatus.COMPLETE, CaseStatus.APPROVED)
    put(window, cases[2], CaseStatus.COMPLETE, CaseStatus.RETURNED)
    put(window, cases[3], CaseStatus.COMPLETE)
    assert offered(window) == [*plain, "Needs review", "Approved", "Returned"]
    assert (panel.figure.text(), panel.of_total.text()) == ("3", "of 8 done")
    assert panel.words.text() == "1 complete · 1 needs review · 1 approved · 1 returned · 0 in progress · 4 to do"
    assert {"Needs review", "Approved", "Returned"} <= set(words_of(panel.list))
    tip = panel.list.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert f"Returned: {WHY}" in tip

    panel.status.setCurrentIndex(panel.status.findText("Returned"))
    settled(window.session)
    assert panel.case_ids == [cases[2].case_id]
    put(window, cases[2], CaseStatus.COMPLETE)
    assert panel.status.currentText() == "Returned"  # chosen as it was, though it has no case now
    panel.status.setCurrentIndex(0)
    put(window, cases[0], CaseStatus.COMPLETE)
    put(window, cases[1], CaseStatus.COMPLETE)
    assert offered(window) == plain
    assert panel.of_total.text() == "of 8 complete"


def test_whoever_opens_a_returned_case_is_told_by_whom_when_and_why_until_it_is_mended(
    window: MainWindow, qtbot: QtBot, cases: list[CaseRow]
) -> None:
    put(window, cases[1], CaseStatus.COMPLETE, CaseStatus.RETURNED)
    said = banner(window)
    time = project_of(window).history.entries()[0].time[:4]

    window.session.open_case(cases[1].case_id)
    qtbot.waitUntil(lambda: any("was returned by" in one for one in said))
    (sentence,) = said
    assert sentence.startswith(f"{cases[1].title} was returned by {project_of(window).author} on ")
    assert time in sentence and f"“{WHY}”" in sentence

    window.session.open_case(cases[2].case_id)
    qtbot.waitUntil(lambda: not said)
    window.session.open_case(cases[1].case_id)
    qtbot.waitUntil(lambda: bool(said))
    put(window, cases[1], CaseStatus.COMPLETE)
    assert not said


def test_hidden_names_are_not_in_what_is_said_of_review(window: MainWindow, qtbot: QtBot, cases: list[CaseRow]) -> None:
    put(window, cases[1], CaseStatus.COMPLETE, CaseStatus.RETURNED)
    said = banner(window)
    told: list[str] = []
    window.session.said.connect(told.append)
    window.session.set_names_hidden(hidden=True)

    window.session.open_case(cases[1].case_id)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].startswith("This case was returned by")
    run(window, "annotate.send")
    assert "This case is sent to review." in told
    window.session.set_names_hidden(hidden=False)


def test_sending_an_unanswered_case_is_refused_with_what_to_do(
    window: MainWindow, cases: list[CaseRow], qtbot: QtBot
) -> None:
    from viewer.project.edit_builders import add_label

    project = project_of(window)
    for name in ("NORMAL", "ILL"):
        window.session.do(add_label(name, "image", project.labels))
        settled(window.session)
    project.tasks.put(Task(name="t", kind="classification", labels=("NORMAL", "ILL"), exclusive=True))
    said: list[str] = []
    window.session.announced.connect(lambda _, sentence: said.append(sentence))

    run(window, "annotate.send")
    assert any(f"{cases[0].title} cannot be sent to review yet" in one for one in said)
    assert status_of(window, cases[0]) == ("to do", "")


def test_an_approved_case_that_loses_its_answer_is_said_to_be_approved_no_longer(
    window: MainWindow, cases: list[CaseRow]
) -> None:
    from viewer.project.edit_builders import add_label, say_image_label

    session, project = window.session, project_of(window)
    image_id = cases[0].first_image_id
    for name in ("NORMAL", "ILL"):
        session.do(add_label(name, "image", project.labels))
        settled(session)
    project.tasks.put(Task(name="t", kind="classification", labels=("NORMAL", "ILL"), exclusive=True))
    session.do(say_image_label(image_id, "NORMAL", before=None, after=Verdict.YES))
    settled(session)
    put(window, cases[0], CaseStatus.COMPLETE, CaseStatus.APPROVED)
    said = banner(window)

    session.do(say_image_label(image_id, "NORMAL", before=Verdict.YES, after=None))
    settled(session)
    assert any(one.startswith(f"{cases[0].title} is open again, and no longer approved: none of") for one in said)
    assert status_of(window, cases[0]) == ("in progress", "")


def test_complete_and_next_passes_over_what_is_done(window: MainWindow, qtbot: QtBot, cases: list[CaseRow]) -> None:
    session = window.session
    put(window, cases[1], CaseStatus.NEEDS_REVIEW)
    put(window, cases[2], CaseStatus.COMPLETE, CaseStatus.APPROVED)
    put(window, cases[3], CaseStatus.COMPLETE, CaseStatus.RETURNED)

    session.complete_and_next()
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[3].case_id)
    session.complete_and_next()
    settled(session)
    assert status_of(window, cases[3]) == ("complete", "")
