"""What a wheel may turn: a list, number or slider that a hand went to, by a click or by keys, and no other.

A field has the focus without that too, where it is the first of a dialog. And Qt gives a number or a list the focus
because of the wheel itself, before anyone is asked, unless its policy says no.
"""

from typing import TypeGuard

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QScrollBar, QWidget

_TURNED = (QAbstractSlider, QAbstractSpinBox, QComboBox)
_REASONS = Qt.FocusReason
_BY_HAND = (
    _REASONS.MouseFocusReason, _REASONS.TabFocusReason, _REASONS.BacktabFocusReason, _REASONS.ShortcutFocusReason,
)  # fmt: skip
_HANDLED = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class TurnedFields:
    """Knows the field that a hand went to last. WATCHED: the events that it must see."""

    WATCHED = (*_HANDLED, QEvent.Type.FocusIn, QEvent.Type.Polish, QEvent.Type.Wheel)

    def __init__(self) -> None:
        self._gone_to: QWidget | None = None

    def see(self, watched: QObject, event: QEvent) -> bool:
        """Whether this event is a wheel that must change nothing where it is: it goes to what scrolls around it."""
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            if isinstance(watched, QWidget) and event.reason() in _BY_HAND:  # the style is told of it too
                self._gone_to = watched
        elif kind in _HANDLED:
            focus = QApplication.focusWidget()
            if focus is not None and (watched is focus or _is_within(watched, focus)):
                self._gone_to = focus
        elif kind == QEvent.Type.Polish and _is_turned(watched):
            if watched.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                watched.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        elif kind == QEvent.Type.Wheel and _is_turned(watched):
            return not (watched.hasFocus() and watched is self._gone_to)
        return False


def _is_turned(watched: QObject) -> TypeGuard[QWidget]:
    return isinstance(watched, _TURNED) and not isinstance(watched, QScrollBar)


def _is_within(watched: QObject, outer: QWidget) -> bool:
    return isinstance(watched, QWidget) and outer.isAncestorOf(watched)
