"""Asks about how many cases of the list a model shall be asked, before it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import button_text, set_text
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.model_choices import ModelChoice

GOES_ON = (
    "It goes on in the background, one image after the other, while other cases may be opened. Answers are proposals: "
    "they decide nothing, and every case stays in the state that it is in."
)


class AskCasesDialog(BoundedDialog):
    """count: the cases that the list shows now. known: how many of them this very model has answered whole. then: given
    once, whether these are asked about again."""

    def __init__(
        self, session: "Desk", model: "ModelChoice", count: int, known: int, then: Callable[[bool], None],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._count, self._known, self._then = count, known, then
        listed = "the case" if count == 1 else f"the {count} cases"
        self.setWindowTitle("Ask a model")
        column, _ = question(self, f"Ask {model.title} about {listed} of this list?", GOES_ON)
        self.said = text_label("", "second", wrap=True)
        column.addWidget(self.said)
        self.again = QCheckBox(button_text("Ask again about what it has answered already"))
        self.again.setVisible(known > 0)
        self.again.toggled.connect(lambda _: self._show())
        column.addWidget(self.again)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.start = KeyButton(session.icons, "Predict", key="Return", icon="predict", kind="primary")
        self.start.setDefault(True)
        self.start.clicked.connect(self._on_start)
        buttons.addWidget(self.start)
        column.addLayout(buttons)
        self.start.setFocus()
        self._show()

    def _on_start(self) -> None:
        again = self.again.isChecked()
        self.accept()
        self._then(again)

    def _show(self) -> None:
        left = self._count if self.again.isChecked() else self._count - self._known
        whole = f"It has answered {self._known} of them already" if self._known else ""
        asked = f"{counted(left, 'case')} would be asked about."
        set_text(self.said, f"{whole}; {asked}" if whole else asked)
        self.start.setEnabled(left > 0)
