"""The canvas, driven by mouse, wheel and keys."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.core.annotations import Annotation
from viewer.core.compose import compose
from viewer.core.geometry import ImagePlane, Spacing
from viewer.core.heat import HeatMap
from viewer.core.labels import Label
from viewer.core.masks import MaskRuns
from viewer.core.overlays import OverlayMode, OverlaySettings
from viewer.core.pixels import FrameIdentity, PixelFacts, VoiFunction, Window
from viewer.core.resample import Pyramid
from viewer.core.windowing import display_table, padding_mask
from viewer.ui.canvas.texts import NOT_CALIBRATED, ViewState, corner_texts
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import text_size, wrapped

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip
AXIAL = ImagePlane(position_mm=(-100.0, -120.0, -112.5), row_cosines=(1, 0, 0), col_cosines=(0, 1, 0))
IDENTITY = FrameIdentity(
    patient_name="Doe^Jane", patient_id="0042", birth_date="19580102", study_date="20260312",
    study_description="CT Chest", series_number="3", series_description="Lung 3.0", instance_number="212",
    modality="CT", slice_thickness_mm=3.0, technique="120 kV",
)  # fmt: skip
FACTS = PixelFacts(
    rows=200, cols=200, signed=True, unit="HU", rescale_intercept=-1000.0, windows=(Window(center=40, width=400),),
    spacing=Spacing(row_mm=0.5, col_mm=0.5, source="PixelSpacing"), plane=AXIAL,
)  # fmt: skip


@dataclass
class Shown:
    stored: np.ndarray
    facts: PixelFacts
    identity: FrameIdentity


def frame(**facts: Any) -> Shown:
    """A ramp from 0 to 1990 in steps of ten, left to right."""
    stored = np.tile(np.arange(0, 2000, 10, dtype=np.int16), (200, 1))
    return Shown(stored, replace(FACTS, **facts), IDENTITY)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.show_frame(frame(), image_id="i")
    yield view


def drag(view: ImageView, start: tuple[int, int], end: tuple[int, int], button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(view, button, NONE, QPoint(*start))
    QTest.mouseMove(view, QPoint(*end))
    QTest.mouseRelease(view, button, NONE, QPoint(*end))


def wheel(
    view: ImageView, notches: int, at: tuple[int, int] = (200, 200), modifiers: Qt.KeyboardModifier = NONE
) -> None:
    """Positive notches turn the wheel up, away from the hand."""
    event = QWheelEvent(
        QPointF(*at), view.mapToGlobal(QPointF(*at)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def pixels(image: QImage) -> np.ndarray:
    """(row, col, 3) of a picture."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)


def test_what_is_on_the_screen_is_what_compose_makes(view: ImageView) -> None:
    view.names_hidden = True
    shown = pixels(view.grab().toImage())

    stored, inside = Pyramid(frame().stored).view(view.transform(), smooth=True)
    table = display_table(FACTS, view.window, invert=False)
    from viewer.core.compose import FrameView

    made = compose(FrameView(stored=stored, inside=inside, rows=200, cols=200), table, (), None, view.transform())
    # Away from corner texts, letters and scale bar nothing is drawn over the pixels.
    assert np.array_equal(shown[100:180, 60:340], made.rgb[100:180, 60:340])


def test_masks_and_heat_on_the_screen_are_what_compose_makes(view: ImageView) -> None:
    mask = np.zeros((200, 200), bool)
    mask[70:90, 60:100] = True
    annotation = Annotation(annotation_id="a", image_id="i", label="Lung", shape=MaskRuns.from_array(mask), author="me")
    labels = [Label(name="Lung", scope="region", position=0)]
    heat = HeatMap(
        image_id="i", model_hash="m", label="Lung", method="gradcam", layer="l",
        grid=np.asarray([[0, 1], [2, 3]], np.float32), x0_px=0, y0_px=0, x1_px=200, y1_px=200,
    )  # fmt: skip
    view.set_overlays([annotation], [], labels, [], OverlaySettings(show_tags=False))
    view.set_heat(heat, 0.5, 0.1)

    shown = pixels(view.grab().toImage()).astype(int)

    from viewer.core.compose import FrameView, HeatLayer

    stored, inside = Pyramid(frame().stored).view(view.transform(), smooth=True)
    made = compose(
        FrameView(stored=stored, inside=inside, rows=200, cols=200), display_table(FACTS, view.window, invert=False),
        view.work.layers, HeatLayer(heat=heat, opacity=0.5, hide_below=0.1), view.transform(),
    )  # fmt: skip
    inner = (slice(145, 175), slice(125, 195))
    assert np.abs(shown[inner] - made.rgb[inner].astype(int)).max() <= 2


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


def test_a_touched_window_survives_scrolling_and_an_untouched_one_follows_each_file(view: ImageView) -> None:
    view.show_frame(frame(windows=(Window(center=50, width=500),)))
    assert view.window == Window(center=50, width=500)

    view.window = Window(center=-600, width=1500)
    view.show_frame(frame(windows=(Window(center=60, width=600),)))
    assert view.window == Window(center=-600, width=1500)

    view.reset_window()
    assert view.window == Window(center=60, width=600)
    view.show_frame(frame(windows=(Window(center=70, width=700),)))
    assert view.window == Window(center=70, width=700)


