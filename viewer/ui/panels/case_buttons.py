"""Skip and Complete, with their keys, below what lists the work of a case."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout

from viewer.ui.look.plain_text import set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.situation import Situation


COMPLETE, DONE = "Complete", "Done, next"


class CompleteButton(KeyButton):
    """Completes the case that is shown and goes on to the next one; wherever work on a case is ended.

    Of a case that is done it says so, stands back, and only goes on. It is as wide for either word: nothing moves.
    """

    def __init__(self, session: "Desk", *, kind: str, height_px: int = 28) -> None:
        super().__init__(session.icons, COMPLETE, key="Ctrl+Return", icon="accept", kind=kind, height_px=height_px)
        self._kind = kind
        self.clicked.connect(session.complete_and_next)
        session.situation_changed.connect(self._on_situation)
        self._on_situation(session.situation())

    def sizeHint(self) -> QSize:
        return self.wide_enough(super().sizeHint(), COMPLETE, DONE)

    def minimumSizeHint(self) -> QSize:
        return self.wide_enough(super().minimumSizeHint(), COMPLETE, DONE)

    def _on_situation(self, situation: "Situation") -> None:
        self.setEnabled(situation.has_case and situation.may_edit)
        self._show(situation.done_words)

    def _show(self, done: str) -> None:
        self.set_words(DONE if done else COMPLETE)
        tip = "Complete this case and show the next one"
        if done:
            tip = f"This case {done}: go to the next one that is not done"
        set_tip(self, f"{tip}  Ctrl ↵")
        kind = "plain" if done else self._kind
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)


class CaseButtons(QFrame):
    """The main action of Annotate, and the way past it."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        self.skip = KeyButton(session.icons, "Skip", key="D")
        self.skip.setToolTip("The next case, without completing this one  D")
        self.skip.clicked.connect(lambda: session.case_step(1))
        self.complete = CompleteButton(session, kind="primary")
        row.addWidget(self.skip)
        row.addWidget(self.complete, 1)
        session.situation_changed.connect(self._on_situation)
        self._on_situation(session.situation())

    def _on_situation(self, situation: "Situation") -> None:
        self.skip.setEnabled(situation.has_case)
