"""The colour bar of a heatmap stands on its view with numbers and unit, and what is known of the map beside it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_on, writing
from tests.ui.pictures import frame
from tests.ui.scenes import program_fonts  # noqa: F401
from viewer.core.compose import HeatLayer
from viewer.core.heat import ARBITRARY, LOGIT, HeatMap
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import FAULT_COLOR

pytestmark = pytest.mark.usefixtures("program_fonts")
FULL_COLOUR = (240, 249, 33)  # plasma's last, published with matplotlib
NARROWEST_PX = 282  # of a view beside another, in a window of 1280 px with text at 150 %
MAP = HeatMap(
    image_id="i", model_hash="f" * 64, label="A", method="gradcam", layer="neck", unit=LOGIT,
    grid=np.eye(4, dtype=np.float32) * 0.04, x0_px=0, y0_px=0, x1_px=80, y1_px=64, scale_top=0.051,
)  # fmt: skip


def a_view(qtbot: QtBot, width_px: int, scale: float) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(width_px, 430)
    view.set_text_scale(scale)
    view.show_frame(frame(spacing=None, plane=None), image_id="i")
    view.show()
    return view


def bars_of(picture: QImage) -> list[int]:
    """The rows in which full colour itself is seen: a map lies half through, a bar does not."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())[:, : 3 * rgb.width()]
    full = np.all(np.abs(rows.reshape(rgb.height(), -1, 3).astype(int) - FULL_COLOUR) <= 3, axis=2)
    return [int(row) for row in np.flatnonzero(full.any(axis=1))]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width_px", [NARROWEST_PX, 400, 800])
@pytest.mark.parametrize(
    ("heat", "number", "facts"),
    [
        (MAP, "0.0510 points", ["Map not checked", "maximum 0.0400 points"]),
        (replace(MAP, scale_top=0.02), "0.0200 points",
         ["Map not checked", "maximum 0.0400 points", "above the scale"]),
        (replace(MAP, unit=ARBITRARY, scale_top=None), "0.0400 a.u.",
         ["Map not checked", "maximum 0.0400 a.u.", "scale: this image's own"]),
    ],
    ids=["of the model", "above", "of the image"],
)  # fmt: skip
def test_bar_numbers_and_what_is_known_stand_on_the_view_whole(
    qtbot: QtBot, heat: HeatMap, number: str, facts: list[str], width_px: int, scale: float
) -> None:
    view = a_view(qtbot, width_px, scale)
    assert bars_of(view.grab().toImage()) == []

    view.set_heat(HeatLayer(heat=heat))

    words = words_on(view)
    assert "0" in words and number in words
    said = words_on(view, color=FAULT_COLOR)
    assert len(said) <= len(facts), "one line each"
    assert " · ".join(said).split(" · ") == facts
    assert bars_of(view.grab().toImage())


def test_a_map_without_evidence_has_no_bar(qtbot: QtBot) -> None:
    view = a_view(qtbot, 400, 1.0)

    view.set_heat(HeatLayer(heat=replace(MAP, grid=np.full((4, 4), -1, np.float32))))

    assert bars_of(view.grab().toImage()) == []
    assert "No positive evidence" in words_on(view)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_in_a_narrow_view_notes_and_bar_lie_below_the_image_and_its_place_is_in_one_piece(
    qtbot: QtBot, scale: float
) -> None:
    view = a_view(qtbot, NARROWEST_PX, scale)
    view.resize(NARROWEST_PX, 520)
    view.set_heat(HeatLayer(heat=replace(MAP, scale_top=0.02)))
    foot = view.transform().to_view(0, view.facts.rows)[1]

    with writing() as written:
        view.grab_view()

    notes = [one for one in written if any(fact in one.text for fact in ("Map not", "maximum", "above", "points"))]
    assert len(notes) >= 2 and foot < 520
    assert all(one.at is not None and one.at[1] + 3 >= foot for one in notes), (foot, notes)
    assert any(one.text.endswith("1 of 1") for one in written)


def test_letters_are_as_large_as_they_are_set_where_the_view_has_room(qtbot: QtBot) -> None:
    for width_px, letters_px in ((800, 18), (420, 18), (350, 15), (NARROWEST_PX, 12)):
        view = a_view(qtbot, width_px, 1.5)
        with writing() as written:
            view.grab_view()
        assert {one.height_px for one in written} == {letters_px}
