"""What a card of a run's page is: the contract of the rows of CARDS."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from viewer.ui.look.chips import ElidedLabel, Paragraph
from viewer.ui.look.plain_text import set_name, set_text, set_tip

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.run_page.facts import RunFacts

READS = "It is being read."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a page tells of a run. facts: what was read of its files; None while they are read. folds: all runs of the
    training that it is a fold of, in their order; () where it stands for itself."""

    run: "RunState"
    facts: "RunFacts | None" = None
    folds: "tuple[RunState, ...]" = ()


class Card(QFrame):
    """A frame with its title, as wide as the page.

    A card fills `body` in its constructor and its widgets in `tell`. What is not there is said by `lack`.
    """

    title = ""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.setProperty("surface", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(8)
        self.head = head = QHBoxLayout()
        head.setSpacing(10)
        self.heading = ElidedLabel("title", mode=Qt.TextElideMode.ElideMiddle)
        self.beside = ElidedLabel("rowlow")
        self.call(self.title)
        head.addWidget(self.heading)
        head.addStretch(1)
        head.addWidget(self.beside)
        column.addLayout(head)
        self._why_not = Paragraph("second")
        column.addWidget(self._why_not)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        column.addLayout(self.body)
        column.addStretch(1)
        self._why_not.hide()
        if self.title:
            set_name(self, self.title)

    def tell(self, told: Told) -> None:
        """Show what is known of a run."""
        raise NotImplementedError

    def call(self, title: str) -> None:
        """Bear a title, whole in its tool tip."""
        set_text(self.heading, title)
        set_tip(self.heading, title)

    def say_beside(self, words: str) -> None:
        """What stands beside the title."""
        set_text(self.beside, words)
        set_tip(self.beside, words)

    def lack(self, why: str) -> bool:
        """Say why there is nothing to show, in place of it; "" where there is. Whether there is not."""
        set_text(self._why_not, why)
        self._why_not.setVisible(bool(why))
        return bool(why)

    @property
    def why_not(self) -> str:
        """What stands in the place of what is not there."""
        return self._why_not.text() if self._why_not.isVisibleTo(self) else ""
