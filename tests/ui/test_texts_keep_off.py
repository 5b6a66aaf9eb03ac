"""Texts on an image keep off each other: the words of a heatmap's view, values of measurements, letters, corners."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, product

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from tests.ui.painted import Written, writing
from tests.ui.pictures import frame, replace_identity
from tests.ui.scenes import program_fonts  # noqa: F401
from viewer.core.geometry import ViewTransform
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Measurement, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.outlines import Tag
from viewer.ui.canvas import painting
from viewer.ui.canvas.frame import SeriesPlace
from viewer.ui.canvas.marks import draw_tags, draw_value_box
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
def test_a_value_keeps_off_the_letters_of_the_sides_and_the_corners(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    boxes: list[QRect] = []
    monkeypatch.setattr(painting, "draw_value_box", lambda *given: boxes.append(draw_value_box(*given)))
    view = shown(qtbot, (315, 504), scale)
    for along, end_px in product(("row", "column"), range(100, 200, 6)):
        ends_px = ((20.0, 102.0), (end_px, 102.0)) if along == "row" else ((102.0, 20.0), (102.0, end_px))
        a_value_keeps_off_all_words(view, boxes, ends_px)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_value_keeps_off_the_words_of_the_scale_bar(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    boxes: list[QRect] = []
    monkeypatch.setattr(painting, "draw_value_box", lambda *given: boxes.append(draw_value_box(*given)))
    view = shown(qtbot, (620, 800), scale)
    with writing() as said:
        view.grab_view(without_patient_text=False)
    (at,) = [one.at for one in said if re.fullmatch(r"\d+ [cm]m", one.text)]
    assert at is not None
    for left_px, down_px in product(range(0, 120, 30), range(-40, 50, 10)):
        x_px, y_px = view.transform().to_image(at[0] - left_px, at[1] + down_px)
        a_value_keeps_off_all_words(view, boxes, ((x_px - 40, y_px), (x_px, y_px)))


def a_value_keeps_off_all_words(
    view: ImageView, boxes: list[QRect], ends_px: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    length = Measurement(measurement_id="m" * 32, image_id="i", kind="length", points_px=ends_px)
    view.set_overlays((), (), (), (length,), OverlaySettings())
    boxes.clear()  # of what was painted as it came

    with writing() as said:
        view.grab_view(without_patient_text=False)

    (box,) = boxes
    written = [
        (one.text, QRect(QPoint(*map(round, one.at)), QSize(*text_size(one.text, one.height_px))))
        for one in said
        if one.at
    ]
    assert {"R", "L", "A", "P"} <= {text for text, _ in written}, ends_px
    assert [text for text, rect in written if rect.intersects(box)] == [], ends_px


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_letters_and_tags_keep_off_the_corners_and_each_other(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    """Who it is may take more than half of the upper edge, and a shape may lie anywhere."""
    tags: list[QRect] = []

    def draw(painter: QPainter, drawn: Iterable[Tag], view: ViewTransform, ratio: float, taken: list[QRect]) -> None:
        before = len(taken)
        draw_tags(painter, drawn, view, ratio, taken)
        tags.extend(taken[before:])

    monkeypatch.setattr(painting, "draw_tags", draw)
    view = shown(qtbot, (315, 504), scale)
    of_slice = frame()
    of_slice.identity = replace(of_slice.identity, patient_name="", patient_id="", sex="", age="", birth_date="")
    view.show_frame(of_slice, image_id="i")
    view.set_series_place(SeriesPlace(index=0, count=1, patient="Whose Name Is A Long One"))
    for y_px in range(0, 200, 20):
        tags.clear()
        boxes = [Box(x0_px=x, y0_px=y_px, x1_px=x + 20, y1_px=y_px + 12) for x in (0, 12, 90, 150)]
        done = [
            Proposal(proposal_id=f"p{n}", prediction_id="q", image_id="i", label="nodule", score=0.5, shape=box)
            for n, box in enumerate(boxes)
        ]
        view.set_overlays((), done, (), (), OverlaySettings())
        with writing() as said:
            view.grab_view(without_patient_text=False)

        words = [
            (one.text, QRect(QPoint(*map(round, one.at)), QSize(*text_size(one.text, one.height_px))))
            for one in said
            if one.at
        ]
        assert {"R", "L", "A", "P"} <= {text for text, _ in words} and len(tags) == len(boxes)
        assert overlapping(said) == []
        assert [text for text, rect in words for tag in tags if rect.intersects(tag)] == []
        assert [1 for one, other in combinations(tags, 2) if one.intersects(other)] == []
