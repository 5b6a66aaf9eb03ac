"""In a low window docks that cannot stand above each other lie behind each other, as tabs: none covers another's rows.

Qt lays docks that need more height than there is over each other, and what lies lowest in the upper one, such as the
row of decisions, is not seen.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from viewer.ui.window.docks_shared import MOVED_PX, TITLE_PX


class LowDocks:
    """Goes by what each needs at least. standing: the docks of the side that are seen, from the top."""

    def __init__(self, window: QMainWindow, standing: Callable[[], list[QDockWidget]]) -> None:
        self._window, self._standing = window, standing
        self._behind: list[tuple[QDockWidget, QDockWidget]] = []  # (which stays seen, which went behind it)
        self._room_px = 0  # when they went there
        self._is_laying = False

    def fit(self) -> None:
        """Lay the lowest behind the one above it, as long as not all have room; apart again in a higher window.

        Never apart because one needs less now: what comes and goes with a case would move the panels.
        """
        docks = [] if self._is_laying else self._standing()
        if not docks:
            return
        room_px = self._side_px(docks)
        if self._behind and room_px > self._room_px + MOVED_PX:
            self.apart()
            docks = self._standing()
        while len(docks) > 1 and sum(map(least_px, docks)) + self._tabs_px(docks) > room_px:
            self._is_laying = True
            self._room_px = room_px
            above, lowest = docks[-2:]
            self._window.tabifyDockWidget(above, lowest)
            above.raise_()
            self._behind.append((above, lowest))
            docks = docks[:-1]
            self._is_laying = False

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
        for above, lowest in reversed(behind):
            if lowest in self._window.tabifiedDockWidgets(above) and not lowest.isHidden():
                area = self._window.dockWidgetArea(above)
                self._window.removeDockWidget(lowest)  # beside one with tabs Qt would make it a tab again
                self._window.addDockWidget(area, lowest, Qt.Orientation.Vertical)
                lowest.show()
        self._is_laying = False


def least_px(dock: QDockWidget) -> int:
    """How little a dock can do with."""
    return dock.widget().minimumSizeHint().height() + TITLE_PX
