"""Waiting for a background thread as a window may: it paints on, and what a person does meanwhile comes after it."""

from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, Signal

T = TypeVar("T")


class _Bell(QObject):
    """Rings in the thread that made it, which so has something to wake up for."""

    rung = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rung.connect(self.hear, Qt.ConnectionType.QueuedConnection)

    def hear(self) -> None:
        """Nothing more than having woken up."""


def when_done(future: "Future[T]") -> T:
    """What a background thread makes, once it has. Keys, clicks and the closing of the window wait in their queue.

    Raises what was raised there. Timers and the ends of other jobs are heard meanwhile, so whoever waits looks at what
    is there afterwards, not before. No loop of its own is entered: what waits to be deleted stays until then.
    """
    if not future.done():
        bell, flags = _Bell(), QEventLoop.ProcessEventsFlag
        future.add_done_callback(lambda _: bell.rung.emit())  # at once, where it is done by now
        while not future.done():
            QCoreApplication.processEvents(flags.ExcludeUserInputEvents | flags.WaitForMoreEvents)
    return future.result()
