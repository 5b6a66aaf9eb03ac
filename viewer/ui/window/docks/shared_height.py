"""Two docks, one above the other, share their height by need: what lists more gets more, until a hand divides them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.panels.history import HistoryPanel
    from viewer.ui.panels.on_image import OnImagePanel

BY_HAND = "panels/annotate/height_by_hand"
TITLE_PX = 28
MOVED_PX = 6  # a divider that stands this far from where it was put was dragged


def shared_heights(wanted_px: tuple[int, int], least_px: tuple[int, int], total_px: int) -> tuple[int, int]:
    """The heights of the upper and the lower one, which take `total_px` together.

    The upper one gets what it wants as long as the lower one keeps its least; what is left over is the lower one's.
    """
    upper = max(least_px[0], min(wanted_px[0], total_px - least_px[1]))
    return min(upper, total_px), max(0, total_px - upper)


class SharedHeight(QObject):
    """On this image above History: a few objects leave the journal its room, many take it."""

    def __init__(
        self,
        session: "Desk",
        window: QMainWindow,
        docks: tuple[QDockWidget, QDockWidget],
        panels: "tuple[OnImagePanel, HistoryPanel]",
    ) -> None:
        super().__init__(window)
        self._session, self._window, self._docks, self._panels = session, window, docks, panels
        self._put: tuple[int, int] | None = None  # what stands there and was put by no hand; None: not known yet
        self._turn = 0  # of laying out anew: what is read of an earlier one is of heights that are no more
        self._due = QTimer(self, singleShot=True, interval=0)
        self._due.timeout.connect(self.share)
        panels[0].count_changed.connect(lambda _: self._due.start())
        session.situation_changed.connect(lambda _: self._due.start())

    def forget_hand(self) -> None:
        """Divide by need again, whatever a hand did: the panels were put back as they come."""
        self._session.settings.set_word(BY_HAND, "")
        self.again()

    def again(self) -> None:
        """Divide again after the docks were laid out anew, which was no hand's doing."""
        self._put, self._turn = None, self._turn + 1
        self._due.start()

    def share(self) -> None:
        """Divide the height anew, unless a hand has done so, or they do not stand one above the other."""
        upper, lower = self._docks
        if not self._stacked or self._session.settings.word(BY_HAND):
            self._put = None
            return
        now = (upper.height(), lower.height())
        if self._put is not None and sum(self._put) == sum(now) and abs(self._put[0] - now[0]) > MOVED_PX:
            self._session.settings.set_word(BY_HAND, "yes")
            return
        wanted = (self._panels[0].wanted_px + TITLE_PX, self._panels[1].wanted_px + TITLE_PX)
        least = (self._panels[0].least_px + TITLE_PX, self._panels[1].least_px + TITLE_PX)
        heights = shared_heights(wanted, least, sum(now))
        floors = [dock.widget().minimumSizeHint().height() + TITLE_PX for dock in self._docks]
        # Given less than it can do with, the lower one would take the rest from a third dock above both.
        upper_px = max(floors[0], min(heights[0], sum(now) - floors[1]))
        heights = (upper_px, sum(now) - upper_px)
        if abs(heights[0] - now[0]) > MOVED_PX:
            self._put = None
            self._window.resizeDocks(list(self._docks), list(heights), Qt.Orientation.Vertical)
        turn = self._turn  # also where nothing was put now: what was, a moment ago, Qt may not have laid out yet
        QTimer.singleShot(0, self, lambda: self._remember(turn))

    def _remember(self, turn: int) -> None:
        if turn == self._turn:
            self._put = (self._docks[0].height(), self._docks[1].height())

    @property
    def _stacked(self) -> bool:
        """Whether both are seen, one above the other; of docks behind each other one is not seen."""
        upper, lower = self._docks
        seen = all(dock.isVisible() and not dock.isFloating() for dock in self._docks)
        behind = lower in self._window.tabifiedDockWidgets(upper)
        return seen and not behind and upper.x() == lower.x() and upper.y() < lower.y()
