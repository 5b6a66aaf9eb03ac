"""The tool that selects: moving, resizing, nudging and removing what is there."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from tests.ui.desk import LABELS, Desk
from tests.ui.hand import CTRL, NONE, SHIFT
from viewer.core.overlays import OverlayMode
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.shape import Box


def test_a_drag_moves_only_a_shape_that_is_selected_already(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.arm("select")

    desk.drag((35, 30), (45, 35))  # selects, does not move
    assert len(desk.edits) == 1 and desk.view.overlay_settings.selected_id == desk.only().annotation_id

    desk.drag((35, 30), (45, 35))
    assert desk.only().shape == Box(x0_px=30, y0_px=25, x1_px=60, y1_px=45)
    assert desk.edits[-1].text == "move Lung box" and desk.only().revision == 2


def test_a_handle_resizes_and_a_move_stops_at_the_border(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.arm("select")
    desk.click((35, 30))
    desk.drag((50, 40), (70, 60))
    assert desk.only().shape == Box(x0_px=20, y0_px=20, x1_px=70, y1_px=60)
    assert desk.edits[-1].text == "resize Lung box"

    desk.drag((40, 40), (5, 5), (2, 3))  # QTest takes (0, 0) for the middle
    assert desk.only().shape == Box(x0_px=0, y0_px=0, x1_px=50, y1_px=40)


def test_moving_an_accepted_box_makes_it_a_corrected_one(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.call_accepted()
    desk.arm("select")
    desk.click((35, 30))
    desk.drag((35, 30), (40, 30))

    assert desk.only().origin is Origin.CORRECTED


def test_ctrl_and_arrows_nudge_the_selected_shape_as_seen_on_the_screen(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.view.select(desk.only().annotation_id)
    QTest.keyClick(desk.view, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(desk.view, Qt.Key.Key_Down, CTRL | SHIFT)
    assert desk.only().shape == Box(x0_px=21, y0_px=30, x1_px=51, y1_px=50)

    desk.view.rotate_right()  # the screen's right is now the image's up
    QTest.keyClick(desk.view, Qt.Key.Key_Right, CTRL)
    assert desk.only().shape == Box(x0_px=21, y0_px=29, x1_px=51, y1_px=49)


@pytest.mark.parametrize("modifiers", [NONE, SHIFT])
def test_plain_arrows_are_the_images_also_with_a_shape_selected(desk: Desk, modifiers: Qt.KeyboardModifier) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.arm("select")
    desk.view.select(desk.only().annotation_id)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(desk.view, key, modifiers)

    assert len(desk.edits) == 1


def test_a_held_delete_removes_once_and_backspace_nothing(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.view.select(desk.only().annotation_id)
    QTest.keyClick(desk.view, Qt.Key.Key_Backspace)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, NONE, "", True)
    desk.view.keyPressEvent(held)

    assert len(desk.edits) == 1 and desk.annotations


def test_delete_removes_the_selected_shape_and_undo_brings_it_back(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    kept = desk.only()
    desk.view.select(kept.annotation_id)
    QTest.keyClick(desk.view, Qt.Key.Key_Delete)
    assert not desk.annotations and desk.edits[-1].text == "remove Lung box"

    desk.undo()
    assert desk.only() == kept


def test_the_nearest_line_or_the_smallest_shape_is_selected(desk: Desk) -> None:
    desk.arm("box", 0)
    desk.drag((10, 10), (90, 90))
    desk.arm("box", 1)
    desk.drag((40, 40), (60, 60))
    desk.arm("select")

    desk.click((50, 50))
    assert desk.annotations[desk.view.overlay_settings.selected_id].label == "Heart"
    desk.click((20, 50))
    assert desk.annotations[desk.view.overlay_settings.selected_id].label == "Lung"
    desk.click((5, 5))
    assert desk.view.overlay_settings.selected_id == ""


def three(desk: Desk) -> tuple[str, str, str]:
    """Two boxes and a length, all selected, the second box with its handles. Returns their ids."""
    desk.arm("box", 0)
    desk.drag((10, 10), (30, 30))
    desk.arm("box", 1)
    desk.drag((50, 40), (70, 60))
    desk.arm("length")
    desk.drag((20, 80), (60, 80))
    one, other = desk.annotations
    (line,) = desk.measurements
    desk.arm("select")
    desk.view.select(other)
    for shape_id in (one, line, other, other):  # turned off and on again, the last one has the handles
        desk.view.turn_selected(shape_id)
    return one, other, line


def test_a_drag_moves_everything_that_is_selected_in_one_step(desk: Desk) -> None:
    one, other, line = three(desk)
    kept = (dict(desk.annotations), dict(desk.measurements))
    steps = len(desk.edits)

    desk.drag((60, 50), (70, 55))

    assert desk.annotations[one].shape == Box(x0_px=20, y0_px=15, x1_px=40, y1_px=35)
    assert desk.annotations[other].shape == Box(x0_px=60, y0_px=45, x1_px=80, y1_px=65)
    assert desk.measurements[line].points_px == ((30, 85), (70, 85))
    assert len(desk.edits) == steps + 1 and desk.edits[-1].text == "move 3 objects"
    assert {one, other, line} == {
        desk.view.overlay_settings.selected_id, *desk.view.overlay_settings.also_selected
    }  # fmt: skip
    desk.undo()
    assert (dict(desk.annotations), dict(desk.measurements)) == kept


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_several_that_are_moved_keep_their_places_to_each_other_at_the_border(desk: Desk, by: str) -> None:
    one, other, line = three(desk)

    if by == "mouse":
        desk.drag((60, 50), (90, 95))
    else:
        for _ in range(5):
            QTest.keyClick(desk.view, Qt.Key.Key_Right, CTRL | SHIFT)
            QTest.keyClick(desk.view, Qt.Key.Key_Down, CTRL | SHIFT)

    # The box stops at the right border, the line at the lower one: 30 to the right and 20 down for all.
    assert desk.annotations[one].shape == Box(x0_px=40, y0_px=30, x1_px=60, y1_px=50)
    assert desk.annotations[other].shape == Box(x0_px=80, y0_px=60, x1_px=100, y1_px=80)
    assert desk.measurements[line].points_px == ((50, 100), (90, 100))


def test_a_click_on_one_of_several_that_are_selected_chooses_it_alone(desk: Desk) -> None:
    one, _, _ = three(desk)
    steps = len(desk.edits)

    desk.click((20, 20))

    assert desk.view.overlay_settings.selected_id == one and not desk.view.overlay_settings.also_selected
    assert len(desk.edits) == steps


@pytest.mark.parametrize("how", ["eye", "space", "H"])
def test_what_is_hidden_is_neither_moved_nor_removed_nor_chosen(desk: Desk, how: str) -> None:
    one, other, _ = three(desk)
    settings = desk.view.overlay_settings
    if how == "eye":
        desk.view.set_overlays(
            list(desk.annotations.values()), [], LABELS, list(desk.measurements.values()),
            replace(settings, hidden_ids=frozenset({one})),
        )  # fmt: skip
    elif how == "space":
        desk.view.set_overlays(
            list(desk.annotations.values()), [], LABELS, list(desk.measurements.values()),
            replace(settings, mode=OverlayMode.NONE),
        )  # fmt: skip
    else:
        desk.view.set_bare(True)
    kept = dict(desk.annotations)

    desk.drag((60, 50), (65, 50))
    QTest.keyClick(desk.view, Qt.Key.Key_Down, CTRL)

    assert desk.annotations[one] == kept[one]
    if how == "eye":
        assert desk.annotations[other].shape == Box(x0_px=55, y0_px=41, x1_px=75, y1_px=61)
        desk.click((20, 20))
        assert desk.view.overlay_settings.selected_id == ""
    else:
        assert desk.annotations == kept
    desk.view.select(one)
    QTest.keyClick(desk.view, Qt.Key.Key_Delete)
    assert one in desk.annotations
