"""Tools that draw shapes, by real mouse and key events on a view; each finished gesture is exactly one edit."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.desk import LABELS, Desk
from tests.ui.hand import LEFT, NONE, wheel
from viewer.core.labels import Label
from viewer.core.registry import load
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.shape import Box, Polygon
from viewer.ui.tools import TOOLS


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_loads_says_what_it_is_and_survives_a_drag_a_click_and_escape(desk: Desk, name: str) -> None:
    tool = load(TOOLS, name)
    assert tool.title and tool.icon.endswith(".svg") and isinstance(tool.shortcut, str)

    desk.arm(name)
    desk.drag((20, 20), (40, 30), (60, 50))
    desk.click((30, 30), (50, 30), (50, 60))
    desk.view.grab()
    QTest.keyClick(desk.view, Qt.Key.Key_Escape)
    desk.view.show_frame(None)
    desk.click((30, 30))

    assert all(edit.image_id == "image-1" for edit in desk.edits)


def test_a_box_is_drawn_from_corner_to_corner_in_either_direction(desk: Desk) -> None:
    desk.arm("box", 2)
    desk.drag((60, 70), (40, 50), (20, 30))

    assert len(desk.edits) == 1 and desk.edits[0].text == "draw Nodule box"
    made = desk.only()
    assert made.shape == Box(x0_px=20, y0_px=30, x1_px=60, y1_px=70)
    assert (made.label, made.author, made.origin, made.image_id) == ("Nodule", "me", Origin.PERSON, "image-1")


def test_a_box_ends_at_the_image(desk: Desk) -> None:
    desk.view.zoom_by(0.5)
    desk.arm("box")
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(200, 200))
    QTest.mouseMove(desk.view, QPoint(399, 399))
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(399, 399))

    assert desk.only().shape == Box(x0_px=50, y0_px=50, x1_px=100, y1_px=100)


def test_a_click_draws_no_box(desk: Desk) -> None:
    desk.arm("box")
    desk.click((30, 30))

    assert not desk.edits


def test_without_a_label_nothing_is_drawn_and_why_is_said(desk: Desk, qtbot: QtBot) -> None:
    desk.arm("box", None)
    with qtbot.waitSignal(desk.view.said) as said:
        desk.drag((20, 20), (40, 40))

    assert not desk.edits and "press a digit" in said.args[0]


@pytest.mark.parametrize("tool", ["box", "brush"])
def test_where_there_is_no_label_at_all_it_is_said_how_to_add_one(desk: Desk, qtbot: QtBot, tool: str) -> None:
    whole_image = Label(name="Normal", scope="image", position=0)
    desk.view.set_overlays([], [], [whole_image], [], desk.view.overlay_settings)
    desk.arm(tool, None)
    with qtbot.waitSignal(desk.view.said) as said:
        desk.drag((20, 20), (40, 40))

    assert not desk.edits and "Add a label" in said.args[0] and "digit" not in said.args[0]


@pytest.mark.parametrize("tool", ["box", "polygon", "freehand", "brush", "eraser", "length", "angle", "ellipse"])
def test_a_project_open_for_reading_takes_no_gesture(desk: Desk, tool: str) -> None:
    desk.arm(tool)
    desk.view.set_drawing(label=LABELS[0], author="me", may_draw=False)
    desk.drag((20, 20), (40, 40), (60, 20))
    desk.click((20, 20), (40, 40), (60, 20))
    QTest.keyClick(desk.view, Qt.Key.Key_Return)

    assert not desk.edits


def test_escape_drops_the_drag_in_progress(desk: Desk) -> None:
    desk.arm("box")
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(desk.view, QPoint(200, 200))
    QTest.keyClick(desk.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(200, 200))

    assert not desk.edits


def test_another_image_drops_the_drag_in_progress(desk: Desk) -> None:
    desk.arm("box")
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(desk.view, QPoint(200, 200))
    desk.view.show_frame(desk.view.frame, image_id="image-2")
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(200, 200))

    assert not desk.edits


@pytest.mark.parametrize("how", ["enter", "double", "first"])
def test_a_polygon_is_closed_by_enter_double_click_or_its_first_corner(desk: Desk, how: str) -> None:
    desk.arm("polygon", 1)
    desk.click((20, 20), (60, 25))
    if how == "enter":
        desk.click((50, 70))
        QTest.keyClick(desk.view, Qt.Key.Key_Return)
    elif how == "double":
        desk.click((50, 70))
        QTest.mouseDClick(desk.view, LEFT, NONE, QPoint(200, 280))
    else:
        desk.click((50, 70), (20, 20))

    assert len(desk.edits) == 1
    assert desk.only().shape == Polygon(points_px=((20, 20), (60, 25), (50, 70)))


def test_backspace_takes_a_corner_back_and_escape_the_whole_polygon(desk: Desk) -> None:
    desk.arm("polygon")
    desk.click((20, 20), (60, 25), (90, 90), (50, 70))
    QTest.keyClick(desk.view, Qt.Key.Key_Backspace)
    QTest.keyClick(desk.view, Qt.Key.Key_Return)
    shape = desk.only().shape
    assert isinstance(shape, Polygon) and len(shape.points_px) == 3

    desk.click((10, 10), (30, 10), (30, 30))
    QTest.keyClick(desk.view, Qt.Key.Key_Escape)
    QTest.keyClick(desk.view, Qt.Key.Key_Return)
    assert len(desk.edits) == 1


def test_freehand_closes_when_let_go(desk: Desk) -> None:
    desk.arm("freehand")
    desk.drag((20, 20), (60, 20), (60, 60), (20, 60))

    shape = desk.only().shape
    assert isinstance(shape, Polygon) and set(shape.points_px) >= {(20, 20), (60, 20), (60, 60)}


def test_a_scroll_drag_goes_on_while_frames_change_under_it(desk: Desk) -> None:
    steps: list[int] = []

    def next_frame(count: int) -> None:
        steps.append(count)
        desk.view.show_frame(desk.view.frame, image_id=f"image-{len(steps)}")

    desk.view.scrolled.connect(next_frame)
    desk.arm("scroll")
    desk.drag((50, 10), (50, 20), (50, 30), (50, 40))

    assert sum(steps) == 15  # 120 pixels of 8 each
    assert len(steps) == 3


def test_the_wheel_does_not_scroll_away_from_a_shape_being_drawn(desk: Desk, qtbot: QtBot) -> None:
    desk.arm("box")
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(desk.view, QPoint(200, 200))
    with qtbot.assertNotEmitted(desk.view.scrolled):
        wheel(desk.view, 1)
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(200, 200))

    assert len(desk.edits) == 1
