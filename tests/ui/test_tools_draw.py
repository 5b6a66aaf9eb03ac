"""Every tool, driven by real mouse and key events on a view; each finished gesture is exactly one edit."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.core.annotations import Annotation, Measurement, Origin
from viewer.core.edits import AnnotationChange, Edit, MaskPatch, MeasurementChange
from viewer.core.geometry import Spacing
from viewer.core.labels import Label
from viewer.core.masks import MaskRuns
from viewer.core.overlays import OverlaySettings
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.core.rasterize import brush_stroke
from viewer.core.registry import load
from viewer.core.shapes import Box, Polygon
from viewer.ui.canvas.view import ImageView
from viewer.ui.tools import TOOLS

LEFT = Qt.MouseButton.LeftButton
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip
LABELS = [Label(name=name, scope="region", position=i) for i, name in enumerate(("Lung", "Heart", "Nodule"))]
FACTS = PixelFacts(
    rows=100, cols=100, signed=True, unit="HU", spacing=Spacing(row_mm=0.5, col_mm=0.5, source="PixelSpacing")
)


@dataclass
class Shown:
    stored: np.ndarray
    facts: PixelFacts
    identity: FrameIdentity


@dataclass
class Desk:
    """A view with what the window does round it: it keeps edits and gives the work back. One image pixel is 4 x 4."""

    view: ImageView
    edits: list[Edit] = field(default_factory=list)
    annotations: dict[str, Annotation] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)

    def keep(self, edit: Edit) -> None:
        self.edits.append(edit)
        for change in edit.changes:
            if isinstance(change, AnnotationChange):
                if change.before is not None:
                    assert self.annotations.pop(change.before.annotation_id) == change.before
                if change.after is not None:
                    self.annotations[change.after.annotation_id] = change.after
            elif isinstance(change, MaskPatch):
                old = self.annotations[change.annotation_id]
                assert isinstance(old.shape, MaskRuns)
                self.annotations[old.annotation_id] = replace(old, shape=change.apply(old.shape))
            elif isinstance(change, MeasurementChange):
                if change.before is not None:
                    del self.measurements[change.before.measurement_id]
                if change.after is not None:
                    self.measurements[change.after.measurement_id] = change.after
        self.give()

    def give(self) -> None:
        self.view.set_overlays(
            list(self.annotations.values()), [], LABELS, list(self.measurements.values()), self.view.overlay_settings
        )

    def undo(self) -> None:
        edit = self.edits.pop()
        self.keep(edit.inverse())
        self.edits.pop()

    def arm(self, tool: str, label: int | None = 0) -> None:
        self.view.set_tool(tool)
        self.view.set_drawing(label=None if label is None else LABELS[label], author="me", may_draw=True)

    def drag(self, *points: tuple[int, int], modifiers: Qt.KeyboardModifier = NONE) -> None:
        """points: image pixels; the mouse goes to their corners."""
        places = [QPoint(4 * x, 4 * y) for x, y in points]
        QTest.mousePress(self.view, LEFT, modifiers, places[0])
        for place in places[1:]:
            QTest.mouseMove(self.view, place)
        QTest.mouseRelease(self.view, LEFT, modifiers, places[-1])

    def click(self, *points: tuple[int, int]) -> None:
        for x, y in points:
            QTest.mouseClick(self.view, LEFT, NONE, QPoint(4 * x, 4 * y))

    def only(self) -> Annotation:
        (annotation,) = self.annotations.values()
        return annotation

    def mask(self) -> np.ndarray:
        shape = self.only().shape
        assert isinstance(shape, MaskRuns)
        return shape.to_array()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    with qtbot.waitExposed(view):
        view.show()
    stored = np.tile(np.arange(100, dtype=np.int16), (100, 1))
    view.show_frame(Shown(stored, FACTS, FrameIdentity()), image_id="image-1")
    desk = Desk(view)
    view.gesture_finished.connect(desk.keep)
    desk.give()
    yield desk


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

    assert not desk.edits and "label" in said.args[0]


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
    accepted = replace(desk.only(), origin=Origin.ACCEPTED)
    desk.annotations[accepted.annotation_id] = accepted
    desk.give()
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
    accepted = replace(desk.only(), origin=Origin.ACCEPTED)
    desk.annotations[accepted.annotation_id] = accepted
    desk.give()
    desk.arm("select")
    desk.click((35, 30))
    desk.drag((35, 30), (40, 30))

    assert desk.only().origin is Origin.CORRECTED


def test_arrows_nudge_the_selected_shape_as_seen_on_the_screen(desk: Desk) -> None:
    desk.arm("box")
    desk.drag((20, 20), (50, 40))
    desk.view.select(desk.only().annotation_id)
    QTest.keyClick(desk.view, Qt.Key.Key_Right)
    QTest.keyClick(desk.view, Qt.Key.Key_Down, SHIFT)
    assert desk.only().shape == Box(x0_px=21, y0_px=30, x1_px=51, y1_px=50)

    desk.view.rotate_right()  # the screen's right is now the image's up
    QTest.keyClick(desk.view, Qt.Key.Key_Right)
    assert desk.only().shape == Box(x0_px=21, y0_px=29, x1_px=51, y1_px=49)


def test_arrows_are_free_for_scrolling_when_nothing_is_selected(desk: Desk) -> None:
    desk.arm("select")
    QTest.keyClick(desk.view, Qt.Key.Key_Right)

    assert not desk.edits


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


def test_a_length_is_measured_and_kept(desk: Desk) -> None:
    desk.arm("length")
    desk.drag((10, 10), (40, 50))

    (kept,) = desk.measurements.values()
    assert (kept.kind, kept.points_px, kept.author) == ("length", ((10, 10), (40, 50)), "me")
    assert desk.view.work.values(kept, desk.view.context.stored, FACTS) == ("25.0 mm",)


def test_an_angle_takes_three_clicks_or_a_drag_and_a_click(desk: Desk) -> None:
    desk.arm("angle")
    desk.click((60, 20), (20, 20), (20, 60))
    desk.drag((60, 60), (20, 60))
    desk.click((60, 20))

    angles = [desk.view.work.values(m, desk.view.context.stored, FACTS) for m in desk.measurements.values()]
    assert angles == [("90.0°",), ("45.0°",)]


@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_a_region_is_measured_and_its_values_follow_a_resize(desk: Desk, kind: str) -> None:
    desk.arm(kind)
    desk.drag((10, 10), (30, 50))
    (kept,) = desk.measurements.values()
    assert desk.view.work.values(kept, desk.view.context.stored, FACTS)[0] == "Mean 19.5 HU"

    desk.view.select(kept.measurement_id)
    desk.arm("select")
    desk.drag((30, 50), (50, 50))
    (resized,) = desk.measurements.values()
    assert resized.points_px == ((10, 10), (50, 50))
    assert desk.view.work.values(resized, desk.view.context.stored, FACTS)[0] == "Mean 29.5 HU"


def test_the_probe_keeps_nothing(desk: Desk) -> None:
    desk.arm("probe")
    desk.drag((10, 10), (40, 50))

    assert not desk.edits


def test_what_is_hidden_one_by_one_is_not_drawn(desk: Desk) -> None:
    desk.arm("length")
    empty = desk.view.grab_view()
    desk.drag((10, 60), (60, 60))
    assert desk.view.grab_view() != empty

    (name,) = desk.measurements
    desk.view.change_overlay_settings(OverlaySettings(hidden_ids=frozenset({name})))
    assert desk.view.grab_view() == empty


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
    event = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    with qtbot.assertNotEmitted(desk.view.scrolled):
        QApplication.sendEvent(desk.view, event)
    QTest.mouseRelease(desk.view, LEFT, NONE, QPoint(200, 200))

    assert len(desk.edits) == 1


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
