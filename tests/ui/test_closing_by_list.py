"""Closing by the rows of the list of studies."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.closing import close_study, patients, press, status_words
from tests.ui.hand import NONE, drag
from viewer.core.edits import Edit
from viewer.reading.scan import Patient, Study
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.studies import ROLE, StudiesPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def panel(reading: MainWindow) -> StudiesPanel:
    made = reading.docks.panel("studies")
    assert isinstance(made, StudiesPanel)
    return made


POPUP = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu


def row(panel: StudiesPanel, patient: str, *, study: bool) -> QTreeWidgetItem:
    root = panel.tree.invisibleRootItem()
    tops = (root.child(place) for place in range(root.childCount()))
    top = next(top for top in tops if top.data(0, ROLE).patient_id == patient)
    found = top.child(0) if study else top
    assert isinstance(found.data(0, ROLE), Study if study else Patient)
    return found


def open_menu(panel: StudiesPanel, item: QTreeWidgetItem) -> QMenu:
    at = panel.tree.visualItemRect(item).center()
    where = panel.tree.viewport().mapToGlobal(at)
    QApplication.sendEvent(panel.tree.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str) -> None:
    action = next(
        action for action in menu.actions() if action.text().partition("\t")[0] == text
    )  # the key stands behind it
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, NONE, menu.actionGeometry(action).center())


@POPUP
def test_a_study_is_closed_by_the_menu_of_its_row(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    shown = reading.session.shown

    with qtbot.waitSignal(reading.session.frames.forgotten):
        pick(open_menu(panel, row(panel, "TWO2", study=True)), "Close study “CT Chest”")

    assert patients(reading) == ["FILMS", "ONE"]
    assert reading.session.shown is shown, "the view shows another study"
    assert panel.tree.topLevelItemCount() == 2


@POPUP
def test_a_patient_is_closed_by_the_menu_of_its_row(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reading.session.frames.forgotten):
        pick(open_menu(panel, row(panel, "ONE", study=False)), "Close patient's studies “ONE”")

    assert patients(reading) == ["FILMS", "TWO2"] and reading.session.shown is None
    assert status_words(reading)[0] == "Closed: ONE, 12 images."


def test_delete_closes_a_row_and_leaves_the_selected_shape(
    panel: StudiesPanel, reading: MainWindow, qtbot: QtBot
) -> None:
    session, view = reading.session, reading.session.active_view
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed):
        drag(view, (200, 200), (300, 260))
    session.select_shape(view.work.measurements[0].measurement_id)
    image_id = session.shown.image_id  # type: ignore[union-attr]
    panel.tree.setFocus()
    panel.tree.setCurrentItem(row(panel, "TWO2", study=True))

    with qtbot.waitSignal(session.frames.forgotten):
        QTest.keyClick(panel.tree, Qt.Key.Key_Delete)

    assert patients(reading) == ["FILMS", "ONE"]
    assert len(session.project.work.measurements(image_id)) == 1  # type: ignore[union-attr,arg-type]


def test_the_list_keeps_what_was_folded(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    row(panel, "FILMS", study=False).setExpanded(False)
    qtbot.waitUntil(lambda: len([one for one in panel._thumbnails._pixmaps.values() if one]) >= 3)
    gone = {series.series_id for series in reading.session.series_list() if series.patient_id == "ONE"}
    assert gone <= set(panel._thumbnails._pixmaps)

    close_study(reading, qtbot)

    assert gone.isdisjoint(panel._thumbnails._pixmaps), "small pictures go as well"
    assert not row(panel, "FILMS", study=False).isExpanded() and row(panel, "TWO2", study=False).isExpanded()


@pytest.mark.parametrize("every", [False, True], ids=["this", "all"])
def test_an_image_of_the_project_that_no_scan_found_is_closed_too(shown_case: Desk, *, every: bool) -> None:
    """As after a restart, and after a film was opened from the list of cases: it is on the screen."""
    assert shown_case.project is not None
    cases = len(shown_case.project.cases.all())
    assert not shown_case.situation().has("study_in_view"), "nothing was opened that could be forgotten"
    assert shown_case.situation().has("any_shown")

    (shown_case.closing.close_all if every else shown_case.closing.close_shown)()

    assert shown_case.shown is None and all(cell.series is None for cell in shown_case.cells)
    assert not shown_case.situation().has("any_shown")
    assert len(shown_case.project.cases.all()) == cases


def test_a_gesture_that_is_being_written_is_waited_for(
    panel: StudiesPanel, reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session = reading.session
    panel.tree.setCurrentItem(row(panel, "ONE", study=True))
    assert session.project is not None and session.shown is not None
    real, written = session.project.history.do, []

    def slow(edit: Edit) -> Edit:
        threading.Event().wait(0.3)  # a slow disk
        done: Edit = real(edit)
        written.append(edit)
        return done

    monkeypatch.setattr(session.project.history, "do", slow)
    image_id = session.shown.image_id
    press(reading, Qt.Key.Key_L)
    drag(session.active_view, (200, 200), (300, 260))
    assert not written

    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)

    assert len(written) == 1
    assert len(session.project.work.measurements(image_id)) == 1  # type: ignore[arg-type]
    assert session.shown is None
