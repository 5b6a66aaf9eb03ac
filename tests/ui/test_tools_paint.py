"""Brush and eraser, by real mouse events: each stroke is one edit of one mask."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.easel import Easel
from tests.ui.hand import CTRL, LEFT, NONE
from viewer.core.edits import AnnotationChange, MaskStroke
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.rasterize import brush_stroke


def test_the_first_stroke_makes_a_mask_and_a_fast_mouse_leaves_no_gaps(easel: Easel) -> None:
    easel.view.set_brush_radius(3)
    easel.arm("brush")
    easel.drag((10, 10), (90, 60))  # one jump

    row0, col0, stroke = brush_stroke([(10, 10), (90, 60)], 3, 100, 100)
    expected = np.zeros((100, 100), bool)
    expected[row0 : row0 + stroke.shape[0], col0 : col0 + stroke.shape[1]] = stroke
    assert np.array_equal(easel.mask(), expected)
    assert isinstance(easel.edits[0].changes[0], AnnotationChange) and easel.edits[0].text == "paint Lung"


def test_further_strokes_keep_only_the_pixels_they_changed_and_undo_gives_every_pixel_back(easel: Easel) -> None:
    easel.view.set_brush_radius(3)
    easel.arm("brush")
    easel.drag((10, 10), (20, 10))
    before = easel.mask()
    easel.drag((15, 10), (40, 12))

    (stroke,) = easel.edits[-1].changes
    assert isinstance(stroke, MaskStroke)
    changed = MaskRuns.from_array(easel.mask() & ~before)
    assert np.array_equal(stroke.added, changed.runs) and len(changed.runs) and not len(stroke.removed)

    easel.undo()
    assert np.array_equal(easel.mask(), before)


def test_a_stroke_that_changes_nothing_is_no_edit(easel: Easel) -> None:
    easel.arm("brush")
    easel.drag((30, 30), (40, 30))
    easel.drag((32, 30), (38, 30))

    assert len(easel.edits) == 1


@pytest.mark.parametrize(("tool", "modifiers"), [("brush", CTRL), ("eraser", NONE)])
def test_ctrl_or_the_eraser_erases(easel: Easel, tool: str, modifiers: Qt.KeyboardModifier) -> None:
    easel.view.set_brush_radius(8)
    easel.arm("brush")
    easel.drag((20, 50), (80, 50))
    painted = easel.mask()
    easel.view.set_brush_radius(3)
    easel.arm(tool)
    easel.drag((50, 20), (50, 80), modifiers=modifiers)

    row0, col0, stroke = brush_stroke([(50, 20), (50, 80)], 3, 100, 100)
    erased = np.zeros((100, 100), bool)
    erased[row0 : row0 + stroke.shape[0], col0 : col0 + stroke.shape[1]] = stroke
    assert np.array_equal(easel.mask(), painted & ~erased)
    assert easel.edits[-1].text == "erase Lung"


def test_a_mask_erased_to_nothing_goes(easel: Easel) -> None:
    easel.arm("brush")
    easel.drag((30, 30), (32, 30))
    easel.view.set_brush_radius(30)
    easel.arm("eraser")
    easel.drag((30, 30), (34, 30))

    assert not easel.annotations
    easel.undo()
    assert easel.mask().any()


def test_each_label_has_a_mask_of_its_own(easel: Easel) -> None:
    easel.arm("brush", 0)
    easel.drag((30, 30), (40, 30))
    easel.arm("brush", 1)
    easel.drag((35, 30), (60, 30))

    assert sorted(a.label for a in easel.annotations.values()) == ["Heart", "Lung"]


def test_painting_on_an_accepted_mask_makes_it_a_corrected_one(easel: Easel) -> None:
    easel.arm("brush")
    easel.drag((30, 30), (40, 30))
    easel.call_accepted()
    easel.drag((40, 30), (60, 30))

    assert easel.only().origin is Origin.CORRECTED


def test_while_painting_only_the_touched_rectangle_is_painted_again(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    easel.view.set_brush_radius(3)
    easel.arm("brush")
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(100, 100))
    easel.view.repaint()
    asked = []
    monkeypatch.setattr(easel.view, "update", lambda *rect: asked.append(rect))
    QTest.mouseMove(easel.view, QPoint(130, 100))
    monkeypatch.undo()
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(130, 100))

    assert asked and all(len(rect) == 1 for rect in asked)  # never the whole view
    assert max(rect[0].width() for rect in asked) < 80 and max(rect[0].height() for rect in asked) < 60


def test_the_stroke_is_on_the_screen_before_the_button_is_let_go(easel: Easel) -> None:
    easel.view.set_brush_radius(6)
    easel.arm("brush")
    before = easel.view.grab_view().pixelColor(200, 200)
    QTest.mousePress(easel.view, LEFT, NONE, QPoint(160, 200))
    QTest.mouseMove(easel.view, QPoint(260, 200))
    during = easel.view.grab_view().pixelColor(200, 200)
    QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(260, 200))

    assert during != before and easel.view.grab_view().pixelColor(200, 200) == during


def test_two_quick_dabs_are_two_dabs_and_maximise_nothing(easel: Easel, qtbot: QtBot) -> None:
    easel.arm("brush")
    with qtbot.assertNotEmitted(easel.view.double_clicked):
        easel.click((30, 30))
        QTest.mouseDClick(easel.view, LEFT, NONE, QPoint(4 * 70, 4 * 70))  # only the second press, as Qt names it
        QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(4 * 70, 4 * 70))

    mask = easel.mask()
    assert mask[30, 30] and mask[70, 70]


def test_the_live_stroke_shows_the_same_pixels_at_every_turn(easel: Easel) -> None:
    easel.view.set_brush_radius(6)
    easel.arm("brush")
    for _ in range(4):
        easel.view.rotate_right()
        easel.view.zoom_by(1.3)
        QTest.mousePress(easel.view, LEFT, NONE, QPoint(160, 200))
        QTest.mouseMove(easel.view, QPoint(260, 230))
        live = easel.view.grab_view()
        QTest.mouseRelease(easel.view, LEFT, NONE, QPoint(260, 230))
        easel.view.change_overlay_settings(OverlaySettings(show_tags=False))
        kept = easel.view.grab_view()
        assert live == kept
