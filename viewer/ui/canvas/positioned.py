"""Where a view looks: zoom, middle, turn and flip of what it shows."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from viewer.core.geometry import ViewTransform
from viewer.ui.canvas.camera import Camera


class Positioned(QWidget):
    """A widget with a camera, in device pixels. `_moved` is called after each change."""

    transform_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()

    @property
    def device_ratio(self) -> float:
        """Device pixels per logical pixel."""
        return self.devicePixelRatioF()

    def device_size(self) -> tuple[int, int]:
        """(width, height) in device pixels."""
        ratio = self.device_ratio
        return round(self.width() * ratio), round(self.height() * ratio)

    def transform(self) -> ViewTransform:
        """From image points to device pixels, as it is now."""
        return self.camera.transform(*self.device_size())

    def fit(self) -> None:
        """Show the whole image, also after a resize."""
        self.camera.fit()
        self._moved()

    def one_to_one(self) -> None:
        """One device pixel per image pixel."""
        self.camera.one_to_one()
        self._moved()

    def zoom_by(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """Zoom at a point (device pixels), else at the middle."""
        transform = self.transform()
        middle = (transform.view_width / 2, transform.view_height / 2)
        self.camera.zoom_by(transform, factor, at or middle)
        self._moved()

    def pan_by(self, right: float, down: float) -> None:
        """Move the image by device pixels."""
        self.camera.pan_by(self.transform(), right, down)
        self._moved()

    def rotate_right(self) -> None:
        """Turn by 90 degrees clockwise."""
        self.camera.turn(1)
        self._moved()

    def rotate_left(self) -> None:
        """Turn by 90 degrees counter-clockwise."""
        self.camera.turn(3)
        self._moved()

    def flip(self) -> None:
        """Mirror left to right."""
        self.camera.flip()
        self._moved()

    def _moved(self) -> None:
        self.transform_changed.emit()
