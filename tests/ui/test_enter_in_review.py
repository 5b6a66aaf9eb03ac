"""In Review Enter accepts wherever the mouse was; a list or button that was reached by keys keeps its own Enter."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QWidget

from tests.ui.hand import CTRL, LEFT, NONE, press
from tests.ui.test_window_lawful import decided, opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import settled
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def panel(window: MainWindow) -> FindingsPanel:
    found = window.docks.panel("findings")
    assert isinstance(found, FindingsPanel)
    return found


def cases(window: MainWindow) -> CasesPanel:
    found = window.docks.panel("cases")
    assert isinstance(found, CasesPanel)
    return found


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, LEFT, NONE, at or widget.rect().center())


def filter_and_leave(window: MainWindow) -> None:
    """Type into the filter of the cases, and leave it by Esc: the list has the focus then."""
    press(window, Key.Key_F, CTRL)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    press(window, Key.Key_F)
    press(window, Key.Key_Escape)
    settled(window.session)
    assert isinstance(QApplication.focusWidget(), QAbstractItemView)


def by_predict(window: MainWindow) -> None:
    filter_and_leave(window)
    panel(window).predict.setEnabled(True)
    click(panel(window).predict)


def by_threshold(window: MainWindow) -> None:
    filter_and_leave(window)
    click(panel(window).threshold)


def by_case(window: MainWindow) -> None:
    the_list = cases(window).list
    click(the_list.viewport(), the_list.visualRect(the_list.model().index(0, 0)).center())
    assert QApplication.focusWidget() is the_list


def by_finding(window: MainWindow) -> None:
    the_list = panel(window).list
    click(the_list.viewport(), the_list.visualRect(the_list.model().index(0, 0)).center())


def by_statuses(window: MainWindow) -> None:
    """A list that opens below its field, and keeps the focus when one of it was chosen."""
    cases(window).status.setFocus(Qt.FocusReason.MouseFocusReason)
    click(cases(window))
    assert QApplication.focusWidget() is cases(window).status


def by_button_that_had_the_focus(window: MainWindow) -> None:
    panel(window).reject_button.setFocus(Qt.FocusReason.TabFocusReason)
    click(cases(window))


@pytest.mark.parametrize(
    "way", [by_predict, by_threshold, by_case, by_finding, by_statuses, by_button_that_had_the_focus]
)
def test_enter_accepts_after_any_click(opened: Callable[..., MainWindow], way: Callable[[MainWindow], None]) -> None:  # noqa: F811
    window, book = reviewing(opened, "boxes")
    way(window)
    settled(window.session)

    press(window, Key.Key_Return)
    settled(window.session)

    assert decided(book) == ["accepted"]


def test_a_list_that_is_walked_by_keys_opens_its_row(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, book = reviewing(opened, "boxes")
    by_case(window)
    before = window.session.shown
    assert before is not None

    press(window, Key.Key_Down)
    press(window, Key.Key_Return)
    settled(window.session)

    assert window.session.shown is not None and window.session.shown.case_id != before.case_id
    assert decided(book) == []


def test_a_filter_that_is_left_by_return_opens_the_row_that_it_found(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, book = reviewing(opened, "boxes")
    click(cases(window).search)
    for key in (Key.Key_F, Key.Key_Return, Key.Key_Down, Key.Key_Return):
        press(window, key)
    settled(window.session)

    assert decided(book) == []


def test_a_button_reached_by_tab_takes_enter_itself(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, book = reviewing(opened, "boxes")
    click(cases(window))
    press(window, Key.Key_Tab)
    panel(window).reject_button.setFocus(Qt.FocusReason.TabFocusReason)

    press(window, Key.Key_Space)
    settled(window.session)

    assert decided(book) == ["rejected"]
