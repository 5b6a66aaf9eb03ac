"""How far a project's cases are, as one bar."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSignalBlocker
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer.core.case_acts import PLAIN
from viewer.core.shapes.annotations import CaseStatus
from viewer.ui.flows.cases.listing import STATUS_LOOKS
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

BAR_TOKENS = {
    CaseStatus.APPROVED: "ok",
    CaseStatus.COMPLETE: "ok",
    CaseStatus.NEEDS_REVIEW: "warn",
    CaseStatus.RETURNED: "err",
    CaseStatus.IN_PROGRESS: "acc",
    CaseStatus.TO_DO: "ctlh",
}
# The words below the bar, in this order; those of review only where such cases are there.
_IN_WORDS = (
    CaseStatus.COMPLETE, CaseStatus.NEEDS_REVIEW, CaseStatus.APPROVED, CaseStatus.RETURNED, CaseStatus.IN_PROGRESS,
    CaseStatus.TO_DO,
)  # fmt: skip


def progress_words(counts: Mapping[CaseStatus, int]) -> tuple[str, str, str]:
    """(how many are done, "of 8 complete", "1 complete · 2 in progress · 5 to do"). counts: as `shown_counts` has them.

    Where cases were sent, approved or returned, what is done is more than what is complete, and called so.
    """
    done = sum(count for status, count in counts.items() if status.is_done)
    word = "complete" if set(counts) <= set(PLAIN) else "done"
    parts = [f"{counts.get(one, 0)} {one.value}" for one in _IN_WORDS if one in PLAIN or one in counts]
    return str(done), f"of {sum(counts.values())} {word}", " · ".join(parts)


class StatusChoice(ChoiceBox):
    """Which statuses the list shows: all, or one. Those of review are there where such cases are."""

    def __init__(self) -> None:
        super().__init__()
        self._offered: list[CaseStatus] = []
        self.addItem("All statuses", None)
        self.show_occurring(dict.fromkeys(PLAIN, 0))

    @property
    def chosen(self) -> CaseStatus | None:
        """None for all."""
        word = self.currentData()  # a combo box gives an enumeration of strings back as a plain string
        return None if word is None else CaseStatus(word)

    def show_occurring(self, counts: Mapping[CaseStatus, int]) -> None:
        """Offer what there is; what is chosen stays chosen, though its last case has become another. counts: as
        `shown_counts` has them."""
        chosen = self.chosen
        offered = [one for one in STATUS_LOOKS if one in PLAIN or one in counts or one is chosen]
        if offered == self._offered:
            return
        self._offered = offered
        with QSignalBlocker(self):
            while self.count() > 1:
                self.removeItem(1)
            for status in offered:
                add_choice(self, STATUS_LOOKS[status][0], status)
            self.setCurrentIndex(0 if chosen is None else 1 + offered.index(chosen))


class ProgressBar(QWidget):
    """What is done, waits, and is to do as one bar; its words stand below it."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.counts: dict[CaseStatus, int] = {}
        self.setFixedHeight(8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._session.theme
        painter.fillRect(self.rect(), theme.color("ctlh"))
        total, left = max(1, sum(self.counts.values())), 0.0
        for status, token in BAR_TOKENS.items():
            width = self.width() * self.counts.get(status, 0) / total
            painter.fillRect(QRect(round(left), 0, round(left + width) - round(left), 8), theme.color(token))
            left += width
        painter.end()
