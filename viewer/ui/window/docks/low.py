"""In a low window docks that cannot stand above each other lie behind each other, as tabs: none covers another's rows.

Qt lays docks that need more height than there is over each other, and what lies lowest in the upper one, such as the
row of decisions, is not seen.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from viewer.ui.window.docks.shared_height import MOVED_PX, TITLE_PX


class LowDocks:
    """Goes by what each needs at least. standing: the docks of the side that are seen, from the top.

    asked_for: the dock that was opened last, by its command: whatever it goes behind, it is the one that is seen.
    """

    def __init__(self, window: QMainWindow, standing: Callable[[], list[QDockWidget]]) -> None:
        self._window, self._standing = window, standing
        # (which it was laid with, which was laid there, with which others it had been one place before)
        self._behind: list[tuple[QDockWidget, QDockWidget, list[QDockWidget]]] = []
        self._room_px = 0  # when they went there
        self._is_laying = False
        self.asked_for: QDockWidget | None = None

    def fit(self) -> None:
        """Lay the lowest behind the one above it, as long as not all have room; apart again in a higher window, and
        when one of them was closed.

        Never apart because one needs less now: what comes and goes with a case would move the panels.
        """
        docks = [] if self._is_laying else self._standing()
        if not docks:
            return
        room_px = self._side_px(docks)
        is_closed = any(above.isHidden() or lowest.isHidden() for above, lowest, _ in self._behind)
        if is_closed or (self._behind and room_px > self._room_px + MOVED_PX):
            self.apart()
            docks = self._standing()
        while len(docks) > 1 and sum(map(least_px, docks)) + self._tabs_px(docks) > room_px:
            self._is_laying = True
            self._room_px = room_px
            above, lowest = docks[-2:]
            self._behind.append((above, lowest, self._window.tabifiedDockWidgets(lowest)))
            self._window.tabifyDockWidget(above, lowest)
            seen = lowest if lowest is self.asked_for else above
            seen.raise_()
            docks = [*docks[:-2], seen]
            self._is_laying = False

    def place_for(self, dock: QDockWidget) -> QDockWidget:
        """Which of the docks that stand there a further one is laid with as a tab: the lowest with which all have room,
        else the lowest."""
        docks = [one for one in self._standing() if one is not dock]
        room_px = self._side_px(docks) - self._tabs_px(docks)
        for place in reversed(docks):
            others = sum(least_px(one) for one in docks if one is not place)
            if others + max(least_px(place), least_px(dock)) <= room_px:
                return place
        return docks[-1]

    def _side_px(self, docks: list[QDockWidget]) -> int:
        """The height of the side, which goes by the window alone: the docks themselves stand where they stood until Qt
        lays them out, and whoever measured those would lay them apart and behind each other for ever."""
        return self._window.statusBar().y() - docks[0].y()

    def _tabs_px(self, docks: list[QDockWidget]) -> int:
        """What the tabs take of it."""
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        high = max((bar.sizeHint().height() for bar in bars), default=0)
        return high * sum(bool(self._window.tabifiedDockWidgets(dock)) for dock in docks)

    def apart(self) -> None:
        """As they stood before, those that are still where this has laid them."""
        behind, self._behind = self._behind, []
        self._is_laying = True  # each dock that comes or goes is told of, and whoever hears it may ask for `fit`
        again: list[QDockWidget] = []
        for above, lowest, mates in reversed(behind):
            is_there = above.isHidden() or lowest in self._window.tabifiedDockWidgets(above)
            if is_there and not lowest.isHidden():
                area = self._window.dockWidgetArea(lowest)
                self._window.removeDockWidget(lowest)  # beside one with tabs Qt would make it a tab again
                self._window.addDockWidget(area, lowest, Qt.Orientation.Vertical)
                lowest.show()
                mate = next((one for one in again if one in mates), None)
                if mate is not None:
                    self._window.tabifyDockWidget(mate, lowest)
                    lowest.raise_()
                again.append(lowest)
        self._is_laying = False


def least_px(dock: QDockWidget) -> int:
    """How little a dock can do with."""
    return dock.widget().minimumSizeHint().height() + TITLE_PX
