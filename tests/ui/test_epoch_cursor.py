"""The values of an epoch stand beside a run's curves, found by the mouse and by keys, of a thousand epochs too."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.test_run_plots import run_of
from tests.waiting import handled
from viewer.jobs.run_story import EpochPoint
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.run_cursor import HINT
from viewer.ui.panels.run_plots import RunPlots


@pytest.fixture
def plots(qtbot: QtBot, session: Desk) -> RunPlots:
    made = RunPlots(session)
    qtbot.addWidget(made)
    made.resize(700, 620)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def point(plots: RunPlots, epoch: float) -> None:
    """Move the mouse over the lower plot, to where an epoch is drawn."""
    plot = plots.metric_plot
    scene = plot.getViewBox().mapViewToScene(QPointF(epoch, 0.5))
    at = QPointF(plot.mapFromScene(scene))
    place = plot.viewport().mapToGlobal(at)
    moved = QMouseEvent(
        QEvent.Type.MouseMove, at, place, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), moved)
    handled()


def test_the_values_under_the_mouse_stand_above_the_curves(plots: RunPlots) -> None:
    plots.show_run(run_of(0.8, 5))
    handled()
    assert plots.values.text() == HINT

    point(plots, 4.2)

    assert plots.values.text() == "Epoch 4 · training loss 0.300 · validation loss 0.325 · AUC 0.720 on validation"
    assert [line.value() for line in plots.cursor_line.lines] == [4, 4]
    point(plots, 5.0)
    assert plots.values.text().endswith("AUC 0.800 on validation · the best")


def test_keys_go_along_the_epochs_and_past_no_end(plots: RunPlots) -> None:
    plots.show_run(run_of(0.8, 5))
    QTest.mouseClick(plots.loss.viewport(), Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is plots, "a click on the curves gives them the keys"
    told = []
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Right,
                Qt.Key.Key_Left, Qt.Key.Key_End):  # fmt: skip
        QTest.keyClick(plots, key)
        told.append(plots.cursor_line.epoch)

    assert told == [1, 1, 2, 9, 9, 8, 9]


def test_a_value_that_is_none_is_a_dash_and_another_run_begins_anew(plots: RunPlots) -> None:
    none = EpochPoint(epoch=1, train_loss=0.5, val_loss=None, metrics={"auc": None})
    plots.show_run(run_of(0.8, 1, curves=(none,)))
    QTest.keyClick(plots, Qt.Key.Key_End)
    assert plots.values.text().startswith("Epoch 1 · training loss 0.500 · validation loss – · AUC –")

    plots.show_run(run_of(0.8, 5, folder=plots.cursor_line._run.folder / "another"))  # type: ignore[union-attr]
    assert plots.values.text() == HINT and not plots.cursor_line.lines[0].isVisible()


def test_a_run_that_goes_on_keeps_the_epoch_that_is_looked_at(plots: RunPlots) -> None:
    thousand = tuple(
        EpochPoint(epoch=epoch, train_loss=1 / epoch, val_loss=2 / epoch, metrics={"auc": 0.5})
        for epoch in range(1, 1001)
    )
    plots.show_run(run_of(0.8, 5, curves=thousand[:900], epochs=1000))
    QTest.keyClick(plots, Qt.Key.Key_End)
    QTest.keyClick(plots, Qt.Key.Key_PageUp)
    assert plots.cursor_line.epoch == 890

    plots.show_run(run_of(0.8, 5, curves=thousand, epochs=1000))

    assert plots.cursor_line.epoch == 890 and plots.values.text().startswith("Epoch 890 ·")
    point(plots, 400.4)
    assert abs(plots.cursor_line.epoch - 400) <= 2, "a pixel is more than an epoch"
