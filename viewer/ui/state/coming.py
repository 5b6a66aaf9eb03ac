"""Waiting for a background thread as a window may: it paints on, and what a person does meanwhile comes after it."""

import time
from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop

T = TypeVar("T")
LOOK_S = 0.001


def when_done(future: "Future[T]") -> T:
    """What a background thread makes, once it has. Keys, clicks and the closing of the window wait in their queue.

    Raises what was raised there. Timers and the ends of other jobs are heard meanwhile, so whoever waits looks at what
    is there afterwards, not before. No loop of its own is entered: what waits to be deleted stays until then.
    """
    while not future.done():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        # Looking again is simple; a bell that the other thread rings must outlive both, or the process ends.
        time.sleep(LOOK_S)
    return future.result()
