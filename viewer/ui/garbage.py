"""Python's cyclic garbage collector, kept on the window's thread.

It runs on whichever thread happens to allocate, and what it finds may be Qt objects: a widget that is deleted on a
worker thread takes the process with it. While the window is open, automatic collection is off and a timer of the
window's thread collects instead, by the thresholds that Python itself would go by.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500


class Garbage(QObject):
    """Collects on the thread it was made on until `stop`, then leaves things as they were before."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_on = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Switch automatic collection off, and look after it from here."""
        if not self._timer.isActive():
            self._was_on = gc.isenabled()
            gc.disable()
            self._timer.start()

    def stop(self) -> None:
        """Let Python collect by itself again, if it did before."""
        if self._timer.isActive():
            self._timer.stop()
            if self._was_on:
                gc.enable()

    def collect(self) -> int:
        """Collect the oldest generation whose threshold is passed, and the younger ones with it; -1 when none is."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if 0 < thresholds[generation] < counts[generation]:
                gc.collect(generation)
                return generation
        return -1
