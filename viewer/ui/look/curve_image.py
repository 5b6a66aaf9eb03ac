"""A curve of a report as a picture in the theme's colours and size."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from ml.evaluation.curve_picture import WIDE, Inks, curve_svg, picture_high

if TYPE_CHECKING:
    from ml.evaluation.curves import Curve
    from viewer.ui.look.theme import Theme

SHARP = 2  # image pixels of a drawn curve for each of the page


def curve_size(curve: "Curve", theme: "Theme") -> tuple[int, int]:
    """(width, height) in px of the page."""
    return theme.px(WIDE), theme.px(picture_high(curve))


def curve_image(curve: "Curve", theme: "Theme") -> QImage:
    """The picture, of `SHARP` pixels for each of the page; on no ground of its own."""
    svg = curve_svg(curve, Inks(ground="none", words=theme.hex("hi"), grid=theme.hex("line2")))
    wide, high = curve_size(curve, theme)
    image = QImage(SHARP * wide, SHARP * high, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    return image
