"""A display that a person works on: what is selected, what is drawn with, what tools may know, and what was done."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal

from viewer.core.edits import Edit
from viewer.core.labels import Label
from viewer.core.overlays import OverlaySettings
from viewer.ui.canvas.display import Display
from viewer.ui.canvas.wheel import wheel_direction
from viewer.ui.canvas.work import Mark
from viewer.ui.gestures.tool import ToolContext


class WorkView(Display):
    """Everything it emits is about what a person did on it; who gets an event is said in `input`."""

    cursor_moved = Signal(object)  # Readout | None
    scrolled = Signal(int)  # steps in the series' order
    gesture_begins = Signal()  # what is there must be settled before a tool looks at it
    gesture_finished = Signal(object)  # Edit
    double_clicked = Signal()
    activated = Signal()
    context_menu = Signal(QPoint)  # in the view's own coordinates
    files_dropped = Signal(list)  # of str
    shape_selected = Signal(str)
    tool_requested = Signal(str)  # a lending key was only tapped
    tool_changed = Signal(str)  # what the left button does now
    brush_changed = Signal(float)  # radius in image pixels
    said = Signal(str)  # why a gesture did nothing
    pointed = Signal(float, float)  # x_px, y_px of the shown image

    def select(self, shape_id: str) -> None:
        """Select an annotation or measurement by its id, or nothing by ""; nothing else stays selected."""
        self.select_several([shape_id])

    def select_several(self, shape_ids: Sequence[str]) -> None:
        """Select several; the last one has the handles."""
        self._choose(self.work.with_selected(shape_ids))

    def turn_selected(self, shape_id: str) -> None:
        """Select one more, or one less where it was selected."""
        self._choose(self.work.with_turned(shape_id))

    def _choose(self, settings: OverlaySettings) -> None:
        if settings != self.work.settings:
            self.change_overlay_settings(settings)
            self.shape_selected.emit(settings.selected_id)

    def set_brush_radius(self, radius_px: float) -> None:
        """The brush's radius in image pixels, 0.5 to 500."""
        self.work.brush_radius_px = min(max(radius_px, 0.5), 500.0)
        self.brush_changed.emit(self.work.brush_radius_px)
        self._repaint("tool")

    def set_drawing(
        self, *, label: Label | None, author: str, may_draw: bool, proposal_seen: bool = False,
        begins_object: bool = False, object_in_hand: str = "",
    ) -> None:  # fmt: skip
        """What new shapes get, whether any may be drawn now, and whether the next one begins an object of its own, or
        goes on with the one in hand (`ToolContext`)."""
        self.work.label, self.work.author = label, author
        self.work.begins_object, self.work.object_in_hand = begins_object, object_in_hand
        self.work.may_draw, self.work.proposal_seen = may_draw, proposal_seen

    @property
    def context(self) -> ToolContext:
        """What tools may know; only asked for while a frame is shown."""
        assert self._frame is not None
        return self.work.context(
            self._frame.stored, self._frame.facts, self.transform(), self.device_ratio, bare=self.bare
        )

    def scroll_down(self, steps: int) -> None:
        """Ask for another frame: down is caudal in axial stacks, else next."""
        if steps:
            self.scrolled.emit(steps * wheel_direction(self.facts.plane))

    def point(self, x_px: float, y_px: float) -> None:
        """Tell where on the image the person points."""
        self.pointed.emit(x_px, y_px)

    def set_mark(self, mark: Mark | None) -> None:
        """Mark a place of the patient wherever an image goes through it, or none."""
        if mark != self.work.mark:
            self.work.mark = mark
            self._repaint("tool")

    def say(self, sentence: str) -> None:
        """Tell why a gesture did nothing."""
        self.said.emit(sentence)

    def emit_edit(self, edit: Edit | None) -> None:
        """Tell a finished gesture, once."""
        if edit is not None:
            self.gesture_finished.emit(edit)
