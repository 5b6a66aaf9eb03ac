"""Asks once before something is forgotten."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.question import add_final_row, question
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class ForgetDialog(BoundedDialog):
    """What goes, what stays, and two buttons; Return cancels, since nothing brings it back."""

    def __init__(self, session: "Desk", title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forget")
        column, self.words = question(self, title, words)
        self.forget = KeyButton(session.icons, "Forget", icon="close")
        self.forget.clicked.connect(self.accept)
        add_final_row(self, column, session.icons, self.forget)
