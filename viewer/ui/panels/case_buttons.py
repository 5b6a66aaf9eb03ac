"""Skip and Complete, with their keys, below what lists the work of a case."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QHBoxLayout

from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


def complete_button(session: "Desk", *, kind: str, height_px: int = 28) -> KeyButton:
    """Completes the case that is shown and goes on to the next one; wherever work on a case is ended."""
    button = KeyButton(session.icons, "Complete", key="Ctrl+Return", icon="accept", kind=kind, height_px=height_px)
    button.setToolTip("Complete this case and show the next one  Ctrl ↵")
    button.clicked.connect(session.complete_and_next)
    return button


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
        self.complete = complete_button(session, kind="primary")
        row.addWidget(self.skip)
        row.addWidget(self.complete, 1)
        session.situation_changed.connect(self._on_situation)

    def _on_situation(self, situation: Any) -> None:
        self.skip.setEnabled(situation.has_case)
        self.complete.setEnabled(situation.has_case and situation.may_edit)