def test_files_without_a_window_do_not_flicker_within_a_series(view: ImageView) -> None:
    view.show_frame(replace_identity(frame(windows=()), series_number="8"))
    first = view.window
    brighter = replace_identity(frame(windows=()), series_number="8")
    brighter.stored = brighter.stored * 2
    view.show_frame(brighter)

    assert view.window == first


def replace_identity(shown: Shown, **changes: str) -> Shown:
    shown.identity = replace(shown.identity, **changes)  # type: ignore[arg-type]
    return shown


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
        event = QWheelEvent(
            QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, 30), Qt.MouseButton.NoButton, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)

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


def test_the_readout_gives_stored_value_value_with_unit_and_position(view: ImageView, qtbot: QtBot) -> None:
    view.show_frame(frame(rescale_slope=2.0))
    with qtbot.waitSignal(view.cursor_moved) as told:
        QTest.mouseMove(view, QPoint(101, 61))

    readout = told.args[0]
    # 400 px view of 200 px: view (101, 61) is pixel col 50, row 30; stored 500, 500 * 2 - 1000 = 0 HU.
    assert (readout.row, readout.col, readout.stored, readout.value, readout.unit) == (30, 50, (500.0,), 0.0, "HU")
    assert readout.value_text == "0 HU" and readout.stored_text == "stored 500"
    # The first pixel's centre is at -100, -120: 50.5 px is 50 pixels of 0.5 mm further.
    assert readout.position_mm == pytest.approx((-75.0, -105.0, -112.5))


def test_the_readout_knows_padding_and_the_end_of_the_image(view: ImageView) -> None:
    view.show_frame(frame(padding=(0, 0)))

    padded = view.readout_at(QPointF(1, 200))
    assert padded is not None and padded.value_text == "padding" and padded.value is None
    assert view.readout_at(QPointF(-3, 200)) is None


def test_corner_texts_say_who_what_where_and_how(view: ImageView) -> None:
    state = ViewState(window=Window(center=-400, width=1500), zoom=1.06, position=75, count=134)

    corners = corner_texts(FACTS, IDENTITY, state)

    assert corners.top_left == ("Doe Jane", "0042 · * 1958-01-02", "CT Chest · 2026-03-12", "Se 3 · Lung 3.0")
    assert corners.top_right == ("Im 212 · 76 of 134", "Slice 3.00 mm", "Pos −112.5 mm")
    assert corners.bottom_left == ("W 1500 C −400", "Zoom 1.06×")
    assert corners.bottom_right == ("120 kV · 200 × 200",)


def test_an_uncalibrated_image_says_so_and_has_no_scale_bar(view: ImageView) -> None:
    calibrated = pixels(view.grab_view())
    view.show_frame(frame(spacing=None, plane=None))
    film = pixels(view.grab_view())

    assert NOT_CALIBRATED in corner_texts(view.facts, IDENTITY, ViewState(window=view.window, zoom=1)).bottom_right
    bar = (slice(270, 336), slice(380, 389))
    ramp = pixels(view.grab_view())[200, 380:389]
    assert (film[bar] == ramp).all() and not (calibrated[bar] == ramp).all()


def test_lossy_pixels_and_faults_of_the_file_are_said() -> None:
    facts = replace(FACTS, lossy=True, banner="Only 61 % of the pixels are there")

    corners = corner_texts(facts, IDENTITY, ViewState(window=Window(center=40, width=400), zoom=1))

    assert corners.bottom_right[:2] == ("Only 61 % of the pixels are there", "Lossy compression")


def test_a_narrow_view_breaks_the_identity_into_lines_and_cuts_none_of_it_off(view: ImageView) -> None:
    line = "0042 · * 1958-01-02 · F 068Y"

    assert wrapped(line, 12, 500) == (line,)
    narrow = wrapped(line, 12, text_size("0042 · * 1958-01-02", 12)[0])
    assert narrow == ("0042 · * 1958-01-02", "F 068Y")
    assert wrapped(line, 12, 10) == ("0042", "* 1958-01-02", "F 068Y")


def test_a_sentence_about_the_pixels_is_broken_at_spaces_and_not_cut() -> None:
    said = "The file is cut short: 30 of 40 rows are there, the rest is blank."

    narrow = wrapped(said, 12, 200)

    assert " ".join(narrow) == said and len(narrow) > 1
    assert all(text_size(line, 12)[0] <= 200 for line in narrow)
    assert wrapped(said, 12, 2000) == (said,)


def test_hidden_names_leave_no_trace_of_the_patient() -> None:
    state = ViewState(window=Window(center=40, width=400), zoom=1, names_hidden=True)

    said = " ".join(line for corner in (corner_texts(FACTS, IDENTITY, state),) for line in corner.top_left)

    assert "Doe" not in said and "0042" not in said and "1958" not in said and "CT Chest" in said


