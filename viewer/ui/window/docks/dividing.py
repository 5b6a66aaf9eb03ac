"""Docks above each other divide their height by need: one that is cut gets the room that a lower one has to spare."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

from viewer.ui.window.docks.shared_height import MOVED_PX, TITLE_PX


def divided(wanted_px: list[int], least_px: list[int], total_px: int, whole_px: list[int] | None = None) -> list[int]:
    """Heights from the top: each its least, then, as far as there is room, what it is whole with, then what it wants;
    the last takes the rest. So none that has more than it is whole with cuts another.

    whole_px: by default no more than the least.
    """
    heights: list[int] = []
    for place, least in enumerate(least_px):  # where not even these have room, the uppermost have it
        heights.append(min(least, max(0, total_px - sum(heights) - sum(least_px[place + 1 :]))))
    for aims in (whole_px or least_px, wanted_px):
        for place, aim in enumerate(aims):
            heights[place] += max(0, min(aim - heights[place], total_px - sum(heights)))
    if heights:
        heights[-1] += max(0, total_px - sum(heights))
    return heights


def needs_px(docks: list[QDockWidget]) -> list[int]:
    """The heights that docks above each other need now, in the room that they take together."""
    rooms = [dock.widget() for dock in docks]
    wanted, least, whole = (
        [measure(room) + TITLE_PX for room in rooms] for measure in (_wanted_px, _least_px, _whole_px)
    )
    heights = divided(wanted, least, sum(dock.height() for dock in docks), whole)
    for place, room in enumerate(rooms[:-1]):  # a list that scrolls gets what would stay blank below
        more_px = max(0, min(getattr(_panel(room), "more_px", 0), heights[-1] - wanted[-1]))
        heights[place] += more_px
        heights[-1] -= more_px
    return heights


def _panel(room: QWidget) -> QWidget | None:
    return room.widget() if isinstance(room, QScrollArea) else None


def _wanted_px(room: QWidget) -> int:
    return room.sizeHint().height()


def _least_px(room: QWidget) -> int:
    return room.minimumSizeHint().height()


def _whole_px(room: QWidget) -> int:
    panel = _panel(room)
    return max(_least_px(room), 0 if panel is None else panel.minimumSizeHint().height())


def is_cut(dock: QDockWidget) -> bool:
    """Whether a panel is lower than what it holds, so that it has to be scrolled."""
    room = dock.widget()
    panel = _panel(room)
    return panel is not None and room.height() < panel.minimumSizeHint().height() - MOVED_PX


class RoomKeeper(QObject):
    """Looks at the docks of a side after Qt has laid them out for another window, work space or number of docks: Qt
    takes from each alike, whatever it holds. A division that a hand has made stays until then.

    standing: the docks from the top. put: gives them the heights that they need.
    """

    def __init__(
        self, window: QMainWindow, standing: Callable[[], list[QDockWidget]], put: Callable[[list[QDockWidget]], None]
    ) -> None:
        super().__init__(window)
        self._standing, self._put = standing, put
        self._seen: tuple[tuple[QDockWidget, ...], int] = ((), 0)  # which stood there, and their height together
        self._is_kept = False
        self._due = QTimer(self, singleShot=True, interval=0)
        self._due.timeout.connect(self._look)

    def watch(self, dock: QDockWidget) -> None:
        """Look again whenever this one has another height."""
        dock.installEventFilter(self)

    def keep_next(self) -> None:
        """What is laid out now is as a person has left it."""
        self._is_kept = True
        self._due.start()

    @property
    def _now(self) -> tuple[tuple[QDockWidget, ...], int]:
        docks = tuple(self._standing())
        return docks, sum(dock.height() for dock in docks)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._due.start()
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        before, self._seen = self._seen, self._now
        is_kept, self._is_kept = self._is_kept, False
        docks = list(self._seen[0])
        if is_kept or before == self._seen or len(docks) < 2:
            return  # another division of the same height is a hand's, or one by need
        needs = needs_px(docks)
        if any(is_cut(dock) and need > dock.height() + MOVED_PX for dock, need in zip(docks, needs, strict=True)):
            self._put(docks)
