"""Python's cyclic garbage collector, kept on the window's thread.

It runs on whichever thread happens to allocate, and what it finds may be Qt objects: a widget that is deleted on a
worker thread takes the process with it. While the window is open, automatic collection is off and a timer of the
window's thread collects instead, by the thresholds that Python itself would go by.

A program that is started for its window puts the collector off before it loads anything (`viewer/cli/main.py`). All
that is loaded stays: looking through it again and again was a tenth of the start, and once more would be as much of the
window's thread just when the first image is on its way.

While a folder is scanned, what is found goes straight to where the collector does not look: it lives until its study is
closed, holds no cycles, and looking through the facts of 100,000 files took 0.9 s, in which the window stood still.

While an edit is being written, what it is made of waits: taking back an import of 50,000 boxes makes a hundred thousand
objects that are gone when it is kept, and looking through them as they came cost the window's thread as much as all
else that it had to do.
"""

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

EVERY_MS, EVERY_GROWING_MS = 500, 100
MOST_WAITS = 240  # looks that are put off for writes, two minutes; after them it is looked through all the same


class Garbage(QObject):
    """Collects on the thread it was made on until `stop`, then leaves things as they were before.

    is_growing: whether a scan brings in objects that stay. is_passing: whether an edit is being written.
    """

    def __init__(self, parent: QObject, is_growing: Callable[[], bool], is_passing: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._is_growing, self._is_passing, self._waits = is_growing, is_passing, 0
        self._was_on = self._has_kept = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Switch automatic collection off, and look after it from here."""
        if not self._timer.isActive():
            self._was_on = gc.isenabled()
            gc.disable()
            if not self._was_on:
                self.keep_loaded()
            self._timer.start()

    def stop(self) -> None:
        """Let Python collect by itself again, if it did before."""
        if self._timer.isActive():
            self._timer.stop()
            if self._has_kept:
                gc.unfreeze()
            if self._was_on:
                gc.enable()

    def collect(self) -> int:
        """Collect the oldest generation whose threshold is passed, and the younger ones with it; -1 when none is."""
        growing = self._is_growing()
        self._timer.setInterval(EVERY_GROWING_MS if growing else EVERY_MS)
        if growing:
            self.keep()
            return 1
        if self._is_passing() and self._waits < MOST_WAITS:
            self._waits += 1
            return -1
        self._waits = 0
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if 0 < thresholds[generation] < counts[generation]:
                gc.collect(generation)
                return generation
        return -1

    def keep_loaded(self) -> None:
        """Never look through what was loaded while the collector was put off."""
        gc.freeze()
        self._has_kept = True

    def keep(self) -> None:
        """Look through what is young for the last time, and never again through what is left."""
        gc.collect(1)
        gc.freeze()
        self._has_kept = True
