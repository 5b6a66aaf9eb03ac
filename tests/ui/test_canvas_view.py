"""What a view makes of a frame: pixels, window, zoom and turn, letters, the value under the cursor."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_on, writing
from tests.ui.pictures import FACTS, frame, pixels, replace_identity
from viewer.core.compose import FrameView, HeatLayer, compose
from viewer.core.geometry import Spacing
from viewer.core.heat import HeatMap
from viewer.core.labels import Label
from viewer.core.overlays import OverlayMode, OverlaySettings
from viewer.core.pixels import Window
from viewer.core.resample import Pyramid
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.windowing import display_table, padding_mask
from viewer.ui.canvas.texts import HIDDEN_BY_SPACE
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import FAULT_COLOR


def test_what_is_on_the_screen_is_what_compose_makes(view: ImageView) -> None:
    view.names_hidden = True
    shown = pixels(view.grab().toImage())

    stored, inside = Pyramid(frame().stored).view(view.transform(), smooth=True)
    table = display_table(FACTS, view.window, invert=False)
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
    layer = HeatLayer(heat=heat, opacity=0.5, hide_below=0.1)
    view.set_heat(layer)

    shown = pixels(view.grab().toImage()).astype(int)

    stored, inside = Pyramid(frame().stored).view(view.transform(), smooth=True)
    made = compose(
        FrameView(stored=stored, inside=inside, rows=200, cols=200), display_table(FACTS, view.window, invert=False),
        view.work.layers, layer, view.transform(),
    )  # fmt: skip
    inner = (slice(145, 175), slice(125, 195))
    assert np.abs(shown[inner] - made.rgb[inner].astype(int)).max() <= 2


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


def test_letters_follow_what_is_on_the_screen_and_are_absent_without_orientation(view: ImageView) -> None:
    even = frame()
    even.stored = np.full_like(even.stored, 1040)
    view.show_frame(even)

    def letters() -> dict[str, str]:
        """The letter at each edge of the view of 400 x 400, by where it was drawn."""
        found = {}
        with writing() as written:
            view.grab_view()
        for one in written:
            if len(one.text) == 1 and one.at is not None:
                x, y = one.at[0] - 200, one.at[1] - 200
                side = ("left" if x < 0 else "right") if abs(x) > abs(y) else ("top" if y < 0 else "bottom")
                found[side] = one.text
        return found

    # An axial slice whose rows run to the patient's left and whose columns run to the back (PS3.3 C.7.6.2.1.1).
    assert letters() == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    view.flip()
    assert letters() == {"left": "L", "right": "R", "top": "A", "bottom": "P"}
    view.flip()
    view.rotate_right()
    assert letters() == {"left": "P", "right": "A", "top": "R", "bottom": "L"}
    even.facts = replace(even.facts, plane=None)
    view.show_frame(even)
    assert letters() == {}


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


def test_a_map_s_worth_and_unscaled_maximum_stand_on_the_picture_itself(view: ImageView) -> None:
    heat = HeatMap(
        image_id="i", model_hash="m", label="Lung", method="gradcam", layer="l",
        grid=np.asarray([[0, 0.004], [0, 0.01]], np.float32), x0_px=0, y0_px=0, x1_px=200, y1_px=200,
    )  # fmt: skip
    assert words_on(view, color=FAULT_COLOR) == []

    view.set_heat(HeatLayer(heat=heat))

    facts = ["Map not checked", "maximum 0.0100 a.u.", "scale: this image's own"]
    assert " · ".join(words_on(view, color=FAULT_COLOR)).split(" · ") == facts
    view.set_overlays((), (), (), (), OverlaySettings(mode=OverlayMode.NONE))  # by Space
    assert words_on(view, color=FAULT_COLOR) == [HIDDEN_BY_SPACE], "its words and its scale go with the map"
    view.set_overlays((), (), (), (), OverlaySettings())
    view.set_heat(None)
    assert words_on(view, color=FAULT_COLOR) == []


def test_a_tiny_maximum_is_not_called_nothing() -> None:
    grid = np.full((2, 2), 0.0004, np.float32)
    heat = HeatMap(
        image_id="i", model_hash="m", label="Lung", method="gradcam", layer="l", grid=grid, checks="Trust: weak",
        x0_px=0, y0_px=0, x1_px=2, y1_px=2,
    )  # fmt: skip
    assert heat.legend[0] == "Trust: weak · maximum 0.000400 arbitrary units"
