"""Corners of a polygon: one more by a double click on an edge, one less by Alt and a click or by Delete."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.easel import Easel
from tests.ui.hand import LEFT, NONE
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.kinds.polygon import Polygon

ALT = Qt.KeyboardModifier.AltModifier
SQUARE = [(20, 20), (60, 20), (60, 60), (20, 60)]


@pytest.fixture
def square(easel: Easel) -> Easel:
    """A easel with a square polygon that is selected."""
    easel.arm("polygon")
    easel.click(*SQUARE)
    QTest.keyClick(easel.view, Qt.Key.Key_Return)
    easel.arm("select")
    easel.view.select(easel.only().annotation_id)
    return easel


def corners(easel: Easel) -> list[tuple[float, float]]:
    shape = easel.only().shape
    assert isinstance(shape, Polygon)
    return [(round(x, 3), round(y, 3)) for x, y in shape.points_px]


def double_click(easel: Easel, x: float, y: float) -> None:
    """As a hand does it: press, release, and the second press that Qt calls a double click. x, y: on the screen."""
    at = QPoint(round(x), round(y))
    QTest.mouseClick(easel.view, LEFT, NONE, at)
    QTest.mouseDClick(easel.view, LEFT, NONE, at)
    QTest.mouseRelease(easel.view, LEFT, NONE, at)


def test_a_double_click_on_an_edge_adds_a_corner_there_and_one_undo_takes_it_back(square: Easel) -> None:
    before = square.only()
    double_click(square, 4 * 30, 4 * 20 + 3)

    assert corners(square) == [(20, 20), (30, 20), (60, 20), (60, 60), (20, 60)]  # on the edge, not beside it
    assert len(square.edits) == 2 and square.edits[-1].text == "add a corner to Lung polygon"
    square.undo()
    assert square.only() == before


def test_the_edge_that_closes_the_polygon_has_its_corner_at_the_end(square: Easel) -> None:
    double_click(square, 4 * 20, 4 * 40)

    assert corners(square) == [(20, 20), (60, 20), (60, 60), (20, 60), (20, 40)]


def test_a_double_click_on_a_polygon_that_is_not_selected_yet_adds_a_corner_too(square: Easel) -> None:
    square.view.select("")
    double_click(square, 4 * 40, 4 * 20)

    assert len(corners(square)) == 5


def test_a_new_corner_is_dragged_to_its_place_in_the_same_step(square: Easel) -> None:
    QTest.mouseClick(square.view, LEFT, NONE, QPoint(4 * 40, 4 * 20))
    at = QPointF(4 * 40, 4 * 20)
    second = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, square.view.mapToGlobal(at), LEFT, LEFT, NONE)
    QApplication.sendEvent(square.view, second)
    QTest.mouseMove(square.view, QPoint(4 * 40, 4 * 10))
    QTest.mouseRelease(square.view, LEFT, NONE, QPoint(4 * 40, 4 * 10))

    assert corners(square)[1] == (40, 10)
    assert len(square.edits) == 2 and square.edits[-1].text == "add a corner to Lung polygon"


@pytest.mark.parametrize("place", [(160, 160), (10, 390)], ids=["inside", "outside"])
def test_a_double_click_beside_the_edges_maximises_the_view(
    qtbot: QtBot, square: Easel, place: tuple[int, int]
) -> None:
    with qtbot.waitSignal(square.view.double_clicked):
        double_click(square, *place)

    assert len(square.edits) == 1


@pytest.mark.parametrize("zoom", [0.2, 1.0, 6.0])
@pytest.mark.parametrize(("away_px", "added"), [(5, True), (9, False)])
def test_an_edge_reaches_equally_far_on_the_screen_at_any_zoom(
    square: Easel, zoom: float, away_px: int, *, added: bool
) -> None:
    square.view.zoom_by(zoom, (160.0, 80.0))  # the middle of the upper edge stays where it is
    double_click(square, 160, 80 - away_px)

    assert (len(square.edits) == 2) is added


def test_alt_and_a_click_on_a_corner_takes_it_away(square: Easel) -> None:
    before = square.only()
    QTest.mouseClick(square.view, LEFT, ALT, QPoint(4 * 60 + 2, 4 * 20))

    assert corners(square) == [(20, 20), (60, 60), (20, 60)]
    assert square.edits[-1].text == "take a corner from Lung polygon"
    square.undo()
    assert square.only() == before


def test_three_corners_stay_and_it_is_said(qtbot: QtBot, square: Easel) -> None:
    QTest.mouseClick(square.view, LEFT, ALT, QPoint(4 * 60, 4 * 20))
    with qtbot.waitSignal(square.view.said) as told:
        QTest.mouseClick(square.view, LEFT, ALT, QPoint(4 * 60, 4 * 60))

    assert told.args is not None and str(told.args[0]).startswith("A polygon keeps at least three corners.")
    assert len(corners(square)) == 3


def test_delete_after_a_click_on_a_corner_takes_that_corner_and_else_the_polygon(square: Easel) -> None:
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, NONE, "", True)
    square.click((60, 20))
    square.view.keyPressEvent(held)  # the key went down before the click: it means something else
    assert len(corners(square)) == 4

    QTest.keyClick(square.view, Qt.Key.Key_Delete)
    assert corners(square) == [(20, 20), (60, 60), (20, 60)]

    square.view.keyPressEvent(held)  # the key is still down: it takes nothing more
    assert len(corners(square)) == 3

    QTest.keyClick(square.view, Qt.Key.Key_Delete)
    assert not square.annotations


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_a_corner_that_was_dragged_is_not_what_delete_means(square: Easel, *, is_taken_back: bool) -> None:
    square.drag((60, 20), (70, 10))
    if is_taken_back:
        square.undo()
    QTest.keyClick(square.view, Qt.Key.Key_Delete)

    assert not square.annotations


def test_another_corner_makes_an_accepted_polygon_a_corrected_one(square: Easel) -> None:
    square.call_accepted()
    double_click(square, 4 * 40, 4 * 20)

    assert square.only().origin is Origin.CORRECTED
