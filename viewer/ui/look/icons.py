"""The drawn icons, coloured by token. Qt's SVG does not follow the palette, so `currentColor` is replaced here."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources
from viewer.ui.look.theme import Theme


@lru_cache(maxsize=600)
def icon_pixmap(name: str, color: str, size_px: int, ratio: float = 1.0) -> QPixmap:
    """One icon in a colour (#RRGGBB). size_px: device-independent pixels; ratio: the screen's."""
    svg = _source(name).replace("currentColor", color)
    pixmap = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@lru_cache(maxsize=200)
def _source(name: str) -> str:
    return str(resources.read_text(f"icons/{name}.svg"))


class Icons:
    """Renders and keeps icons for one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours from now on."""
        self.theme = theme

    def pixmap(self, name: str, token: str = "mid", size_px: int = 16, ratio: float = 1.0) -> QPixmap:
        """One icon in a token's colour. size_px: in device-independent pixels; ratio: the screen's."""
        return icon_pixmap(name, self.theme.hex(token), size_px, ratio)

    def icon(self, name: str, size_px: int = 20, rest: str = "mid") -> QIcon:
        """An icon in its states: `rest` at rest, hi hovered, acctx selected, faint when disabled."""
        icon = QIcon()
        modes, states = QIcon.Mode, QIcon.State
        for ratio in _ratios():
            plain = self.pixmap(name, rest, size_px, ratio)
            icon.addPixmap(plain, modes.Normal, states.Off)
            icon.addPixmap(self.pixmap(name, "hi", size_px, ratio), modes.Active, states.Off)
            icon.addPixmap(self.pixmap(name, "acctx", size_px, ratio), modes.Selected, states.Off)
            for mode in (modes.Normal, modes.Active, modes.Selected):
                icon.addPixmap(self.pixmap(name, "acctx", size_px, ratio), mode, states.On)
            icon.addPixmap(faint_pixmap(name, self.theme.hex(rest), size_px, ratio), modes.Disabled, states.Off)
        return icon


def _ratios() -> tuple[float, ...]:
    """The densities icons are drawn in: the second only where a screen has it, for it doubles a cost of the start."""
    return (1.0, 2.0) if any(screen.devicePixelRatio() > 1 for screen in QGuiApplication.screens()) else (1.0,)


@lru_cache(maxsize=600)
def faint_pixmap(name: str, color: str, size_px: int, ratio: float = 1.0) -> QPixmap:
    """See `icon_pixmap`: what cannot be used now."""
    pixmap = icon_pixmap(name, color, size_px, ratio)
    faint = QPixmap(pixmap.size())
    faint.fill(Qt.GlobalColor.transparent)
    faint.setDevicePixelRatio(pixmap.devicePixelRatio())
    painter = QPainter(faint)
    painter.setOpacity(0.4)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return faint
