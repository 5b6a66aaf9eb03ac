"""How a view would show another frame, without a widget: for the threads that read it ahead."""

from dataclasses import dataclass, replace

from viewer.core.compose import FrameView, displayed
from viewer.core.covering import cover_of
from viewer.core.geometry import ViewTransform
from viewer.core.resample import Pyramid
from viewer.ui.canvas.camera import Camera
from viewer.ui.canvas.contrast import Contrast
from viewer.ui.canvas.frame import ShownFrame
from viewer.ui.canvas.ready_levels import ReadyLevels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NextView:
    """What a view keeps from one frame to the next. width, height: device pixels. smooth: linear when enlarging.

    camera, contrast: copies of the view's own, which hold no frame. A presentation state may turn the frame otherwise
    or show it through another window; then the view sees to it.
    """

    camera: Camera
    contrast: Contrast
    width: int
    height: int
    smooth: bool

    def transform(self, frame: ShownFrame) -> ViewTransform:
        """As `Display.show_frame` would place it."""
        camera = replace(self.camera)
        camera.set_frame(frame.stored.shape, frame.facts.spacing, pixel_aspect=frame.facts.pixel_aspect)
        return camera.transform(self.width, self.height)

    def levels(self, frame: ShownFrame, pyramid: Pyramid, before: ReadyLevels | None) -> ReadyLevels | None:
        """As `Display.show_frame` would show it; None where something covers it. before: those there are already."""
        if cover_of(frame.facts) is not None:
            return None
        transform, smooth = self.transform(frame), self.smooth
        contrast = self.contrast.without_frame()
        contrast.show(frame.stored, frame.facts, frame.identity)
        table = contrast.table(before)
        if before is not None and before.levels_of(pyramid, transform, table, smooth=smooth) is not None:
            return before
        stored, inside = pyramid.view(transform, smooth=smooth)
        frame_view = FrameView(stored=stored, inside=inside, rows=pyramid.rows, cols=pyramid.cols)
        return ReadyLevels(
            levels=displayed(frame_view, table), pyramid=pyramid, transform=transform, smooth=smooth, table=table,
            invert=contrast.inverted,
        )  # fmt: skip

    def size_bytes(self, frame: ShownFrame) -> int:
        """What the frame takes in memory at the view's size: values, where there is image, and levels."""
        channels = frame.stored.shape[2] if frame.stored.ndim == 3 else 1
        shown = 3 if frame.facts.palette is not None else channels
        return self.width * self.height * (frame.stored.itemsize * channels + 1 + shown)
