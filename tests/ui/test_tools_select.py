"""The tool that selects: moving, resizing, nudging and removing what is there."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from tests.ui.easel import LABELS, Easel
from tests.ui.hand import CTRL, NONE, SHIFT
from viewer.core.overlays import OverlayMode
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.kinds.box import Box


def test_a_drag_moves_only_a_shape_that_is_selected_already(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.arm("select")

    easel.drag((35, 30), (45, 35))  # selects, does not move
    assert len(easel.edits) == 1 and easel.view.overlay_settings.selected_id == easel.only().annotation_id

    easel.drag((35, 30), (45, 35))
    assert easel.only().shape == Box(x0_px=30, y0_px=25, x1_px=60, y1_px=45)
    assert easel.edits[-1].text == "move Lung box" and easel.only().revision == 2


def test_a_handle_resizes_and_a_move_stops_at_the_border(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.arm("select")
    easel.click((35, 30))
    easel.drag((50, 40), (70, 60))
    assert easel.only().shape == Box(x0_px=20, y0_px=20, x1_px=70, y1_px=60)
    assert easel.edits[-1].text == "resize Lung box"

    easel.drag((40, 40), (5, 5), (2, 3))  # QTest takes (0, 0) for the middle
    assert easel.only().shape == Box(x0_px=0, y0_px=0, x1_px=50, y1_px=40)


def test_moving_an_accepted_box_makes_it_a_corrected_one(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.call_accepted()
    easel.arm("select")
    easel.click((35, 30))
    easel.drag((35, 30), (40, 30))

    assert easel.only().origin is Origin.CORRECTED


def test_ctrl_and_arrows_nudge_the_selected_shape_as_seen_on_the_screen(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.view.select(easel.only().annotation_id)
    QTest.keyClick(easel.view, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(easel.view, Qt.Key.Key_Down, CTRL | SHIFT)
    assert easel.only().shape == Box(x0_px=21, y0_px=30, x1_px=51, y1_px=50)

    easel.view.rotate_right()  # the screen's right is now the image's up
    QTest.keyClick(easel.view, Qt.Key.Key_Right, CTRL)
    assert easel.only().shape == Box(x0_px=21, y0_px=29, x1_px=51, y1_px=49)


@pytest.mark.parametrize("modifiers", [NONE, SHIFT])
def test_plain_arrows_are_the_images_also_with_a_shape_selected(easel: Easel, modifiers: Qt.KeyboardModifier) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.arm("select")
    easel.view.select(easel.only().annotation_id)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(easel.view, key, modifiers)

    assert len(easel.edits) == 1


def test_a_held_delete_removes_once_and_backspace_nothing(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    easel.view.select(easel.only().annotation_id)
    QTest.keyClick(easel.view, Qt.Key.Key_Backspace)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, NONE, "", True)
    easel.view.keyPressEvent(held)

    assert len(easel.edits) == 1 and easel.annotations


def test_delete_removes_the_selected_shape_and_undo_brings_it_back(easel: Easel) -> None:
    easel.arm("box")
    easel.drag((20, 20), (50, 40))
    kept = easel.only()
    easel.view.select(kept.annotation_id)
    QTest.keyClick(easel.view, Qt.Key.Key_Delete)
    assert not easel.annotations and easel.edits[-1].text == "remove Lung box"

    easel.undo()
    assert easel.only() == kept


def test_the_nearest_line_or_the_smallest_shape_is_selected(easel: Easel) -> None:
    easel.arm("box", 0)
    easel.drag((10, 10), (90, 90))
    easel.arm("box", 1)
    easel.drag((40, 40), (60, 60))
    easel.arm("select")

    easel.click((50, 50))
    assert easel.annotations[easel.view.overlay_settings.selected_id].label == "Heart"
    easel.click((20, 50))
    assert easel.annotations[easel.view.overlay_settings.selected_id].label == "Lung"
    easel.click((5, 5))
    assert easel.view.overlay_settings.selected_id == ""


def three(easel: Easel) -> tuple[str, str, str]:
    """Two boxes and a length, all selected, the second box with its handles. Returns their ids."""
    easel.arm("box", 0)
    easel.drag((10, 10), (30, 30))
    easel.arm("box", 1)
    easel.drag((50, 40), (70, 60))
    easel.arm("length")
    easel.drag((20, 80), (60, 80))
    one, other = easel.annotations
    (line,) = easel.measurements
    easel.arm("select")
    easel.view.select(other)
    for shape_id in (one, line, other, other):  # turned off and on again, the last one has the handles
        easel.view.turn_selected(shape_id)
    return one, other, line


def test_a_drag_moves_everything_that_is_selected_in_one_step(easel: Easel) -> None:
    one, other, line = three(easel)
    kept = (dict(easel.annotations), dict(easel.measurements))
    steps = len(easel.edits)

    easel.drag((60, 50), (70, 55))

    assert easel.annotations[one].shape == Box(x0_px=20, y0_px=15, x1_px=40, y1_px=35)
    assert easel.annotations[other].shape == Box(x0_px=60, y0_px=45, x1_px=80, y1_px=65)
    assert easel.measurements[line].points_px == ((30, 85), (70, 85))
    assert len(easel.edits) == steps + 1 and easel.edits[-1].text == "move 3 objects"
    assert {one, other, line} == {
        easel.view.overlay_settings.selected_id, *easel.view.overlay_settings.also_selected
    }  # fmt: skip
    easel.undo()
    assert (dict(easel.annotations), dict(easel.measurements)) == kept


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_several_that_are_moved_keep_their_places_to_each_other_at_the_border(easel: Easel, by: str) -> None:
    one, other, line = three(easel)

    if by == "mouse":
        easel.drag((60, 50), (90, 95))
    else:
        for _ in range(5):
            QTest.keyClick(easel.view, Qt.Key.Key_Right, CTRL | SHIFT)
            QTest.keyClick(easel.view, Qt.Key.Key_Down, CTRL | SHIFT)

    # The box stops at the right border, the line at the lower one: 30 to the right and 20 down for all.
    assert easel.annotations[one].shape == Box(x0_px=40, y0_px=30, x1_px=60, y1_px=50)
    assert easel.annotations[other].shape == Box(x0_px=80, y0_px=60, x1_px=100, y1_px=80)
    assert easel.measurements[line].points_px == ((50, 100), (90, 100))


def test_a_click_on_one_of_several_that_are_selected_chooses_it_alone(easel: Easel) -> None:
    one, _, _ = three(easel)
    steps = len(easel.edits)

    easel.click((20, 20))

    assert easel.view.overlay_settings.selected_id == one and not easel.view.overlay_settings.also_selected
    assert len(easel.edits) == steps


@pytest.mark.parametrize("how", ["eye", "space", "H"])
def test_what_is_hidden_is_neither_moved_nor_removed_nor_chosen(easel: Easel, how: str) -> None:
    one, other, _ = three(easel)
    settings = easel.view.overlay_settings
    if how == "eye":
        easel.view.set_overlays(
            list(easel.annotations.values()), [], LABELS, list(easel.measurements.values()),
            replace(settings, hidden_ids=frozenset({one})),
        )  # fmt: skip
    elif how == "space":
        easel.view.set_overlays(
            list(easel.annotations.values()), [], LABELS, list(easel.measurements.values()),
            replace(settings, mode=OverlayMode.NONE),
        )  # fmt: skip
    else:
        easel.view.set_bare(True)
    kept = dict(easel.annotations)

    easel.drag((60, 50), (65, 50))
    QTest.keyClick(easel.view, Qt.Key.Key_Down, CTRL)

    assert easel.annotations[one] == kept[one]
    if how == "eye":
        assert easel.annotations[other].shape == Box(x0_px=55, y0_px=41, x1_px=75, y1_px=61)
        easel.click((20, 20))
        assert easel.view.overlay_settings.selected_id == ""
    else:
        assert easel.annotations == kept
    easel.view.select(one)
    QTest.keyClick(easel.view, Qt.Key.Key_Delete)
    assert one in easel.annotations
