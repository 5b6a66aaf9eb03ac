"""The canvas: a display with its tools, mouse, wheel and keys."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from viewer.core.edits import Edit
from viewer.core.labels import Label
from viewer.core.overlays import OverlaySettings
from viewer.core.presentation import Presented
from viewer.core.resample import Pyramid
from viewer.ui.canvas.display import Display
from viewer.ui.canvas.frame import ShownFrame
from viewer.ui.canvas.input import Input
from viewer.ui.canvas.wheel import wheel_direction
from viewer.ui.canvas.work import Mark
from viewer.ui.gestures.tool import LiveMask, Preview, Tool, ToolContext


class ImageView(Display):
    """Shows one frame at a time. Everything it emits is about what a person did on it."""

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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self._input = Input(self)
        self.transform_changed.connect(self._tell_cursor)

    def show_frame(
        self,
        frame: ShownFrame | None,
        *,
        image_id: str = "",
        pyramid: Pyramid | None = None,
        states: Sequence[Presented] = (),
    ) -> None:
        """Show another frame, or nothing; a gesture in progress is dropped."""
        self._input.leave_frame(empty=frame is None)
        super().show_frame(frame, image_id=image_id, pyramid=pyramid, states=states)
        self._tell_cursor()

    def _tell_cursor(self) -> None:
        self._input.tell_cursor()

    # Tools

    @property
    def tool(self) -> Tool:
        """What the left button does now (a lent tool while it is lent)."""
        return self._input.tool

    @property
    def tool_name(self) -> str:
        """The name of `tool` in `viewer.ui.tools.TOOLS`."""
        return self._input.tool_name

    def set_tool(self, tool: str) -> None:
        """Arm a tool by its name in `viewer.ui.tools.TOOLS`."""
        self._input.arm(tool)

    def cancel(self) -> bool:
        """Drop the gesture in progress. Returns whether there was one."""
        return self._input.cancel_gesture()

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
        begins_object: bool = False,
    ) -> None:  # fmt: skip
        """What new shapes get, whether any may be drawn now, and whether the next stroke begins a mask of its own."""
        self.work.label, self.work.author = label, author
        self.work.begins_object = begins_object
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

    def _preview(self) -> Preview:
        return self._input.tool.preview()

    def _live_mask(self) -> LiveMask | None:
        return self._input.tool.live_mask()

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        self._input.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._input.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._input.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._input.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # A right click is told on release, a right drag zooms; only the keyboard's menu key is told here.
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.context_menu.emit(self.rect().center())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._input.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._input.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._input.key_release(event):
            super().keyReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._input.wants(event):
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # A key let go elsewhere would leave its tool lent for good.
        self._input.forget_keys()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._input.enter(event.position())
        self._tell_cursor()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._input.leave()
        super().leaveEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def emit_edit(self, edit: Edit | None) -> None:
        """Tell a finished gesture, once."""
        if edit is not None:
            self.gesture_finished.emit(edit)
