"""The context menu of the list of cases: it is about the row it was opened on, and says which one that is."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.test_project_members import answering, entered, project_of
from tests.waiting import settled
from viewer.core.errors import NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import set_status
from viewer.project.records import CaseRow
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu


def panel_of(window: MainWindow) -> CasesPanel:
    panel = window.findChild(CasesPanel)
    assert panel is not None
    return panel


def right_click(window: MainWindow, qtbot: QtBot, case: CaseRow) -> QMenu:
    """As a mouse does it: the press, then the menu. Returns the menu that is open."""
    panel = panel_of(window)
    index = panel.list.model().index(panel.case_ids.index(case.case_id), 0)
    panel.list.scrollTo(index)
    viewport, point = panel.list.viewport(), panel.list.visualRect(index).center()
    QTest.mousePress(viewport, Qt.MouseButton.RightButton, pos=point)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
    QApplication.sendEvent(viewport, event)
    QTest.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=point)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def press(window: MainWindow, menu: QMenu, command_id: str) -> None:
    (action,) = [one for one in menu.actions() if one.objectName() == command_id]
    menu.close()
    action.trigger()
    settled(window.session)


def highlighted(window: MainWindow) -> list[str]:
    return panel_of(window).list.chosen


def test_what_the_menu_of_a_row_does_is_about_that_row(window: MainWindow, qtbot: QtBot, project_folder: Path) -> None:
    cases, project = entered(window, qtbot, project_folder), project_of(window)

    menu = right_click(window, qtbot, cases[3])
    assert menu.actions()[0].text() == cases[3].title and not menu.actions()[0].isEnabled()
    press(window, menu, "annotate.complete")
    done = [row.case_id for row in project.cases.all(CaseStatus.COMPLETE)]
    assert done == [cases[3].case_id]

    window.session.do(set_status(project.cases.get(cases[0].case_id), CaseStatus.COMPLETE))
    settled(window.session)
    press(window, right_click(window, qtbot, cases[3]), "annotate.reopen")
    assert [row.case_id for row in project.cases.all(CaseStatus.COMPLETE)] == [cases[0].case_id]

    menu = right_click(window, qtbot, cases[5])
    said = answering(window, Qt.Key.Key_Return, lambda: press(window, menu, "dataset.take_out"))
    assert f"Take {cases[5].title} out of the project?" in said
    assert not project.cases.has(cases[5].case_id) and len(project.cases.all()) == len(cases) - 1


def test_after_a_menu_that_did_nothing_the_highlighted_row_is_the_shown_case(
    window: MainWindow, qtbot: QtBot, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, cases = window.session, entered(window, qtbot, project_folder)

    right_click(window, qtbot, cases[2]).close()
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[2].case_id)
    assert highlighted(window) == [cases[2].case_id]

    def gone(case_id: str) -> None:
        raise NotFound("This case has no image that can be found. Was its folder moved?")

    monkeypatch.setattr(session, "open_case", gone)
    menu = right_click(window, qtbot, cases[4])
    commands = [one.objectName() for one in menu.actions()]
    assert "dataset.take_out" in commands and "annotate.complete" not in commands and "annotate.reopen" not in commands
    menu.close()
    qtbot.waitUntil(lambda: highlighted(window) == [cases[2].case_id])


def test_of_several_chosen_rows_the_menu_only_has_what_is_about_all_of_them(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    cases, rows = entered(window, qtbot, project_folder), panel_of(window).list
    last = rows.visualRect(rows.model().index(2, 0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, last)
    assert len(highlighted(window)) == 3

    menu = right_click(window, qtbot, cases[1])
    assert menu.actions()[0].text() == "3 cases"
    assert [one.objectName() for one in menu.actions() if one.objectName()] == [
        "annotate.send", "annotate.approve", "annotate.return", "dataset.take_out",
    ]  # fmt: skip
    menu.close()


def test_a_press_beside_the_rows_leaves_the_highlight_on_the_shown_case(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    cases, rows = entered(window, qtbot, project_folder), panel_of(window).list
    rows.resize(rows.width(), 2000)
    beside = QPoint(20, 1900)
    assert not rows.indexAt(beside).isValid()

    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        QTest.mouseClick(rows.viewport(), button, pos=beside)
        assert highlighted(window) == [cases[0].case_id]
