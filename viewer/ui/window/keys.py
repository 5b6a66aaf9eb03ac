"""Keys to commands, by work space and layout-independent.

Letters go by what is printed on the key (W is W on a French keyboard), digits and punctuation by what is printed too
and, where that leads nowhere, by the key's place (the digit row of a French keyboard needs no Shift). A keyboard that
writes no Latin letters goes by place. Keys never fire commands while a person types in a field.

A list or button that was reached by keys has its own Enter. After a click Enter is the work space's, wherever the focus
is: a click has done already what it was for, and most buttons leave the focus where it was.
"""

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from viewer.ui.commands.book import CommandBook
from viewer.ui.commands.command import Command
from viewer.ui.panels.panel import GIVES_RETURN, TAKES_DELETE
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.turned import TurnedFields

if TYPE_CHECKING:
    from viewer.ui.canvas.view import ImageView
    from viewer.ui.flows.desk import Desk

_ROWS = ("1234567890-=", "QWERTYUIOP[]", "ASDFGHJKL;'", "ZXCVBNM,./")
# First key of each row: evdev keycodes under X11 and Wayland, scan codes under Windows.
_FIRST = (10, 24, 38, 52) if sys.platform.startswith("linux") else (2, 16, 30, 44)
_PLACES = {first + i: char for first, row in zip(_FIRST, _ROWS) for i, char in enumerate(row)}
_NAMES = {
    Qt.Key.Key_PageUp: "PgUp", Qt.Key.Key_PageDown: "PgDown", Qt.Key.Key_Home: "Home", Qt.Key.Key_End: "End",
    Qt.Key.Key_Up: "Up", Qt.Key.Key_Down: "Down", Qt.Key.Key_Left: "Left", Qt.Key.Key_Right: "Right",
    Qt.Key.Key_Space: "Space", Qt.Key.Key_Return: "Return", Qt.Key.Key_Enter: "Return", Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_Backspace: "Backspace", Qt.Key.Key_Escape: "Esc", Qt.Key.Key_Tab: "Tab", Qt.Key.Key_Backtab: "Tab",
    Qt.Key.Key_Insert: "Ins",
}  # fmt: skip
_FIELD_KEYS = {"Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z"}
_LIST_KEYS = {"Up", "Down", "Left", "Right", "Home", "End", "Return", "Space"}
_PAGE_KEYS = _LIST_KEYS | {"PgUp", "PgDown"}
_BUTTON_KEYS = {"Space", "Return"}


def key_names(event: QKeyEvent) -> list[str]:
    """What a key press may be called in the table, most literal first: ["Shift+!", "Shift+1", "!"]."""
    modifiers = event.modifiers()
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    before = "".join(
        name
        for name, flag in (("Ctrl+", Qt.KeyboardModifier.ControlModifier), ("Alt+", Qt.KeyboardModifier.AltModifier))
        if modifiers & flag
    )
    printed, place = _printed(event.key()), _PLACES.get(event.nativeScanCode(), "")
    with_shift = before + ("Shift+" if shift else "")
    names = [with_shift + printed] if printed else []
    if place and not (printed.isascii() and printed.isalpha()) and printed != place and len(printed) <= 1:
        names.append(with_shift + place)
    if shift and len(printed) == 1 and not printed.isalnum():
        names.append(before + printed)
    return names


def _printed(key: int) -> str:
    if key in _NAMES:
        return _NAMES[Qt.Key(key)]
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return f"F{key - Qt.Key.Key_F1 + 1}"
    return chr(key).upper() if 0x20 < key < 0x3000 else ""


_WATCHED = frozenset(
    {
        QEvent.Type.WindowDeactivate, QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.KeyRelease,
        *TurnedFields.WATCHED,
    }
)  # fmt: skip


