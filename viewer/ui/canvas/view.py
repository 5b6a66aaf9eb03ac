"""The canvas: a display with its tools, mouse, wheel and keys."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
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

from viewer.core.presentation import Presented
from viewer.core.resample import Pyramid
from viewer.ui.canvas.frame import ShownFrame
from viewer.ui.canvas.input import Input
from viewer.ui.canvas.ready_levels import ReadyLevels
from viewer.ui.canvas.work_view import WorkView
from viewer.ui.gestures.tool import LiveMask, Preview, Tool


class ImageView(WorkView):
    """Shows one frame at a time, and hands mouse, wheel and keys on."""

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
        ready: ReadyLevels | None = None,
        states: Sequence[Presented] = (),
    ) -> None:
        """Show another frame, or nothing; a gesture in progress is dropped."""
        self._input.leave_frame(empty=frame is None)
        super().show_frame(frame, image_id=image_id, pyramid=pyramid, ready=ready, states=states)
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

    def let_stand(self) -> None:
        """What was drawn just now stays as it is until `let_fall`: it is being written."""
        self._input.stand()

    def let_fall(self) -> None:
        """What was drawn is kept, and shown as work on the image, or it was refused."""
        self._input.fall()

    def _preview(self) -> Preview:
        return self._input.preview()

    def _live_mask(self) -> LiveMask | None:
        return self._input.live_mask()

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
