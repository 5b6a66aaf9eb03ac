"""How far a project's cases are, as one bar."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer.core.shapes.annotations import CaseStatus

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

BAR_TOKENS = {CaseStatus.COMPLETE: "ok", CaseStatus.IN_PROGRESS: "acc", CaseStatus.TO_DO: "ctlh"}


class ProgressBar(QWidget):
    """Complete, in progress and to do as one bar; its words stand below it."""

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
