"""Texts on an image keep off each other: the words of a heatmap's view, values of measurements, letters, corners."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from pytestqt.qtbot import QtBot

from tests.ui.painted import Written, writing
from tests.ui.pictures import frame, replace_identity
from tests.ui.scenes import program_fonts  # noqa: F401
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Measurement
from viewer.ui.canvas import painting
from viewer.ui.canvas.marks import draw_value_box
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import text_size

pytestmark = pytest.mark.usefixtures("program_fonts")
REFUSAL = (
    "No heatmap: Phantom: lungs does not fit this image: it has the modality CT, not CR or DX. Choose another model, "
    "or run it anyway."
)


def shown(qtbot: QtBot, size_px: tuple[int, int], scale: float) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(*size_px)
    view.set_text_scale(scale)
    of_slice = frame()
    of_slice.identity = replace(of_slice.identity, age="074Y", sex="F")
    view.show_frame(
        replace_identity(of_slice, study_description="Chest phantom with a long name", series_description="Lung 4 mm"),
        image_id="i",
    )
    view.show()
    return view


def overlapping(written: list[Written]) -> list[tuple[str, str]]:
    """Which texts lie on each other, by the boxes of their letters."""
    boxes = [(one.text, *one.at, *text_size(one.text, one.height_px)) for one in written if one.at is not None]
    # The halo is drawn from a little outside of the letters, alike for all of one size.
    return [
        (a[0], b[0])
        for a, b in combinations(boxes, 2)
        if a[1] < b[1] + b[3] and b[1] < a[1] + a[3] and a[2] < b[2] + b[4] - 3 and b[2] < a[2] + a[4] - 3
    ]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size_px", [(315, 504), (300, 700), (620, 800)])
def test_why_there_is_no_heatmap_stands_below_the_texts_of_the_corners(
    qtbot: QtBot, size_px: tuple[int, int], scale: float
) -> None:
    view = shown(qtbot, size_px, scale)
    view.set_heat(None, REFUSAL)

    with writing() as said:
        view.grab_view(without_patient_text=False)

    assert REFUSAL.split()[-1] in " ".join(one.text for one in said)
    assert overlapping(said) == []


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("end_px", range(100, 200, 6))
@pytest.mark.parametrize("along", ["row", "column"])
def test_a_value_keeps_off_the_letters_of_the_sides_and_the_corners(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, along: str, end_px: int, scale: float
) -> None:
    boxes: list[QRect] = []
    monkeypatch.setattr(painting, "draw_value_box", lambda *given: boxes.append(draw_value_box(*given)))
    view = shown(qtbot, (315, 504), scale)
    ends_px = ((20.0, 102.0), (end_px, 102.0)) if along == "row" else ((102.0, 20.0), (102.0, end_px))
    length = Measurement(measurement_id="m" * 32, image_id="i", kind="length", points_px=ends_px)
    view.set_overlays((), (), (), (length,), OverlaySettings())

    with writing() as said:
        view.grab_view(without_patient_text=False)

    (box,) = boxes
    written = [
        (one.text, QRect(QPoint(*map(round, one.at)), QSize(*text_size(one.text, one.height_px))))
        for one in said
        if one.at
    ]
    assert {"R", "L", "A", "P"} <= {text for text, _ in written}
    assert [text for text, rect in written if rect.intersects(box)] == []
