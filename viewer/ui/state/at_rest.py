"""What can wait until the window's thread has nothing left to do.

A thread of the pool and the window's thread share one interpreter: while a picture for a row is made, each step of a
paint waits for the other's turn (measured on two cores: the next of 5,000 cases 17 ms at the median and 26 at the 99th
percentile, 11 and 15 where what is only likely to be wanted begins after the paint).
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

TURNS = 3  # a layout that asks for a paint that asks for a layout: a timer of 0 ms comes after what was posted
LATEST_MS = 100  # in a window that has no rest, such as one in which a key is held


class AtRest(QObject):
    """Calls what it was given, in that order, once layouts and paints that are due are over."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Callable[[], object]] = []
        self._turns = 0
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._count)
        self._latest = QTimer(self, singleShot=True, interval=LATEST_MS)
        self._latest.timeout.connect(self._let_go)

    @property
    def is_waiting(self) -> bool:
        """Whether something was given that was not called yet."""
        return bool(self._waiting)

    def then(self, act: Callable[[], object]) -> None:
        """Call `act` on this thread when it has come to rest."""
        self._waiting.append(act)
        self._turns = 0
        self._turn.start()
        if not self._latest.isActive():
            self._latest.start()

    def close(self) -> None:
        """Call nothing any more."""
        self._waiting.clear()
        self._turn.stop()
        self._latest.stop()

    def _count(self) -> None:
        self._turns += 1
        if self._turns >= TURNS:
            self._let_go()

    def _let_go(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._turn.stop()
        self._latest.stop()
        for act in waiting:
            act()
