"""The job chip in the menu bar: what trains now, how far it is, how long it takes; a click opens the Train space."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton

from viewer.ui.job_watch import job_watch_of
from viewer.ui.marks import draw_icon, draw_text
from viewer.ui.run_words import duration_words, epoch_words, progress

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.session import Session

BAR_PX = 64


class JobChip(QAbstractButton):
    """Hidden while nothing runs or waits."""

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session
        self._watch = job_watch_of(session)
        self._words = ""
        self._share = 0.0
        self.setFixedHeight(28)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: session.set_workspace("train"))
        self._watch.runs_changed.connect(lambda _: self._show())
        session.theme_changed.connect(lambda _: self.update())
        self._show()

    @property
    def words(self) -> str:
        """What the chip says."""
        return self._words

    def _show(self) -> None:
        run = self._watch.running
        waiting = sum(run.state == "queued" for run in self._watch.runs)
        self._words = chip_words(run, waiting)
        self._share = 0.0 if run is None else progress(run)
        self.setVisible(bool(self._words))
        self.setAccessibleName(self._words)
        self.setToolTip(f"{self._words}. Open the training space  F7")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if not self._words:
            return QSize(0, 28)
        return QSize(QFontMetrics(self._session.theme.font(12)).horizontalAdvance(self._words) + BAR_PX + 56, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._words:
            return
        painter = QPainter(self)
        icons, middle = self._session.icons, self.height() // 2
        if self.hasFocus():
            painter.setPen(icons.theme.color("acc"))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        draw_icon(icons, painter, 8, middle, "train", "acc")
        room = QRect(32, 0, self.width() - 32 - BAR_PX - 16, self.height())
        token = "hi" if self.underMouse() else "mid"
        draw_text(icons, painter, room, self._words, token=token)
        bar = QRect(self.width() - BAR_PX - 8, middle - 3, BAR_PX, 6)
        painter.fillRect(bar, icons.theme.color("ctlh"))
        painter.fillRect(QRect(bar.left(), bar.top(), round(BAR_PX * self._share), 6), icons.theme.color("acc"))
        painter.end()


def chip_words(run: "RunState | None", waiting: int) -> str:
    """ "Lung opacity · epoch 7 of 20 · 14 min left"; how many wait when none runs."""
    if run is None:
        return f"{waiting} waiting" if waiting else ""
    left = duration_words(run.left_s)
    parts = [run.task, epoch_words(run) or "starting", f"{left} left" if left else ""]
    return " · ".join(part for part in parts if part)
