"""From a comparison of runs to the cases that both, one or neither has right."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.evaluation.test_two_reports import TRUTH
from tests.jobs.test_several_runs import three as three
from tests.ui.test_compare_several import page as page
from tests.waiting import handled, settled
from viewer.jobs.runs import RunState
from viewer.ui.run_page.tiles import part_word
from viewer.ui.run_table import agreement
from viewer.ui.run_table.agreement import AgreementDialog
from viewer.ui.run_table.comparison import CompareSeveralDialog
from viewer.ui.run_table.page import RunTablePage
from viewer.ui.run_table.two_runs import CompareRunsDialog
from viewer.ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def answered(run: RunState, said: list[bool]) -> None:
    """Another table of the same cases: what the model answers."""
    table = run.folder / "report" / "cases.csv"
    head, *rows = table.read_text().splitlines()
    place = head.split(",").index("answer")
    changed = []
    for row, yes in zip(rows, said, strict=True):
        cells = row.split(",")
        cells[place] = "yes" if yes else "no"
        changed.append(",".join(cells))
    table.write_text("\n".join([head, *changed]) + "\n")


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot, page: RunTablePage, three: list[RunState]) -> AgreementDialog:
    """Opened from the comparison of three: the first answers rightly, the second says no of all, the third errs once
    (i001)."""
    right = [bool(one) for one in TRUTH]
    answered(three[0], right)
    answered(three[1], [False] * len(right))
    answered(three[2], [*right[:1], False, *right[2:]])
    comparison = CompareSeveralDialog(window.session, three, window)
    comparison.open()
    qtbot.waitUntil(comparison.agreement.isEnabled)
    assert "How far they answer alike" in comparison.page.toPlainText()
    qtbot.mouseClick(comparison.agreement, LEFT)
    found = QApplication.activeModalWidget()
    assert isinstance(found, AgreementDialog)
    return found


def test_the_four_numbers_are_those_of_the_chosen_two_and_list_their_cases(
    qtbot: QtBot, dialog: AgreementDialog, three: list[RunState]
) -> None:
    names = [run.run_id[-4:] for run in three]
    assert dialog.pair.count() == 3
    assert [int(button.text()) for button in dialog.counts] == [15, 15, 0, 0]

    dialog.pair.setFocus()
    qtbot.keyClick(dialog.pair, Qt.Key.Key_Down)
    assert [int(button.text()) for button in dialog.counts] == [29, 1, 0, 0]
    assert f"{names[0]} and {names[2]} agree on 0.967" in dialog.said.text()
    assert dialog.counts[1].accessibleName() == f"only {names[0]} right: 1" and not dialog.counts[2].isEnabled()

    qtbot.mouseClick(dialog.counts[1], LEFT)
    (only,) = dialog.cases.model.judged
    assert (
        only.image_id == "i001"
        and only.words == "a: yes, answered yes / no"
        and only.score == f"{names[0]} / {names[2]}"
    )
    assert only.by == (f"{names[0]}: yes", f"{names[2]}: no")
    assert f"Only {names[0]} right: 1 answer" in dialog.cases.words.text()
    assert dialog.cases.model.part == part_word("test")

    qtbot.mouseClick(dialog.differ, LEFT)
    assert [one.image_id for one in dialog.cases.model.judged] == ["i001"]


def test_a_case_opens_in_review_with_the_model_of_the_second(
    qtbot: QtBot, dialog: AgreementDialog, three: list[RunState], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []
    monkeypatch.setattr(agreement, "open_judged", lambda _, run, image: opened.append((run.run_id, image)))
    qtbot.mouseClick(dialog.counts[1], LEFT)
    handled()
    tiles, first = dialog.cases.list, dialog.cases.model.judged[0]
    qtbot.mouseClick(tiles.viewport(), LEFT, pos=tiles.visualRect(dialog.cases.model.index(0)).center())
    handled()

    assert opened == [(three[1].run_id, first.image_id)]
    assert QApplication.activeModalWidget() is None, "nothing lies over the case"


def test_two_that_are_compared_have_it_too_and_one_that_is_not_judged_says_why_not(
    window: MainWindow, qtbot: QtBot, page: RunTablePage, three: list[RunState]
) -> None:
    comparison = CompareRunsDialog(window.session, window.session.jobs.runs[0], window)
    comparison.open()
    qtbot.waitUntil(comparison.agreement.isEnabled)
    text = comparison.page.toPlainText()
    assert "How far they answer alike" in text and "agree on 1.000" in text
    comparison.close()

    (three[0].folder / "report" / "figures.json").write_text("{")
    for run in three[1:]:
        (run.folder / "report" / "figures.json").write_text("{")
    comparison = CompareRunsDialog(window.session, window.session.jobs.runs[0], window)
    comparison.open()
    settled(window.session)
    assert not comparison.agreement.isEnabled() and "the page says why" in comparison.agreement.toolTip()
    assert "is not JSON" in comparison.page.toPlainText()
