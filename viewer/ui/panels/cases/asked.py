"""Below the filter of the list of cases: asking a model about all that it shows, how far that is, and the way to stop.

Asking is offered in Review; what is being asked is seen wherever the list is.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.ui.flows.cases.listing import LISTED_FACT
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.cases.said import said_of, tip_words

if TYPE_CHECKING:
    from viewer.project.records import CaseRow
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.situation import Situation

ASK_TIP = "Predict on the cases that the list shows now, on all of the project, or on one part  Ctrl Alt R"


def answered_count(session: "Desk", row: "CaseRow") -> int:
    """How many images of a case the chosen model has answered; 0 outside of Review, where no model is chosen."""
    return session.answered.count(row.case_id) if session.workspace == "review" else 0


def answered_words(session: "Desk", row: "CaseRow") -> str:
    """The same for the tool tip of its row, and what the model says of the case."""
    if session.workspace != "review":
        return ""
    return "\n".join(filter(None, (session.answered.words(row), tip_words(said_of(session, row)))))


class AskedCases(QWidget):
    """One line: the button that asks, or what is asked and the button that stops it."""

    answered = Signal()  # what the rows show of it is another
    read = Signal()  # what a list is filtered or sorted by is another

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session, self._follows = session, False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.ask = KeyButton(session.icons, "Predict on these cases…", icon="predict", short="Predict…")
        set_tip(self.ask, ASK_TIP)
        self.words = ElidedLabel("caption")
        self.stop = KeyButton(session.icons, "Stop", icon="stop", kind="quiet", height_px=28)
        set_tip(self.stop, "Stop asking about the cases of the list. What was answered stays.")
        row.addWidget(self.ask, 1)
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        for button in (self.ask, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Return goes on deciding
        self.ask.clicked.connect(lambda: session.person.offer_asking())
        self.stop.clicked.connect(lambda: session.list_questions.stop())
        session.workspace_changed.connect(lambda _: self._show())
        session.situation_changed.connect(self._on_situation)
        self._show()

    def _follow(self) -> None:
        """From the first time in Review on: before, nobody asks a model anything."""
        if self._follows or self._session.workspace != "review":
            return
        self._follows = True
        self._session.list_questions.changed.connect(self._show)
        self._session.list_questions.ended.connect(self.read)
        self._session.answered.changed.connect(self.answered)
        self._session.answered.read.connect(self.read)
        self._on_situation(self._session.situation())

    def _show(self) -> None:
        self._follow()
        words = self._session.list_questions.words if self._follows else ""
        set_text(self.words, words)
        set_tip(self.words, words and f"Asking about the cases of the list: {words}")
        in_review = self._session.workspace == "review"
        self.ask.setVisible(in_review and not words)
        for widget in (self.words, self.stop):
            widget.setVisible(bool(words))
        self.setVisible(in_review or bool(words))

    def _on_situation(self, situation: "Situation") -> None:
        self.ask.setEnabled(situation.has_project and situation.has("model_chosen") and situation.has(LISTED_FACT))
