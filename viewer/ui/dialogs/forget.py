"""Asks once before something is forgotten."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import text_label
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class ForgetDialog(BoundedDialog):
    """What goes, what stays, and two buttons; Return cancels, since nothing brings it back."""

    def __init__(self, session: "Desk", title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forget")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(text_label(title, "title", wrap=True))
        self.words = text_label(words, "second", wrap=True)
        column.addWidget(self.words)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.forget = KeyButton(session.icons, "Forget", icon="close")
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self.accept)
        buttons.addWidget(self.forget)
        cancel = cancel_button(self, session.icons)
        cancel.setDefault(True)
        buttons.addWidget(cancel)
        column.addLayout(buttons)
        cancel.setFocus()
