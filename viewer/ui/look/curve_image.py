"""A curve of a report as a picture in the theme's colours and size."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from ml.evaluation.curve_picture import WIDE, Inks, curve_svg, picture_high
from ml.evaluation.subgroups.forest_picture import WIDE as FOREST_WIDE
from ml.evaluation.subgroups.forest_picture import forest_high, forest_svg

if TYPE_CHECKING:
    from ml.evaluation.curves import Curve
    from viewer.ui.look.theme import Theme

SHARP = 2  # image pixels of a drawn curve for each of the page


def curve_size(curve: "Curve", theme: "Theme") -> tuple[int, int]:
    """(width, height) in px of the page."""
    return theme.px(WIDE), theme.px(picture_high(curve))


def forest_size(groups: "Mapping[str, Any]", theme: "Theme") -> tuple[int, int]:
    """(width, height) in px of the page, of the intervals of groups."""
    return theme.px(FOREST_WIDE), theme.px(forest_high(groups))


def forest_image(groups: "Mapping[str, Any]", of_all: float | None, theme: "Theme") -> QImage:
    """The intervals of groups in the theme's colours, of `SHARP` pixels for each of the page."""
    svg = forest_svg(groups, of_all, Inks(ground="none", words=theme.hex("hi"), grid=theme.hex("line2")))
    return _painted(svg, forest_size(groups, theme))


def curve_image(curve: "Curve", theme: "Theme") -> QImage:
    """The picture, of `SHARP` pixels for each of the page; on no ground of its own."""
    svg = curve_svg(curve, Inks(ground="none", words=theme.hex("hi"), grid=theme.hex("line2")))
    return _painted(svg, curve_size(curve, theme))


def _painted(svg: str, size: tuple[int, int]) -> QImage:
    wide, high = size
    image = QImage(SHARP * wide, SHARP * high, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    return image
