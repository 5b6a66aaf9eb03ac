"""Waiting for a background thread as a window may: it paints on, and what a person does meanwhile comes after it."""

from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal

T = TypeVar("T")


class _Bell(QObject):
    rung = Signal()


def when_done(future: "Future[T]") -> T:
    """What a background thread makes, once it has. Keys, clicks and the closing of the window wait in their queue.

    Raises what was raised there. Timers and the ends of other jobs are heard meanwhile, so whoever waits looks at what
    is there afterwards, not before.
    """
    if not future.done():
        loop, bell = QEventLoop(), _Bell()
        bell.rung.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        future.add_done_callback(lambda _: bell.rung.emit())  # at once, where it is done by now
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    return future.result()
