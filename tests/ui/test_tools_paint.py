"""Brush and eraser, by real mouse events: each stroke is one edit of one mask."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.desk import Desk
from tests.ui.hand import CTRL, LEFT, NONE
from viewer.core.edits import AnnotationChange, MaskPatch
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.rasterize import brush_stroke


def test_the_first_stroke_makes_a_mask_and_a_fast_mouse_leaves_no_gaps(desk: Desk) -> None:
    desk.view.set_brush_radius(3)
    desk.arm("brush")
    desk.drag((10, 10), (90, 60))  # one jump

    row0, col0, stroke = brush_stroke([(10, 10), (90, 60)], 3, 100, 100)
    expected = np.zeros((100, 100), bool)
    expected[row0 : row0 + stroke.shape[0], col0 : col0 + stroke.shape[1]] = stroke
    assert np.array_equal(desk.mask(), expected)
    assert isinstance(desk.edits[0].changes[0], AnnotationChange) and desk.edits[0].text == "paint Lung"


def test_further_strokes_patch_only_the_rectangle_they_changed_and_undo_gives_every_pixel_back(desk: Desk) -> None:
    desk.view.set_brush_radius(3)
    desk.arm("brush")
    desk.drag((10, 10), (20, 10))
    before = desk.mask()
    desk.drag((15, 10), (40, 12))

    (patch,) = desk.edits[-1].changes
    assert isinstance(patch, MaskPatch)
    changed = np.argwhere(before != desk.mask())
    assert (patch.row0, patch.col0) == tuple(changed.min(axis=0))
    assert (patch.row0 + patch.after.shape[0], patch.col0 + patch.after.shape[1]) == tuple(changed.max(axis=0) + 1)

    desk.undo()
    assert np.array_equal(desk.mask(), before)


def test_a_stroke_that_changes_nothing_is_no_edit(desk: Desk) -> None:
    desk.arm("brush")
    desk.drag((30, 30), (40, 30))
    desk.drag((32, 30), (38, 30))

    assert len(desk.edits) == 1


@pytest.mark.parametrize(("tool", "modifiers"), [("brush", CTRL), ("eraser", NONE)])
def test_ctrl_or_the_eraser_erases(desk: Desk, tool: str, modifiers: Qt.KeyboardModifier) -> None:
    desk.view.set_brush_radius(8)
    desk.arm("brush")
    desk.drag((20, 50), (80, 50))
    painted = desk.mask()
    desk.view.set_brush_radius(3)
    desk.arm(tool)
    desk.drag((50, 20), (50, 80), modifiers=modifiers)

    row0, col0, stroke = brush_stroke([(50, 20), (50, 80)], 3, 100, 100)
    erased = np.zeros((100, 100), bool)
    erased[row0 : row0 + stroke.shape[0], col0 : col0 + stroke.shape[1]] = stroke
    assert np.array_equal(desk.mask(), painted & ~erased)
    assert desk.edits[-1].text == "erase Lung"


def test_a_mask_erased_to_nothing_goes(desk: Desk) -> None:
    desk.arm("brush")
    desk.drag((30, 30), (32, 30))
    desk.view.set_brush_radius(30)
    desk.arm("eraser")
    desk.drag((30, 30), (34, 30))

    assert not desk.annotations
    desk.undo()
    assert desk.mask().any()


def test_each_label_has_a_mask_of_its_own(desk: Desk) -> None:
    desk.arm("brush", 0)
    desk.drag((30, 30), (40, 30))
    desk.arm("brush", 1)
    desk.drag((35, 30), (60, 30))

    assert sorted(a.label for a in desk.annotations.values()) == ["Heart", "Lung"]


def test_painting_on_an_accepted_mask_makes_it_a_corrected_one(desk: Desk) -> None:
    desk.arm("brush")
    desk.drag((30, 30), (40, 30))
    desk.call_accepted()
    desk.drag((40, 30), (60, 30))

    assert desk.only().origin is Origin.CORRECTED


def test_while_painting_only_the_touched_rectangle_is_painted_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.view.set_brush_radius(3)
    desk.arm("brush")
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(100, 100))
    desk.view.repaint()
    asked = []
    monkeypatch.setattr(desk.view, "update", lambda *rect: asked.append(rect))
    QTest.mouseMove(desk.view, QPoint(130, 100))
    monkeypatch.undo()
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(130, 100))

    assert asked and all(len(rect) == 1 for rect in asked)  # never the whole view
    assert max(rect[0].width() for rect in asked) < 80 and max(rect[0].height() for rect in asked) < 60


def test_the_stroke_is_on_the_screen_before_the_button_is_let_go(desk: Desk) -> None:
    desk.view.set_brush_radius(6)
    desk.arm("brush")
    before = desk.view.grab_view().pixelColor(200, 200)
    QTest.mousePress(desk.view, LEFT, NONE, QPoint(160, 200))
    QTest.mouseMove(desk.view, QPoint(260, 200))
    during = desk.view.grab_view().pixelColor(200, 200)
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(260, 200))

    assert during != before and desk.view.grab_view().pixelColor(200, 200) == during


def test_two_quick_dabs_are_two_dabs_and_maximise_nothing(desk: Desk, qtbot: QtBot) -> None:
    desk.arm("brush")
    with qtbot.assertNotEmitted(desk.view.double_clicked):
        desk.click((30, 30))
        QTest.mouseDClick(desk.view, LEFT, NONE, QPoint(4 * 70, 4 * 70))  # only the second press, as Qt names it
        QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(4 * 70, 4 * 70))

    mask = desk.mask()
    assert mask[30, 30] and mask[70, 70]


def test_the_live_stroke_shows_the_same_pixels_at_every_turn(desk: Desk) -> None:
    desk.view.set_brush_radius(6)
    desk.arm("brush")
    for _ in range(4):
        desk.view.rotate_right()
        desk.view.zoom_by(1.3)
        QTest.mousePress(desk.view, LEFT, NONE, QPoint(160, 200))
        QTest.mouseMove(desk.view, QPoint(260, 230))
        live = desk.view.grab_view()
        QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(260, 230))
        desk.view.change_overlay_settings(OverlaySettings(show_tags=False))
        kept = desk.view.grab_view()
        assert live == kept