class KeyTable(QObject):
    """Watches the keys of one main window."""

    def __init__(self, session: "Desk", book: CommandBook, window: QMainWindow) -> None:
        super().__init__(window)
        self._session, self._book, self._window = session, book, window
        self._lent: set[int] = set()
        self._above: tuple[QObject, ...] = ()  # what stands around the widget that was given the key itself
        self._turned = TurnedFields()
        self._clicked = False  # since a key last moved the focus, or did something where it is
        self._table: dict[str, dict[str, Command]] = {
            space: {
                shortcut: row for row in book.rows.values() if row.works_in(space) for shortcut in row.shortcuts
            }
            for space in WORKSPACES
        }  # fmt: skip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _WATCHED:
            return False  # of a thousand events all but a few: every event of the application comes by here
        if kind == QEvent.Type.WindowDeactivate and watched is self._window:
            self._let_go()
        if self._turned.see(watched, event):
            event.ignore()  # it goes to what scrolls around it
            return True
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and self._is_ours(watched):
            self._clicked = True
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or not isinstance(watched, (QWidget, QWindow)):
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.KeyPress and event.isAutoRepeat() and _decides(event):
            return True  # a held key decides once, in lists and dialogs too
        if not self._is_ours(watched):
            return False
        if kind == QEvent.Type.KeyRelease:
            return self._released(event)
        if watched in self._above:
            return False  # a list ignores the Enter that it has opened a row with: it is nobody's any more
        self._above = ()
        return self._pressed(event)

    def command_for(self, names: list[str]) -> Command | None:
        """The command of the work space for one of a key's names."""
        table = self._table[self._session.workspace]
        return next((table[name] for name in names if name in table), None)

    def _is_ours(self, watched: QWidget | QWindow) -> bool:
        """Whether a key goes to this window, with no menu or dialog in front of it."""
        ours = (
            QWidget.window(watched) is self._window  # a view has a `window` of its own: its grey levels
            if isinstance(watched, QWidget)
            else watched is self._window.windowHandle()
        )
        return ours and QApplication.activePopupWidget() is None and QApplication.activeModalWidget() is None

    def _pressed(self, event: QKeyEvent) -> bool:
        names, focus = key_names(event), QApplication.focusWidget()
        if any(_belongs_to(focus, name) for name in names[:1]) and not self._is_past(focus, names):
            self._clicked, self._above = False, _around(focus)
            return False
        view = self._view()
        if view is not None and (event.key() in self._lent or _asks_for(view, event)):
            # The canvas knows held keys (lent tools, the bare image) and what a selected shape does with arrows.
            self._lent.add(event.key())
            view.keyPressEvent(event)
            return True
        row = self.command_for(names)
        if row is None:
            self._clicked = self._clicked and names[:1] not in (["Tab"], ["Shift+Tab"])
            return False
        if self._session.covered and names[0] in _PAGE_KEYS:
            return False  # the own ones of what lies over the views: cards, tables, curves
        if (not event.isAutoRepeat() or row.repeats) and self._book.run(row.id):  # else it says why not
            self._clicked = self._clicked and QApplication.focusWidget() is focus
        return True

    def _is_past(self, focus: QWidget | None, names: list[str]) -> bool:
        """Whether Enter means what it does in the work space, because the mouse went on from what has the focus."""
        if not self._clicked or names[:1] != ["Return"] or _is_typed_into(focus):
            return False
        row = self.command_for(names)
        return row is not None and self._book.may_run(row.id)

    def _released(self, event: QKeyEvent) -> bool:
        if event.key() not in self._lent:
            return False
        if not event.isAutoRepeat():
            self._lent.discard(event.key())
        view = self._view()
        if view is not None:
            view.keyReleaseEvent(event)
        return True

    def _view(self) -> "ImageView | None":
        cell = self._session.active_cell
        return cell.view if cell is not None and cell.view.isVisible() and cell.view.has_frame else None

    def _let_go(self) -> None:
        self._lent.clear()


def _around(widget: QObject | None) -> tuple[QObject, ...]:
    """Its parents, which an event that it ignores goes to next."""
    parent = None if widget is None else widget.parent()
    return () if parent is None else (parent, *_around(parent))


def _asks_for(view: "ImageView", event: QKeyEvent) -> bool:
    """Whether the canvas wants a key before shortcuts do, asked the way Qt asks."""
    override = QKeyEvent(
        QEvent.Type.ShortcutOverride, event.key(), event.modifiers(), event.nativeScanCode(), event.nativeVirtualKey(),
        event.nativeModifiers(), event.text(), event.isAutoRepeat(), event.count(),
    )  # fmt: skip
    override.ignore()
    return view.event(override) and override.isAccepted()


def _decides(event: QKeyEvent) -> bool:
    """Whether a key keeps, chooses or removes something where the focus is. In a text it only writes."""
    widget = QApplication.focusWidget()
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return not isinstance(widget, (QTextEdit, QPlainTextEdit))
    return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not _is_typed_into(widget)


def _is_typed_into(widget: QWidget | None) -> bool:
    return isinstance(widget, (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)) or (
        isinstance(widget, QComboBox) and widget.isEditable()
    )


def _belongs_to(widget: QWidget | None, name: str) -> bool:
    """Whether the focused widget needs this key itself."""
    if _is_typed_into(widget):
        read_only = isinstance(widget, (QTextEdit, QPlainTextEdit)) and widget.isReadOnly()
        if read_only:
            return name in _LIST_KEYS | {"Ctrl+C", "Ctrl+A", "PgUp", "PgDown"}
        free = name.startswith(("Ctrl+", "Alt+")) or (name[0] == "F" and name[1:].isdigit())
        return not free or name in _FIELD_KEYS
    if isinstance(widget, (QAbstractItemView, QAbstractSlider, QComboBox)):
        if name == "Return" and widget.property(GIVES_RETURN):
            return False
        # A list that closes its rows: a shape that is selected on the image is not what Delete means there.
        return name in _LIST_KEYS or (name == "Del" and bool(widget.property(TAKES_DELETE)))
    if isinstance(widget, QAbstractButton):
        return name in _BUTTON_KEYS
    return False
