"""Asks about which cases a model shall be asked, and says how many they are, before it is."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, button_text, set_name, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.cases.scopes import Scope
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.model_choices import ModelChoice

GOES_ON = (
    "It goes on in the background, one image after the other, while other cases may be opened. Answers are proposals: "
    "they decide nothing, and every case stays in the state that it is in. What is left when the window is closed can "
    "be asked for here again: no image is asked about twice."
)


class AskCasesDialog(BoundedDialog):
    """scopes: about which cases it can be asked, the first as it stands. seal: how it is with the test part of the
    chosen snapshot, "" where it has none. then: given once, the cases and whether those that the model has answered are
    asked about again."""

    def __init__(
        self, session: "Desk", model: "ModelChoice", scopes: "Sequence[Scope]", seal: str,
        then: "Callable[[tuple[str, ...], bool], None]", parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model, self._scopes, self._seal, self._then = model, tuple(scopes), seal, then
        self.setWindowTitle("Ask a model")
        column, meaning = question(self, f"Ask {model.title} about which cases?", "")
        meaning.hide()  # the sentences below change with the choice, so each keeps its own room
        goes_on = Paragraph("second")
        set_text(goes_on, GOES_ON)
        column.addWidget(goes_on)
        self.which = ChoiceBox()
        set_name(self.which, "Which cases")
        set_tip(self.which, "The list as it is filtered now, all cases, or those in one part of the chosen snapshot")
        for scope in self._scopes:
            add_choice(self.which, scope.words, scope)
        column.addWidget(self.which)
        self.asked, self.said, self.sealed = Paragraph("body"), Paragraph("second"), Paragraph("second")
        for words in (self.asked, self.said, self.sealed):
            column.addWidget(words)
        self.again = QCheckBox(button_text("Ask again about what it has answered already"))
        column.addWidget(self.again)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.start = KeyButton(session.icons, "Predict", key="Return", icon="predict", kind="primary")
        self.start.setDefault(True)
        self.start.clicked.connect(self._on_start)
        buttons.addWidget(self.start)
        column.addLayout(buttons)
        self.which.currentIndexChanged.connect(lambda _: self._show())
        self.again.toggled.connect(lambda _: self._show())
        self.start.setFocus()
        self._show()

    @property
    def scope(self) -> "Scope":
        """The cases that are chosen."""
        return self._scopes[self.which.currentIndex()]

    def _on_start(self) -> None:
        case_ids, again = self.scope.case_ids, self._again
        self.accept()
        self._then(case_ids, again)

    @property
    def _again(self) -> bool:
        return self.again.isChecked() and self.scope.known > 0

    def _show(self) -> None:
        scope, again = self.scope, self._again
        self.again.setVisible(scope.known > 0)
        set_text(self.asked, f"Ask {self._model.title} about {scope.asked}?")
        left = scope.left(again=again)
        whole = f"It has answered {scope.known} of them already" if scope.known else ""
        asked = f"{counted(left, 'case')} would be asked about."
        set_text(self.said, f"{whole}; {asked}" if whole else asked)
        tested = scope.left_of_test(again=again) if self._seal else 0
        set_text(self.sealed, seal_said(tested, left, self._seal) if tested else "")
        self.sealed.setVisible(tested > 0)
        self.start.setEnabled(left > 0)


def seal_said(tested: int, left: int, seal: str) -> str:
    """That asking about these cases looks at the test part. seal: how often that was opened, in words."""
    which = ("It is" if left == 1 else "They are all") if tested == left else f"{tested} of them {_are(tested)}"
    return f"{which} in the test part, which is {seal}. To ask about several of it is counted as a look at it."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
