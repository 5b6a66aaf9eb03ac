"""The crosshair takes every view of a frame of reference to one place of the patient."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from viewer.ui.views.cell import ViewCell
from viewer.ui.window.main_window import MainWindow


def open_series(window: MainWindow, cell: ViewCell, name: str, index: int) -> None:
    window.grid.activate(cell)
    cell.show_series(series_named(window, name), index)


@pytest.fixture
def pair(reading: MainWindow, qtbot: QtBot) -> MainWindow:
    """Two series of one frame of reference (4 and 8 mm apart) side by side, the crosshair armed."""
    reading.book.run("view.layout_1x2")
    left, right = reading.grid.cells
    open_series(reading, left, "Series 1", 4)  # at 16 mm
    open_series(reading, right, "Series 2", 0)
    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in (left, right)))
    reading.grid.activate(left)
    QTest.keyClick(left.view, Qt.Key.Key_X)
    assert reading.session.tool == "crosshair"
    return reading


def click(cell: ViewCell, x_px: float, y_px: float) -> None:
    view = cell.view
    x, y = view.transform().to_view(x_px, y_px)
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        QPoint(round(x / view.device_ratio), round(y / view.device_ratio)),
    )  # fmt: skip


def cross(cell: ViewCell) -> tuple[float, float] | None:
    """Where the lines of a view's cross meet, in image points; None where none is drawn."""
    mark = cell.view.work.mark
    lines = mark.lines(cell.view.facts) if mark is not None else ()
    if not lines:
        return None
    (_, y), _ = lines[0].points_px
    (x, _), _ = lines[-1].points_px
    return x, y


def test_the_other_view_goes_to_the_slice_through_the_point_and_marks_it(pair: MainWindow, qtbot: QtBot) -> None:
    left, right = pair.grid.cells

    click(left, 20.0, 30.0)
    qtbot.waitUntil(lambda: right.shown is not None and right.shown.ref == right.series.frames[2])

    assert right.index == 2, "16 mm is the third slice of those 8 mm apart"
    for cell in (left, right):
        at = cross(cell)
        assert at is not None
        assert at == pytest.approx((20.0, 30.0), abs=0.5), "both series have one grid, so the point is at one place"


def test_a_slice_that_does_not_go_through_the_point_shows_no_cross(pair: MainWindow, qtbot: QtBot) -> None:
    left, right = pair.grid.cells
    click(left, 20.0, 30.0)
    qtbot.waitUntil(lambda: cross(right) is not None)

    right.scroll_to(0)  # at 0 mm
    qtbot.waitUntil(lambda: right.shown is not None and right.shown.ref == right.series.frames[0])
    assert cross(right) is None

    right.scroll_to(2)
    qtbot.waitUntil(lambda: cross(right) is not None)


def test_another_tool_takes_the_cross_away(pair: MainWindow, qtbot: QtBot) -> None:
    left, right = pair.grid.cells
    click(left, 20.0, 30.0)
    qtbot.waitUntil(lambda: cross(right) is not None)

    QTest.keyClick(left.view, Qt.Key.Key_L)

    assert cross(left) is None and cross(right) is None


def test_views_of_another_frame_of_reference_stay_and_why_is_said(pair: MainWindow, qtbot: QtBot) -> None:
    left, right = pair.grid.cells
    open_series(pair, right, "Series 5", 1)
    qtbot.waitUntil(lambda: right.shown is not None and right.shown.series.description == "Series 5")
    pair.grid.activate(left)

    with qtbot.waitSignal(pair.session.said) as said:
        click(left, 20.0, 30.0)

    assert "No other view shares" in said.args[0]
    assert right.index == 1 and cross(right) is None and cross(left) is not None
