"""Mouse, wheel and keys of one view: who gets an event, and as what."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from viewer.core.edits import Edit
from viewer.core.registry import load
from viewer.ui.gestures.changing import REMOVING_KEYS, shape_key_edit, wants_shape_key
from viewer.ui.gestures.tool import LiveMask, Modifier, Preview, Tool, ToolPoint
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.ui.canvas.work_view import WorkView

TAP_S = 0.35
CLICK_PX = 4
WHEEL_STEP = 120
ZOOM_STEP = 1.15
# A right drag of this many logical pixels doubles the zoom.
ZOOM_DRAG_PX = 150.0
BRUSH_STEP = 1.15
Drawn = tuple[Preview, LiveMask | None]

_MODIFIERS = (
    (Qt.KeyboardModifier.ShiftModifier, Modifier.SHIFT),
    (Qt.KeyboardModifier.ControlModifier, Modifier.CTRL),
    (Qt.KeyboardModifier.AltModifier, Modifier.ALT),
)


class Input:
    """Left button: the armed or lent tool. Middle: pan. Right: zoom by a drag, menu by a click."""

    def __init__(self, view: "WorkView") -> None:
        self._view = view
        self._tools: dict[str, Tool] = {}
        self._armed = "window"
        self._lent = ""
        self._button = Qt.MouseButton.NoButton
        self._press_at = QPointF()
        self._last_at = QPointF()
        self._is_over = False  # else nothing of this view lies under the pointer
        self._moved = False
        self._held: dict[int, float] = {}
        self._used_while_held = False
        self._wheel = 0.0
        self._bare_before = False
        self._drawn: Drawn | None = None  # the gesture that was finished last, as its tool showed it
        self._stands = False

    # Tools

    @property
    def tool_name(self) -> str:
        """The lent tool, else the armed one."""
        return self._lent or self._armed

    @property
    def tool(self) -> Tool:
        """What the left button does now."""
        name = self.tool_name
        if name not in self._tools:
            self._tools[name] = load(TOOLS, name)(self._view)
        return self._tools[name]

    def arm(self, name: str) -> None:
        """Another tool; the gesture in progress is dropped."""
        if name == self._armed:
            return
        load(TOOLS, name)  # raises NotFound before anything changes
        self.cancel_gesture()
        self._armed = name
        self._show_tool()

    def lend(self, name: str) -> None:
        """Another tool for a while. A gesture in progress keeps its own."""
        if self._button is Qt.MouseButton.NoButton and name != self._lent:
            self._lent = name
            self._show_tool()

    def give_back(self) -> None:
        """The armed tool again; a drag with the lent one ends first."""
        if self._lent:
            if self._button is Qt.MouseButton.LeftButton:
                self.cancel_gesture()
            self._lent = ""
            self._show_tool()

    def cancel_gesture(self) -> bool:
        """Drop what has been begun. Returns whether there was anything."""
        begun = self.tool.cancel()
        self._button = Qt.MouseButton.NoButton
        if begun:
            self._view.preview_changed()
        return begun

    # What was drawn, until it is kept

    def preview(self) -> Preview:
        """What the tool shows, and what was drawn with it and is being written."""
        now = self.tool.preview()
        return now if self._drawn is None else replace(self._drawn[0], brush=now.brush)

    def live_mask(self) -> LiveMask | None:
        """The mask that is being painted, or that was painted and is being written."""
        return self.tool.live_mask() if self._drawn is None else self._drawn[1]

    def stand(self) -> None:
        """What was drawn just now stays as it is until `fall`: it is being written."""
        self._stands = self._drawn is not None

    def fall(self) -> None:
        """It is kept and stands among the others, or it was refused."""
        self._stands = False
        if self._drawn is not None:
            self._drawn = None
            self._view.preview_changed()

    def leave_frame(self, *, empty: bool) -> None:
        """Another frame comes: what was being drawn is dropped, looking goes on."""
        self._drawn, self._stands = None, False
        drawing = self._button is not Qt.MouseButton.MiddleButton and self._button is not Qt.MouseButton.RightButton
        if empty or (drawing and not self.tool.outlives_frame):
            self.cancel_gesture()

    @property
    def _is_busy(self) -> bool:
        return self.tool.is_busy or self._button is not Qt.MouseButton.NoButton

    def _show_tool(self) -> None:
        self._view.setCursor(self.tool.cursor)
        self._view.tool_changed.emit(self.tool_name)
        self._view.preview_changed()

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        """A button goes down; a second one during a gesture is not heard."""
        if not self._view.has_frame or self._button is not Qt.MouseButton.NoButton:
            return
        self._button = event.button()
        self._press_at = event.position()
        self.enter(event.position())
        self._moved = False
        self._used_while_held = True
        if self._button is Qt.MouseButton.LeftButton:
            self._view.gesture_begins.emit()
            self._finish(lambda: self.tool.press(self._point(event)))

    def move(self, event: QMouseEvent) -> None:
        """Drag or hover."""
        step = event.position() - self._last_at
        self.enter(event.position())
        if not self._view.has_frame:
            return
        ratio = self._view.device_ratio
        away = event.position() - self._press_at
        self._moved = self._moved or max(abs(away.x()), abs(away.y())) >= CLICK_PX
        if self._button is Qt.MouseButton.LeftButton:
            edit = self.tool.drag(self._point(event))
            if not self.tool.repaints_itself:
                self._view.preview_changed()
            self._view.emit_edit(edit)
        elif self._button is Qt.MouseButton.MiddleButton:
            self._view.pan_by(step.x() * ratio, step.y() * ratio)
        elif self._button is Qt.MouseButton.RightButton and self._moved:
            at = (self._press_at.x() * ratio, self._press_at.y() * ratio)
            self._view.zoom_by(2 ** (-step.y() / ZOOM_DRAG_PX), at)
        elif self._button is Qt.MouseButton.NoButton:
            self.tool.hover(self._point(event))
        self.tell_cursor()

    def release(self, event: QMouseEvent) -> None:
        """A button goes up: the gesture is done."""
        if event.button() is not self._button:
            return
        button, self._button = self._button, Qt.MouseButton.NoButton
        if button is Qt.MouseButton.LeftButton:
            self._finish(lambda: self.tool.release(self._point(event)))
        elif button is Qt.MouseButton.RightButton and not self._moved:
            self.tool.before_menu(self._point(event))
            self._view.context_menu.emit(event.position().toPoint())

    def double_click(self, event: QMouseEvent) -> None:
        """For a tool that wants it; else the view is maximised."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._view.has_frame:
            return
        point = self._point(event)
        if self.tool.wants_double_click(point):
            self._button = Qt.MouseButton.LeftButton
            self._view.gesture_begins.emit()
            self._finish(lambda: self.tool.double_click(point))
        else:
            # The first press of the double click began a gesture of no length; nothing may come of it.
            self.cancel_gesture()
            self._view.double_clicked.emit()

    def enter(self, at: QPointF) -> None:
        """The mouse is over the view, at a point of it (logical pixels)."""
        self._last_at, self._is_over = at, True

    def leave(self) -> None:
        """The mouse is over something else."""
        self._is_over = False
        self._view.cursor_moved.emit(None)
        self.tool.leave()

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl zoom at the cursor; with Shift the brush's size."""
        # Shift turns the wheel sideways on some systems.
        self._wheel += event.angleDelta().y() or event.angleDelta().x()
        steps = int(self._wheel / WHEEL_STEP)
        self._wheel -= steps * WHEEL_STEP
        self.enter(event.position())
        event.accept()
        if not steps or not self._view.has_frame:
            return
        self._used_while_held = True
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            ratio = self._view.device_ratio
            at = (event.position().x() * ratio, event.position().y() * ratio)
            self._view.zoom_by(ZOOM_STEP**steps, at)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._view.set_brush_radius(self._view.work.brush_radius_px * BRUSH_STEP**steps)
        elif not self.tool.is_busy:  # scrolling away would drop what is being drawn
            self._view.scroll_down(-steps)

    def tell_cursor(self) -> None:
        """Announce what is under the cursor; nothing where it is over something else, for which others speak."""
        if self._is_over:
            inside = self._view.rect().contains(self._last_at.toPoint())  # a drag goes on outside
            self._view.cursor_moved.emit(self._view.readout_at(self._last_at) if inside else None)

    def _point(self, event: QMouseEvent) -> ToolPoint:
        ratio = self._view.device_ratio
        x, y = event.position().x() * ratio, event.position().y() * ratio
        transform = self._view.transform()
        x_px, y_px = transform.to_image(x, y)
        return ToolPoint(
            x_px=x_px, y_px=y_px, view_x=x, view_y=y, modifiers=modifiers_of(event.modifiers()), view=transform
        )

    def _finish(self, act: Callable[[], Edit | None]) -> None:
        drawn = self.tool.preview(), self.tool.live_mask()
        edit = act()
        if edit is None:
            self._view.preview_changed()
            return
        self._drawn, self._stands = drawn, False
        self._view.preview_changed()
        self._view.emit_edit(edit)
        if not self._stands:  # nobody writes it
            self.fall()

    # Keys

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key must not become a shortcut: lending keys, H, Esc in a gesture, keys of tool and selection."""
        if not self._view.has_frame:
            return False
        key, modifiers = Qt.Key(event.key()), modifiers_of(event.modifiers())
        if key is Qt.Key.Key_Escape:
            return self._is_busy or bool(self._view.overlay_settings.selected_id)
        if self.tool.wants_key(key) or wants_shape_key(self._view.context, key, modifiers):
            return True
        return not modifiers and (key in lending_keys() or key is Qt.Key.Key_H)

    def key_press(self, event: QKeyEvent) -> bool:
        """Returns whether the key was for the view."""
        if not self.wants(event):
            return False
        key, modifiers = Qt.Key(event.key()), modifiers_of(event.modifiers())
        if key is Qt.Key.Key_Escape:
            # First the gesture, then the selection; the tool itself is the window's to change.
            if not self.cancel_gesture():
                self._view.select("")
        elif self.tool.wants_key(key):
            if event.isAutoRepeat() and key is Qt.Key.Key_Delete:
                return True
            self._view.gesture_begins.emit()
            self._finish(lambda: self.tool.key(key, modifiers))
        elif wants_shape_key(self._view.context, key, modifiers):
            # A key that is held nudges on; what it removes it removes once.
            if not self._is_busy and not (event.isAutoRepeat() and key in REMOVING_KEYS):
                self._view.gesture_begins.emit()
                self._view.emit_edit(shape_key_edit(self._view.context, key, modifiers))
        elif not event.isAutoRepeat() and key not in self._held:
            self._hold(key)
        return True

    def _hold(self, key: Qt.Key) -> None:
        self._held[key] = time.monotonic()
        self._used_while_held = False
        if key is Qt.Key.Key_H:
            self._bare_before = self._view.bare
            self._view.set_bare(True)
        else:
            self.lend(lending_keys()[key])

    def key_release(self, event: QKeyEvent) -> bool:
        """Returns whether the key was for the view."""
        key = Qt.Key(event.key())
        if event.isAutoRepeat() or key not in self._held:
            return key in self._held
        tapped = time.monotonic() - self._held.pop(key) < TAP_S and not self._used_while_held
        if key is Qt.Key.Key_H:
            # Held: as it was. Tapped: the other way round.
            self._view.set_bare(not self._bare_before if tapped else self._bare_before)
            return True
        self.give_back()
        if tapped and key is Qt.Key.Key_Space:
            self._view.step_overlays()
        elif tapped:
            self._view.tool_requested.emit(lending_keys()[key])
        return True

    def forget_keys(self) -> None:
        """The view lost the keyboard: whatever was held counts as let go."""
        if Qt.Key.Key_H in self._held:
            self._view.set_bare(self._bare_before)
        self._held.clear()
        self.give_back()


def lending_keys() -> dict[Qt.Key, str]:
    """Which tool a key lends while it is held."""
    return {load(TOOLS, name).lent_by: name for name in TOOLS if load(TOOLS, name).lent_by is not None}


def modifiers_of(modifiers: Qt.KeyboardModifier) -> frozenset[Modifier]:
    """Qt's flags as the tool contract's set."""
    return frozenset(ours for flag, ours in _MODIFIERS if modifiers & flag)
