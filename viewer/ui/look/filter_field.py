"""The field above a list that narrows it: Return leaves it for the list, Esc empties it and leaves it."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from viewer.ui.look.plain_text import set_hint, set_name

_LEAVES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class FilterField(QLineEdit):
    """What is typed narrows a list. the_list: where Return and Esc put the cursor."""

    def __init__(self, placeholder: str, name: str) -> None:
        super().__init__()
        self.the_list: QWidget | None = None
        set_hint(self, placeholder)
        set_name(self, name)
        self.setClearButtonEnabled(True)

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
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        if self.the_list is not None:
            self.the_list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.clearFocus()
