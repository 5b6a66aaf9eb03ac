"""The tags of shapes: their words are laid out once for all that say the same, and look as they are said."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from viewer.core.geometry import ViewTransform
from viewer.core.shapes.outlines import BadgeStyle, Tag
from viewer.ui.canvas import marks
from viewer.ui.canvas.marks import draw_tags, tag_picture

WIDE, HIGH = 600, 400
TRANSFORM = ViewTransform(
    view_width=WIDE, view_height=HIGH, scale_x=1.0, scale_y=1.0, center_x_px=WIDE / 2, center_y_px=HIGH / 2
)


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Each text that is laid out from now on; no picture is kept from before."""
    texts: list[str] = []
    draw = marks.draw_words

    def noted(painter: QPainter, *given: Any) -> None:
        texts.append(given[-1])
        draw(painter, *given)

    tag_picture.cache_clear()
    monkeypatch.setattr(marks, "draw_words", noted)
    yield texts
    tag_picture.cache_clear()


def _tag(text: str, x: float, y: float, **facts: Any) -> Tag:
    return Tag(**{"text": text, "color": "#40C4FF", "x_px": x, "right_px": x + 60, "top_px": y, "bottom_px": y + 40,
                  **facts})  # fmt: skip


def _painted(tags: list[Tag], ratio: float = 1.0) -> tuple[np.ndarray, list[QRect]]:
    """(row, col, 3) of a grey view with the tags on it, and where they stand."""
    image = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
    image.fill(QColor(120, 120, 120))
    painter, taken = QPainter(image), list[QRect]()
    draw_tags(painter, tags, TRANSFORM, ratio, taken)
    painter.end()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(HIGH, WIDE, 4)
    return np.array(raw[:, :, 2::-1], int), taken


def test_twenty_tags_of_one_label_are_laid_out_once(qtbot: QtBot, laid_out: list[str]) -> None:
    tags = [_tag("Opacity", 10 + 7 * n, 30 + 15 * n) for n in range(20)]

    for _ in range(3):
        _painted(tags)

    assert laid_out == ["Opacity"]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Nodule"}, {"color": "#FF8844"}, {"badge": "AI 0.83"}, {"badge": "from AI"},
        {"badge": "AI 0.83", "badge_style": BadgeStyle.ORIGIN},
    ],
)  # fmt: skip
def test_tags_that_differ_look_different(qtbot: QtBot, other: dict[str, Any]) -> None:
    plain, _ = _painted([_tag("Opacity", 100, 100)])
    changed, _ = _painted([_tag(**{"text": "Opacity", "x": 100, "y": 100, **other})])

    assert not np.array_equal(plain, changed)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_tag_is_dark_with_a_bar_of_its_shapes_colour_right_above_it(qtbot: QtBot, ratio: float) -> None:
    # 189 of 255 of black over 120 leaves 31; bar 3 wide, tag 18 high and 3 above, in pixels at 96 per inch.
    painted, (place,) = _painted([_tag("Opacity", 100, 100)], ratio)

    assert (place.left(), place.bottom() + 1, place.height()) == (100, 100 - round(3 * ratio), round(18 * ratio))
    assert (painted[place.top() + 1, 100 : 100 + round(3 * ratio)] == QColor("#40C4FF").getRgb()[:3]).all()
    assert np.abs(painted[place.top(), place.right()] - 31).max() <= 1
    assert (painted[place.top() - 1] == 120).all() and (painted[place.bottom() + 1] == 120).all()


def test_what_is_kept_of_tags_is_bounded() -> None:
    assert tag_picture.cache_info().maxsize == 256
