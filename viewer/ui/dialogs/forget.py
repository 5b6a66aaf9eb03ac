"""Asks once before something is forgotten."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class ForgetDialog(BoundedDialog):
    """What goes, what stays, and two buttons; Return cancels, since nothing brings it back."""

    def __init__(self, session: "Desk", title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forget")
        column, self.words = question(self, title, words)
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
