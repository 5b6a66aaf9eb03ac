"""Asks whether something shall be done: what it would do in one sentence, and two buttons."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.plain_text import set_title
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class AgreeDialog(BoundedDialog):
    """Return agrees: only for what can be undone. `title` says what, `words` what goes and what stays, `verb` the
    button."""

    def __init__(
        self, session: "Desk", *, title: str, words: str, verb: str, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_title(self, verb)  # the question stands inside, however long it is
        column, self.words = question(self, title, words)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.agree = KeyButton(session.icons, verb, key="Return", icon=icon, kind="primary")
        self.agree.setDefault(True)
        self.agree.clicked.connect(self.accept)
        buttons.addWidget(self.agree)
        column.addLayout(buttons)
        self.agree.setFocus()
