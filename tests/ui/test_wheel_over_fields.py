"""A wheel that scrolls a panel changes no slider or list of it that the hand passes over."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QSlider
from pytestqt.qtbot import QtBot

from tests.ui.hand import wheel
from viewer.ui.panels.heatmap import HeatmapPanel
from viewer.ui.window.main_window import MainWindow


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
