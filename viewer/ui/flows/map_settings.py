"""How a heatmap is laid over an image: how strongly, and from which value on. It is display; the map stays as it is."""

from PySide6.QtCore import QObject, Signal

from viewer.core.compose import HEAT_HIDE_BELOW, HEAT_OPACITY

OPACITY_STEP = 0.05


class MapSettings(QObject):
    """opacity: 0 to 1. hide_below: share of the scale's top (0 to 1) below which nothing is drawn."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.opacity = HEAT_OPACITY
        self.hide_below = HEAT_HIDE_BELOW

    def set_opacity(self, opacity: float) -> None:
        """0 to 1; what is beyond an end is that end."""
        self.opacity = _share(opacity)
        self.changed.emit()

    def set_hide_below(self, share: float) -> None:
        """The same."""
        self.hide_below = _share(share)
        self.changed.emit()


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)
