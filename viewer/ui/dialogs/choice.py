"""One question with its answers as buttons: a digit or a click chooses, Esc decides nothing.

No button is chosen beforehand and a held key chooses nothing: whoever presses Enter from finding to finding must not
answer a question that has just come up.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import set_text
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.choosing import Question

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

MOST_KEYS = 9
_DECIDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ChoiceDialog(BoundedDialog):
    """Shows a `Question`; `then` gets the value that was chosen, once."""

    def __init__(
        self, session: "Desk", question: Question[Any], then: Callable[[Any], None], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._then = then
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Choose")
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        title = text_label("", "title", wrap=True)
        set_text(title, question.title)
        layout.addWidget(title)
        if question.detail:
            detail = text_label("", "second", wrap=True)
            set_text(detail, question.detail)
            layout.addWidget(detail)
        self.buttons: list[KeyButton] = []
        for number, (words, value) in enumerate(question.choices):
            key = str(number + 1) if number < MOST_KEYS else ""
            button = KeyButton(session.icons, words, key=key, height_px=32)
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._choose, value))
            button.installEventFilter(self)
            self.buttons.append(button)
            layout.addWidget(button)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel_button(self, session.icons))
        layout.addLayout(row)
        self.setFocus()

    def _choose(self, value: object, _checked: bool = False) -> None:  # noqa: FBT001, FBT002  # Qt's own argument
        then = self._then
        self.accept()
        then(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if event.isAutoRepeat() or event.key() in _DECIDING:
            event.accept()
        elif 0 <= digit < len(self.buttons) and digit < MOST_KEYS:
            self.buttons[digit].click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _DECIDING:
            if not event.isAutoRepeat() and isinstance(watched, KeyButton):
                watched.click()  # it has the focus, so a person went to it
            return True
        return super().eventFilter(watched, event)
