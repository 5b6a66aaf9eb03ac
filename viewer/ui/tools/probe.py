"""Read the value under the cursor."""

from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.readout import read_out
from viewer.ui.gestures.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint


class ProbeTool(IdleTool):
    """The value stands beside the cursor while the button is down; nothing is kept."""

    title, shortcut, icon = "Probe", "P", "probe.svg"
    hand = "Press: probe"
    workspaces = ("read",)
    words = "hu suv value pixel intensity density hounsfield"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._at: tuple[float, float] | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        self._at = (point.x_px, point.y_px)
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        if self._at is not None:
            self._at = (point.x_px, point.y_px)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        self._at = None
        return None

    def preview(self) -> Preview:
        if self._at is None:
            return NO_PREVIEW
        context = self.host.context
        found = read_out(context.stored, context.facts, *self._at)
        if found is None:
            return NO_PREVIEW
        told = (found.number_text or found.value_text, *found.others, found.stored_text, found.missing)
        lines = tuple(line for line in (*told, found.position_text, found.source) if line)
        return Preview(value_box=(*self._at, lines))

    def cancel(self) -> bool:
        begun, self._at = self._at is not None, None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._at is not None
