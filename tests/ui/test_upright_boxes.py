"""Upright boxes on a view: where their lines lie at every zoom, turn and ratio, and how little is drawn for them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from pytestqt.qtbot import QtBot

from viewer.core.geometry import ViewTransform
from viewer.core.shapes.outlines import Outline
from viewer.ui.canvas.marks import draw_outlines

WIDE, HIGH, GREY = 300, 240, 120
COLOR = "#40C4FF"
AT_REST = ViewTransform(
    view_width=WIDE, view_height=HIGH, scale_x=1.0, scale_y=1.0, center_x_px=WIDE / 2, center_y_px=HIGH / 2
)


def _box(x0: float, y0: float, x1: float, y1: float, **facts: Any) -> Outline:
    return Outline(points_px=((x0, y0), (x1, y0), (x1, y1), (x0, y1)), color=COLOR, **facts)


def _painted(
    outlines: list[Outline], transform: ViewTransform, ratio: float = 1.0, clip: QRect | None = None,
    shift: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """(row, col, 3) of a grey view with the outlines on it."""
    image = QImage(transform.view_width, transform.view_height, QImage.Format.Format_RGB32)
    image.fill(QColor(GREY, GREY, GREY))
    clip = QRect(0, 0, image.width(), image.height()) if clip is None else clip
    painter = QPainter(image)
    painter.setClipRect(clip)
    painter.translate(shift, shift)
    draw_outlines(painter, outlines, transform, ratio, clip)
    painter.end()
    return _pixels(image)


def _pixels(image: QImage) -> np.ndarray:
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    bgr = raw[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[:, :, :3]
    return np.array(bgr[:, :, ::-1], int)


def _by_qt(outlines: list[Outline], transform: ViewTransform, ratio: float = 1.0) -> np.ndarray:
    """The same boxes as a painter strokes them."""
    image = QImage(transform.view_width, transform.view_height, QImage.Format.Format_RGB32)
    image.fill(QColor(GREY, GREY, GREY))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for outline in outlines:
        polygon = QPolygonF([QPointF(*transform.to_view(x, y)) for x, y in outline.points_px])
        for color, wider in ((QColor(0, 0, 0, 140), 1.5), (QColor(outline.color), 0.0)):
            pen = QPen(color, (outline.width_px + wider) * ratio)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawPolygon(polygon)
    painter.end()
    return _pixels(image)


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """What painters are asked to draw inside the block, by the name of the call."""
    calls: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("drawPolygon", "drawPolyline", "drawPath", "drawLine", "drawImage", "drawRect"):
            draw = getattr(QPainter, name)

            def count(painter: QPainter, *given: Any, name: str = name, draw: Any = draw) -> Any:
                calls[name] += 1
                return draw(painter, *given)

            patch.setattr(QPainter, name, count)
        yield calls


def test_twenty_boxes_are_no_strokes_and_at_most_eight_small_pictures_each(qtbot: QtBot) -> None:
    boxes = [_box(4 + n, 6, 60 + 2 * n, 90) for n in range(20)]

    with _counted() as calls:
        _painted(boxes, AT_REST)

    assert set(calls) == {"drawImage"}
    assert calls["drawImage"] <= 8 * len(boxes)


def test_only_what_is_painted_anew_is_drawn(qtbot: QtBot) -> None:
    boxes = [_box(4, 6, 60, 90), _box(100, 6, 160, 90)]

    with _counted() as calls:
        _painted(boxes, AT_REST, clip=QRect(80, 40, 60, 4))

    assert calls == {"drawImage": 1}  # the left side of the second


def test_a_line_lies_where_its_box_ends(qtbot: QtBot) -> None:
    # Four device pixels a pixel, the image's corner at (0, 0): x from 40 to 200, y from 80 to 180, lines 1.75 wide.
    transform = ViewTransform(
        view_width=WIDE, view_height=HIGH, scale_x=4.0, scale_y=4.0, center_x_px=WIDE / 8, center_y_px=HIGH / 8
    )
    row = _painted([_box(10, 20, 50, 45)], transform)[120]

    # 39.125 to 40.875 is covered, of the under-line 38.375 to 41.625: 5/8 of column 38, and 7/8 of 39 and 40.
    line = np.array(QColor(COLOR).getRgb()[:3])
    beside = GREY * (1 - 5 / 8 * 140 / 255)
    on = GREY * (1 - 140 / 255) * (1 / 8) + line * (7 / 8)
    for column, expected in ((37, GREY), (38, beside), (39, on), (40, on), (41, beside), (42, GREY)):
        assert np.abs(row[column] - expected).max() <= 2, column
    for column, expected in ((197, GREY), (198, beside), (199, on), (200, on), (201, beside), (202, GREY)):
        assert np.abs(row[column] - expected).max() <= 2, column


@pytest.mark.parametrize("ratio", (1.0, 1.25, 1.5, 2.0, 3.0))
@pytest.mark.parametrize(
    ("zoom", "turns", "flipped"), ((1.0, 0, False), (0.37, 1, True), (2.6, 3, False), (9.1, 2, True))
)
def test_boxes_look_as_a_painter_strokes_them(
    qtbot: QtBot, ratio: float, zoom: float, turns: int, flipped: bool
) -> None:  # fmt: skip
    transform = replace(
        AT_REST, scale_x=zoom, scale_y=1.2 * zoom, center_x_px=151.3, center_y_px=118.9, quarter_turns=turns,
        flipped=flipped,
    )  # fmt: skip
    boxes = [_box(80.2, 70.7, 205.6, 170.3), _box(130, 60, 160, 190, width_px=2.5), _box(140.5, 100, 156.5, 130.25)]

    apart = np.abs(_painted(boxes, transform, ratio) - _by_qt(boxes, transform, ratio)).max(axis=2)

    # Where the inner edges of two sides meet in one pixel, Qt counts what both cover twice: a pixel for each corner.
    assert np.count_nonzero(apart > 3) <= 2 * 4 * len(boxes)
    assert apart.max() <= 48


def test_a_side_that_ends_far_outside_of_the_view_is_drawn_across_it(qtbot: QtBot) -> None:
    # 64 device pixels a pixel: the box goes from half a million to the left to as many to the right.
    transform = replace(AT_REST, scale_x=64.0, scale_y=64.0, center_x_px=10_000.0, center_y_px=10_000.0)

    targets: list[QRect] = []
    draw = QPainter.drawImage
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QPainter, "drawImage", lambda p, at, *rest: (targets.append(at), draw(p, at, *rest)))
        painted = _painted([_box(0, 10_000, 20_000, 20_000)], transform)

    assert targets and all(at.width() <= WIDE and at.height() <= HIGH for at in targets)  # Qt is given no millions
    # The upper side lies at the middle of the view's height, 119.125 to 120.875.
    line = np.array(QColor(COLOR).getRgb()[:3])
    on = GREY * (1 - 140 / 255) * (1 / 8) + line * (7 / 8)
    assert np.abs(painted[119:121] - on).max() <= 2
    assert (painted[:117] == GREY).all() and (painted[123:] == GREY).all()


def test_a_part_painted_anew_is_as_the_whole(qtbot: QtBot) -> None:
    boxes = [_box(4.3 + 7 * n, 6.6, 60 + 9 * n, 190.2) for n in range(8)]
    whole = _painted(boxes, AT_REST)

    for part in (QRect(0, 0, 300, 9), QRect(50, 100, 37, 41), QRect(59, 187, 5, 6)):
        rows, columns = slice(part.top(), part.bottom() + 1), slice(part.left(), part.right() + 1)
        assert np.array_equal(_painted(boxes, AT_REST, clip=part)[rows, columns], whole[rows, columns])


def test_in_a_view_between_two_device_pixels_no_line_is_cut_apart(qtbot: QtBot) -> None:
    boxes = [_box(40, 30, 200, 180)]

    shifted = _painted(boxes, AT_REST, shift=0.5)

    # Drawn as a whole a pixel further on, or not: each side is the same all along.
    assert any(np.array_equal(shifted, np.roll(_painted(boxes, AT_REST), (by, by), (0, 1))) for by in (0, 1))


def test_what_is_no_plain_box_is_stroked(qtbot: QtBot) -> None:
    slanted = Outline(points_px=((40, 30), (200, 31), (200, 180), (40, 180)), color=COLOR)
    cases = (slanted, replace(_box(40, 30, 200, 180), dashed=True), replace(_box(40, 30, 200, 180), closed=False),
             _box(40, 30, 42, 180))  # fmt: skip
    for outline in cases:
        with _counted() as calls:
            _painted([outline], AT_REST)
        assert calls["drawImage"] == 0 and calls["drawPolygon"] + calls["drawPolyline"] == 2


def test_handles_lie_over_the_lines_of_every_box(qtbot: QtBot) -> None:
    selected = _box(40, 30, 200, 180, handles_px=((40, 30), (200, 180)))
    over = _box(30, 30, 210, 190)

    painted = _painted([selected, over], AT_REST)

    assert (painted[30, 40] == 255).all()  # the middle of a handle, where the upper side of the other box lies
