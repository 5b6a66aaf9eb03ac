"""How a view would show another frame, without a widget: for the threads that read it ahead."""

from dataclasses import dataclass, replace

from viewer.core.geometry import ViewTransform
from viewer.ui.canvas.camera import Camera
from viewer.ui.canvas.frame import ShownFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class NextView:
    """What a view keeps from one frame to the next. width, height: device pixels. smooth: linear when enlarging.

    camera: a copy of the view's own. A presentation state may turn the frame otherwise; then the view sees to it.
    """

    camera: Camera
    width: int
    height: int
    smooth: bool

    def transform(self, frame: ShownFrame) -> ViewTransform:
        """As `Display.show_frame` would place it."""
        camera = replace(self.camera)
        camera.set_frame(frame.stored.shape, frame.facts.spacing, pixel_aspect=frame.facts.pixel_aspect)
        return camera.transform(self.width, self.height)

    def size_bytes(self, frame: ShownFrame) -> int:
        """What the frame takes in memory at the view's size, with where there is image."""
        values = frame.stored.itemsize * (frame.stored.shape[2] if frame.stored.ndim == 3 else 1)
        return self.width * self.height * (values + 1)
