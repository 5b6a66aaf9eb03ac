"""The field above a list that narrows it: Return leaves it for the list, Esc empties it and leaves it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from viewer.ui.look.left_field import LeftField
from viewer.ui.look.plain_text import set_hint, set_name


class FilterField(LeftField):
    """What is typed narrows a list. the_list: where Return and Esc put the cursor."""

    def __init__(self, placeholder: str, name: str) -> None:
        super().__init__()
        self.the_list: QWidget | None = None
        set_hint(self, placeholder)
        set_name(self, name)
        self.setClearButtonEnabled(True)

    def leave(self, *, undone: bool) -> None:
        if undone:
            self.clear()
        if self.the_list is not None:
            self.the_list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().leave(undone=undone)
