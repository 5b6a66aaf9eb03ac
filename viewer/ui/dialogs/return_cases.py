"""Asks why cases are returned: without a comment nobody would know what to look at again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

MOST_LETTERS = 500
WORDS = (
    "Whoever opens it reads this. No snapshot takes it before it is complete or approved again; Ctrl+Z takes it back."
)


class ReturnDialog(BoundedDialog):
    """One line of text; `then` gets it, once. what: "3 cases", or the name of one."""

    def __init__(self, session: "Desk", what: str, then: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._then = then
        self.setWindowTitle("Return")
        column, _ = question(self, f"Return {what}?", WORDS)
        self.comment = QLineEdit()
        self.comment.setMaxLength(MOST_LETTERS)
        self.comment.setPlaceholderText("What shall be looked at again?")
        self.comment.setAccessibleName("Comment")
        column.addWidget(self.comment)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.keep = KeyButton(session.icons, "Return", key="Return", icon="undo", kind="primary")
        self.keep.setDefault(True)
        self.keep.setEnabled(False)
        self.keep.clicked.connect(self._on_keep)
        self.comment.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        buttons.addWidget(self.keep)
        column.addLayout(buttons)
        self.comment.setFocus()

    def _on_keep(self) -> None:
        self.accept()
        self._then(self.comment.text().strip())
