"""A view under the hand: drags, the wheel, held and tapped keys, dropped files."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, drag, drop, wheel
from tests.ui.pictures import IDENTITY, frame, pixels
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import VoiFunction, Window
from viewer.ui.canvas.view import ImageView


def test_a_drag_to_the_right_is_wider_and_up_is_a_higher_level(view: ImageView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.window_changed):
        drag(view, (100, 200), (190, 200))
    wider = view.window
    assert isinstance(wider, Window) and wider.width > 400 and wider.center == 40

    drag(view, (100, 200), (100, 100))
    assert isinstance(view.window, Window) and view.window.center > 40 and view.window.width == wider.width


def test_the_pace_of_the_drag_follows_the_range_of_the_data(view: ImageView) -> None:
    drag(view, (100, 200), (190, 200))
    assert isinstance(view.window, Window)
    wide = view.window.width - 400

    small = frame(rescale_slope=1e-4, rescale_intercept=0.0, windows=(Window(center=0.1, width=0.2),))
    small.identity = replace(IDENTITY, series_number="9")
    view.show_frame(small)
    drag(view, (100, 200), (190, 200))

    assert isinstance(view.window, Window)
    assert view.window.width - 0.2 == pytest.approx(wide * 1e-4, rel=0.02)
    assert view.window.function is VoiFunction.LINEAR_EXACT


def test_the_wheel_down_is_caudal_in_axial_stacks_and_next_elsewhere(view: ImageView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.scrolled) as axial:
        wheel(view, -1)
    assert axial.args == [-1]  # the series runs to the head, so down goes back

    view.show_frame(frame(plane=None))
    with qtbot.waitSignal(view.scrolled) as film:
        wheel(view, -2)
    assert film.args == [2]


def test_fine_wheels_add_up_to_whole_steps(view: ImageView) -> None:
    steps: list[int] = []
    view.scrolled.connect(steps.append)
    for _ in range(8):
        wheel(view, 0.25)

    assert steps == [1, 1]


def test_ctrl_and_wheel_zooms_at_the_cursor(view: ImageView) -> None:
    before = view.transform().to_image(300, 120)

    wheel(view, 3, (300, 120), CTRL)

    after = view.transform()
    assert after.scale_x > 2.0
    # The middle is snapped to device pixels, so the point may move by one of them.
    assert after.to_view(*before) == pytest.approx((300, 120), abs=1.0)


def test_shift_and_wheel_changes_the_brush(view: ImageView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.brush_changed):
        wheel(view, 1, modifiers=SHIFT)

    assert view.work.brush_radius_px > 10


def test_the_middle_button_pans_and_the_image_stays_under_the_cursor(view: ImageView) -> None:
    view.zoom_by(2.0)
    held = view.transform().to_image(150, 150)

    drag(view, (150, 150), (190, 170), MIDDLE)

    assert view.transform().to_view(*held) == pytest.approx((190, 170), abs=1.0)


def test_the_right_button_zooms_by_a_drag_and_asks_for_the_menu_by_a_click(view: ImageView, qtbot: QtBot) -> None:
    zoom = view.camera.zoom
    with qtbot.assertNotEmitted(view.context_menu):
        drag(view, (200, 200), (200, 150), RIGHT)
    assert view.camera.zoom > zoom

    with qtbot.waitSignal(view.context_menu) as asked:
        QTest.mouseClick(view, RIGHT, NONE, QPoint(120, 130))
    assert asked.args == [QPoint(120, 130)]


def test_a_double_click_asks_to_maximise_and_changes_nothing(view: ImageView, qtbot: QtBot) -> None:
    window = view.window
    with qtbot.waitSignal(view.double_clicked), qtbot.assertNotEmitted(view.gesture_finished):
        QTest.mouseDClick(view, LEFT, NONE, QPoint(100, 100))

    assert view.window == window


@pytest.mark.parametrize(("key", "tool"), [(Qt.Key.Key_W, "window"), (Qt.Key.Key_Z, "zoom"), (Qt.Key.Key_Space, "pan")])
def test_a_held_key_lends_its_tool_and_gives_the_old_one_back(view: ImageView, key: Qt.Key, tool: str) -> None:
    view.set_tool("box")
    QTest.keyPress(view, key)
    assert view.tool_name == tool
    drag(view, (100, 100), (140, 130))
    QTest.keyRelease(view, key)

    assert view.tool_name == "box"
    assert view.overlay_settings.mode is OverlayMode.ALL  # used, so not a tap


def test_a_key_let_go_elsewhere_does_not_keep_its_tool_lent(view: ImageView) -> None:
    view.setFocus()
    QTest.keyPress(view, Qt.Key.Key_Z)
    view.clearFocus()

    assert view.tool_name == "window"


def test_tapping_space_steps_the_overlays_and_tapping_w_asks_for_the_tool(view: ImageView, qtbot: QtBot) -> None:
    modes = []
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Space)
        modes.append(view.overlay_settings.mode)
    assert modes == [OverlayMode.OUTLINES, OverlayMode.NONE, OverlayMode.ALL]

    with qtbot.waitSignal(view.tool_requested) as asked:
        QTest.keyClick(view, Qt.Key.Key_W)
    assert asked.args == ["window"]


def test_h_held_or_tapped_shows_the_bare_image(view: ImageView, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.keyPress(view, Qt.Key.Key_H)
    assert view.bare
    drag(view, (100, 100), (120, 100))  # held for a while: something was done meanwhile
    QTest.keyRelease(view, Qt.Key.Key_H)
    assert not view.bare

    QTest.keyClick(view, Qt.Key.Key_H)
    assert view.bare
    QTest.keyClick(view, Qt.Key.Key_H)
    assert not view.bare


def test_dropped_files_are_told(view: ImageView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.files_dropped) as dropped:
        drop(view, ["/somewhere/a.dcm"])

    assert dropped.args == [["/somewhere/a.dcm"]]


def test_an_empty_view_takes_every_event_without_fault(view: ImageView) -> None:
    view.show_frame(None)

    drag(view, (10, 10), (50, 50))
    wheel(view, 1)
    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Delete)

    assert view.readout_at(QPointF(5, 5)) is None
    assert (pixels(view.grab_view()) == 0).all()