def test_a_picture_for_the_clipboard_has_no_patient_text(view: ImageView) -> None:
    with_text = pixels(view.grab_view(without_patient_text=False))
    without = pixels(view.grab_view())
    view.show_frame(replace_identity(frame(), patient_name="Quite^Another", patient_id="9", birth_date="20000101"))
    another = pixels(view.grab_view())

    assert not np.array_equal(with_text, without)
    assert np.array_equal(without, another)


def test_letters_follow_what_is_on_the_screen_and_are_absent_without_orientation(view: ImageView) -> None:
    even = frame()
    even.stored = np.full_like(even.stored, 1040)
    view.show_frame(even)
    left, top = (slice(190, 210), slice(4, 30)), (slice(4, 30), slice(180, 220))
    r_at_left, a_at_top = pixels(view.grab_view())[left], pixels(view.grab_view())[top]
    view.flip()
    l_at_left, still_a_at_top = pixels(view.grab_view())[left], pixels(view.grab_view())[top]
    view.flip()
    view.rotate_right()
    p_at_left, r_at_top = pixels(view.grab_view())[left], pixels(view.grab_view())[top]
    even.facts = replace(even.facts, plane=None)
    view.show_frame(even)
    nothing = pixels(view.grab_view())[left]

    at_left = [r_at_left, l_at_left, p_at_left, nothing]
    assert all(not np.array_equal(one, two) for i, one in enumerate(at_left) for two in at_left[i + 1 :])
    assert np.array_equal(a_at_top, still_a_at_top) and not np.array_equal(a_at_top, r_at_top)
    assert (nothing == nothing[0, 0]).all()


def test_turn_flip_fit_one_to_one_and_restore(view: ImageView) -> None:
    view.rotate_right()
    view.flip()
    x, y = view.transform().to_view(0, 0)
    # Clockwise the first pixel goes to the upper right; the mirror brings it to the upper left.
    assert (round(x), round(y)) == (0, 0)

    view.one_to_one()
    assert view.transform().scale_x == 1.0
    x, y = view.transform().to_view(0, 0)
    assert x == round(x) and y == round(y)

    view.set_inverted(True)
    view.restore()
    transform = view.transform()
    assert (transform.quarter_turns, transform.flipped, transform.scale_x) == (0, False, 2.0)
    assert not view.inverted


@pytest.mark.parametrize("turns", range(4))
def test_flip_mirrors_the_screen_left_to_right_whatever_the_turn(view: ImageView, turns: int) -> None:
    for _ in range(turns):
        view.rotate_right()
    x, y = view.transform().to_view(30, 70)
    view.flip()

    assert view.transform().to_view(30, 70) == pytest.approx((400 - x, y))


def test_invert_changes_the_picture_and_no_value(view: ImageView) -> None:
    plain = pixels(view.grab_view())[200, 220:340, 0].astype(int)
    value = view.readout_at(QPointF(210, 200))
    view.set_inverted(True)

    assert (pixels(view.grab_view())[200, 220:340, 0] == 255 - plain).all()
    assert view.readout_at(QPointF(210, 200)) == value


def test_non_square_pixels_are_shown_in_their_true_shape(view: ImageView) -> None:
    view.show_frame(frame(spacing=Spacing(row_mm=1.0, col_mm=0.5, source="PixelSpacing")))
    transform = view.transform()

    assert transform.scale_y == 2 * transform.scale_x


def test_padding_is_black_on_the_screen_of_an_inverted_image(view: ImageView) -> None:
    shown = frame(padding=(0, 500), photometric="MONOCHROME1")
    view.show_frame(shown)
    assert padding_mask(shown.stored, shown.facts) is not None

    assert (pixels(view.grab_view())[200, 30:95] == 0).all()


def test_a_frame_of_another_size_is_fitted_and_one_of_the_same_size_keeps_the_zoom(view: ImageView) -> None:
    view.zoom_by(3.0)
    zoom = view.camera.zoom
    view.show_frame(frame())
    assert view.camera.zoom == zoom

    other = frame()
    other.stored = other.stored[:100]
    view.show_frame(other)
    view.transform()
    assert view.camera.zoom == 2.0


def test_dropped_files_are_told(view: ImageView, qtbot: QtBot) -> None:
    from PySide6.QtCore import QMimeData, QUrl
    from PySide6.QtGui import QDropEvent

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/a.dcm")])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE)
    with qtbot.waitSignal(view.files_dropped) as dropped:
        view.dropEvent(event)

    assert dropped.args == [["/somewhere/a.dcm"]]


def test_an_empty_view_takes_every_event_without_fault(view: ImageView) -> None:
    view.show_frame(None)

    drag(view, (10, 10), (50, 50))
    wheel(view, 1)
    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Delete)

    assert view.readout_at(QPointF(5, 5)) is None
    assert (pixels(view.grab_view()) == 0).all()
