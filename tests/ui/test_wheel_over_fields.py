"""A wheel that scrolls a panel or a dialog changes no slider, number or list that the hand passes over."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.hand import wheel, wheel_from_the_screen
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.heatmap import HeatmapPanel
from viewer.ui.window.main_window import MainWindow


def _new_run(session: Desk, window: MainWindow) -> QDialog:
    return TrainDialog(session, kind="classification", parent=window)


def _value(field: QComboBox | QSpinBox) -> int:
    return field.currentIndex() if isinstance(field, QComboBox) else field.value()


def test_the_heatmap_takes_the_wheel_only_where_the_focus_is(qtbot: QtBot, reading: MainWindow) -> None:
    reading.enter("review")
    panel = reading.docks.panel("heatmap")
    assert isinstance(panel, HeatmapPanel)
    fields = [*panel.findChildren(QSlider), *panel.findChildren(QComboBox)]
    assert fields
    for field in fields:
        before = field.value() if isinstance(field, QSlider) else field.currentIndex()
        for notches in (1, -1, -1):
            wheel(field, notches, (5, 5))
            assert before == (field.value() if isinstance(field, QSlider) else field.currentIndex())
    qtbot.waitUntil(reading.isActiveWindow)
    panel.opacity.setFocus(Qt.FocusReason.TabFocusReason)
    assert QApplication.focusWidget() is panel.opacity
    before = panel.opacity.value()
    wheel(panel.opacity, 1, (5, 5))
    assert panel.opacity.value() != before


@pytest.mark.parametrize("made", [ImportDialog, _new_run], ids=["import", "new run"])
def test_a_wheel_over_a_field_of_a_dialog_neither_turns_it_nor_goes_to_it(
    qtbot: QtBot, window: MainWindow, made: Callable[[Desk, MainWindow], QDialog]
) -> None:
    """Qt gives these fields the focus on a wheel, before anyone is asked; the first one has it when a dialog opens."""
    dialog = made(window.session, window)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    fields: list[QComboBox | QSpinBox] = [*dialog.findChildren(QComboBox), *dialog.findChildren(QSpinBox)]
    seen = [field for field in fields if field.isVisible() and not field.visibleRegion().isEmpty()]
    assert seen
    for field in seen:
        if isinstance(field, QComboBox):
            field.addItems(["one", "two", "three"])
        before, focus = _value(field), QApplication.focusWidget()
        for notches in (1, -1, -1):
            wheel_from_the_screen(field, notches)
            assert _value(field) == before, field.accessibleName()
        assert QApplication.focusWidget() is focus, field.accessibleName()
    gone_to = next(one for one in dialog.findChildren(QComboBox) if one.isVisible())
    for part in dialog.findChildren(QWidget):  # of a new run without a snapshot all is off
        part.setEnabled(True)
    gone_to.clearFocus()
    gone_to.setFocus(Qt.FocusReason.TabFocusReason)
    gone_to.setCurrentIndex(0)
    wheel_from_the_screen(gone_to, -1)
    assert _value(gone_to) == 1
    dialog.reject()
