"""Tools that draw shapes, by real mouse and key events on a view; each finished gesture is exactly one edit."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.easel import LABELS, Easel
from tests.ui.hand import LEFT, NONE, wheel
from viewer.core.labels import Label
from viewer.core.registry import load
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.ui.tools import TOOLS


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_loads_says_what_it_is_and_survives_a_drag_a_click_and_escape(easel: Easel, name: str) -> None:
    tool = load(TOOLS, name)
    assert tool.title and tool.icon.endswith(".svg") and isinstance(tool.shortcut, str)

    easel.arm(name)
    easel.drag((20, 20), (40, 30), (60, 50))
    easel.click((30, 30), (50, 30), (50, 60))
    easel.view.grab()
    QTest.keyClick(easel.view, Qt.Key.Key_Escape)
    easel.view.show_frame(None)
    easel.click((30, 30))

    assert all(edit.image_id == "image-1" for edit in easel.edits)


def test_a_box_is_drawn_from_corner_to_corner_in_either_direction(easel: Easel) -> None:
    easel.arm("box", 2)
    easel.drag((60, 70), (40, 50), (20, 30))

    assert len(easel.edits) == 1 and easel.edits[0].text == "draw Nodule box"
    made = easel.only()
    assert made.shape == Box(x0_px=20, y0_px=30, x1_px=60, y1_px=70)
    assert (made.label, made.author, made.origin, made.image_id) == ("Nodule", "me", Origin.PERSON, "image-1")


def test_a_box_ends_at_the_image(easel: Easel) -> None:
    easel.view.zoom_by(0.5)
    easel.arm("box")
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(200, 200))
    QTest.mouseMove(easel.view, QPoint(399, 399))
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(399, 399))

    assert easel.only().shape == Box(x0_px=50, y0_px=50, x1_px=100, y1_px=100)


def test_a_click_draws_no_box(easel: Easel) -> None:
    easel.arm("box")
    easel.click((30, 30))

    assert not easel.edits


def test_without_a_label_nothing_is_drawn_and_why_is_said(easel: Easel, qtbot: QtBot) -> None:
    easel.arm("box", None)
    with qtbot.waitSignal(easel.view.said) as said:
        easel.drag((20, 20), (40, 40))

    assert not easel.edits and "press a digit" in said.args[0]


@pytest.mark.parametrize("tool", ["box", "brush"])
def test_where_there_is_no_label_at_all_it_is_said_how_to_add_one(easel: Easel, qtbot: QtBot, tool: str) -> None:
    whole_image = Label(name="Normal", scope="image", position=0)
    easel.view.set_overlays([], [], [whole_image], [], easel.view.overlay_settings)
    easel.arm(tool, None)
    with qtbot.waitSignal(easel.view.said) as said:
        easel.drag((20, 20), (40, 40))

    assert not easel.edits and "Add a label" in said.args[0] and "digit" not in said.args[0]


@pytest.mark.parametrize("tool", ["box", "polygon", "freehand", "brush", "eraser", "length", "angle", "ellipse"])
def test_a_project_open_for_reading_takes_no_gesture(easel: Easel, tool: str) -> None:
    easel.arm(tool)
    easel.view.set_drawing(label=LABELS[0], author="me", may_draw=False)
    easel.drag((20, 20), (40, 40), (60, 20))
    easel.click((20, 20), (40, 40), (60, 20))
    QTest.keyClick(easel.view, Qt.Key.Key_Return)

    assert not easel.edits


def test_escape_drops_the_drag_in_progress(easel: Easel) -> None:
    easel.arm("box")
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(easel.view, QPoint(200, 200))
    QTest.keyClick(easel.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(200, 200))

    assert not easel.edits


def test_another_image_drops_the_drag_in_progress(easel: Easel) -> None:
    easel.arm("box")
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(easel.view, QPoint(200, 200))
    easel.view.show_frame(easel.view.frame, image_id="image-2")
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(200, 200))

    assert not easel.edits


@pytest.mark.parametrize("how", ["enter", "double", "first"])
def test_a_polygon_is_closed_by_enter_double_click_or_its_first_corner(easel: Easel, how: str) -> None:
    easel.arm("polygon", 1)
    easel.click((20, 20), (60, 25))
    if how == "enter":
        easel.click((50, 70))
        QTest.keyClick(easel.view, Qt.Key.Key_Return)
    elif how == "double":
        easel.click((50, 70))
        QTest.mouseDClick(easel.view, LEFT, NONE, QPoint(200, 280))
    else:
        easel.click((50, 70), (20, 20))

    assert len(easel.edits) == 1
    assert easel.only().shape == Polygon(points_px=((20, 20), (60, 25), (50, 70)))


def test_backspace_takes_a_corner_back_and_escape_the_whole_polygon(easel: Easel) -> None:
    easel.arm("polygon")
    easel.click((20, 20), (60, 25), (90, 90), (50, 70))
    QTest.keyClick(easel.view, Qt.Key.Key_Backspace)
    QTest.keyClick(easel.view, Qt.Key.Key_Return)
    shape = easel.only().shape
    assert isinstance(shape, Polygon) and len(shape.points_px) == 3

    easel.click((10, 10), (30, 10), (30, 30))
    QTest.keyClick(easel.view, Qt.Key.Key_Escape)
    QTest.keyClick(easel.view, Qt.Key.Key_Return)
    assert len(easel.edits) == 1


def test_freehand_closes_when_let_go(easel: Easel) -> None:
    easel.arm("freehand")
    easel.drag((20, 20), (60, 20), (60, 60), (20, 60))

    shape = easel.only().shape
    assert isinstance(shape, Polygon) and set(shape.points_px) >= {(20, 20), (60, 20), (60, 60)}


def test_a_scroll_drag_goes_on_while_frames_change_under_it(easel: Easel) -> None:
    steps: list[int] = []

    def next_frame(count: int) -> None:
        steps.append(count)
        easel.view.show_frame(easel.view.frame, image_id=f"image-{len(steps)}")

    easel.view.scrolled.connect(next_frame)
    easel.arm("scroll")
    easel.drag((50, 10), (50, 20), (50, 30), (50, 40))

    assert sum(steps) == 15  # 120 pixels of 8 each
    assert len(steps) == 3


def test_the_wheel_does_not_scroll_away_from_a_shape_being_drawn(easel: Easel, qtbot: QtBot) -> None:
    easel.arm("box")
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(40, 40))
    QTest.mouseMove(easel.view, QPoint(200, 200))
    with qtbot.assertNotEmitted(easel.view.scrolled):
        wheel(easel.view, 1)
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(200, 200))

    assert len(easel.edits) == 1
