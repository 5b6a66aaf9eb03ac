"""A field that Return and Esc leave, so that the next key is the window's again; what is typed goes to nothing else."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_LEAVES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class LeftField(QLineEdit):
    """Whoever inherits it says in `leave` what becomes of what is typed, and where the cursor goes."""

    def leave(self, *, undone: bool) -> None:
        """Return was pressed, or Esc, which takes back what was typed (undone)."""
        self.clearFocus()

    def event(self, event: QEvent) -> bool:
        # Else Return would be the window's, which accepts a finding while somebody types here.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _LEAVES:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _LEAVES or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        self.leave(undone=event.key() == Qt.Key.Key_Escape)
