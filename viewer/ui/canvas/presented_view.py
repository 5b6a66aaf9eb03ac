"""A view of one frame through its file's own presentation or a presentation state, with its window."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from viewer.core.pixels import LookupTable, Window
from viewer.core.presentation import Presented
from viewer.ui.canvas.camera import Camera
from viewer.ui.canvas.contrast import Contrast
from viewer.ui.canvas.frame import ShownFrame
from viewer.ui.canvas.next_view import NextView
from viewer.ui.canvas.positioned import Positioned
from viewer.ui.canvas.presenting import Presenting
from viewer.ui.canvas.ready_levels import ReadyLevels
from viewer.ui.canvas.surface import Surface


class PresentedView(Positioned):
    """Keeps what the person had before a state, so that one key takes the state away again."""

    window_changed = Signal(object)  # Window | LookupTable
    presentation_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.contrast = Contrast()
        self.presenting = Presenting()
        self._surface = Surface()
        self._frame: ShownFrame | None = None
        self._camera_before: Camera | None = None
        self._window_before: tuple[Window | LookupTable, bool] | None = None  # and whether it was touched

    def next_view(self) -> NextView:
        """How the next frame will be shown, as far as this view decides it."""
        width, height = self.device_size()
        return NextView(
            camera=replace(self.camera), contrast=self.contrast.without_frame(), width=width, height=height,
            smooth=self._surface.smooth,
        )  # fmt: skip

    def step_presentation(self) -> Presented | None:
        """Apply the next presentation state, after the last one none. Returns the one that is applied now."""
        frame = self._frame
        if frame is None or not self.presenting.offered:
            return None
        was = self.presenting.applied
        self.presenting.step()
        self._change_state(was)
        self._present(frame)
        self.window_changed.emit(self.contrast.window)
        self._moved()
        self.presentation_changed.emit()
        return self.presenting.applied

    def offer_states(self, states: Sequence[Presented]) -> None:
        """The states about the shown frame, found after it was shown; none is applied."""
        if self._frame is not None and self.presenting.applied is None:
            self.presenting.show(self._frame.facts, states)
            self.update()

    def set_shutter(self, on: bool) -> None:  # noqa: FBT001  # a slot for a checkable action
        """Draw the shutter, or show what it covers."""
        self.presenting.shutter_on = on
        if self._frame is not None:
            self._present(self._frame)
            self._moved()
        self.presentation_changed.emit()

    def _forget_image(self) -> None:
        """Hold nothing of the image that was shown, nor how a person looked at it."""
        self.presenting.forget()
        self.contrast.forget()
        self.camera = Camera()
        self._camera_before = self._window_before = None
        smooth, self._surface = self._surface.smooth, Surface()
        self._surface.smooth = smooth

    def _follow_states(self, frame: ShownFrame, states: Sequence[Presented], ready: ReadyLevels | None) -> None:
        """Another frame with the states about it: the applied one stays applied where it is about this frame too."""
        was = self.presenting.applied
        self.presenting.show(frame.facts, states)
        facts = frame.facts
        self.camera.set_frame(frame.stored.shape, facts.spacing, pixel_aspect=facts.pixel_aspect)
        now = self.presenting.applied
        if (was is None) != (now is None) or (was and now and _place(was) != _place(now)):
            self._change_state(was)
        self._present(frame, ready)

    def _change_state(self, was: Presented | None) -> None:
        """A state's window, turn and area come with it; what the person had before it comes back after it."""
        now = self.presenting.applied
        if was is None:
            self._camera_before = replace(self.camera)
            self._window_before = self.contrast.window, self.contrast.touched
        self.contrast.forget_kind()
        if now is not None:
            self.camera.quarter_turns, self.camera.flipped = now.quarter_turns, now.flipped
            self.camera.fit_area(now.area_px)
        elif self._camera_before is not None:
            before, self._camera_before = self._camera_before, None
            if not before.sees_as(self.camera):
                before = replace(self.camera, quarter_turns=before.quarter_turns, flipped=before.flipped)
                before.fit()
            self.camera = before

    def _leave_every_state(self) -> None:
        """As the file says, with its shutter; window and camera are the caller's to set."""
        was = self.presenting.applied
        self.presenting.reset()
        if was is not None:
            self._change_state(was)
        self._window_before = None
        if self._frame is not None:
            self._present(self._frame)
        self.presentation_changed.emit()

    def _present(self, frame: ShownFrame, ready: ReadyLevels | None = None) -> None:
        """Give the surface the frame as the applied state, or its own file, presents it."""
        facts, state = self.presenting.facts(), self.presenting.applied
        self.contrast.show(frame.stored, facts, frame.identity)
        if state is None and self._window_before is not None:
            window, touched = self._window_before
            self._window_before = None
            if touched:
                self.contrast.choose(window)
        self._surface.set_cover(self.presenting.cover)
        colors = dict(state.colors) if state is not None else {}
        self._surface.set_planes(facts.overlay_planes, colors, state.fills if state is not None else ())
        self._surface.set_table(self.contrast.table(ready))


def _place(state: Presented) -> tuple[object, ...]:
    return state.quarter_turns, state.flipped, state.area_px
