"""What the first image needs, made ready while the window waits for a person to open something."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.docks.docks import Docks

IDLE_MS = 300  # after the project is there: what a start still does comes first


class Warming(QObject):
    """Loads the reading modules on a worker thread, then builds the panels one by one, each in a turn of the event loop
    of its own. It ends as soon as something is opened: from then on everything is made when it is needed."""

    done = Signal()

    def __init__(self, session: "Desk", docks: "Docks", is_waiting: Callable[[], bool], parent: QObject) -> None:
        """is_waiting: whether nothing was opened yet."""
        super().__init__(parent)
        self._session, self._docks, self._is_waiting = session, docks, is_waiting
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)
        session.project_opened.connect(lambda _: self._timer.start(IDLE_MS))

    def _begin(self) -> None:
        if not self._is_waiting():
            return
        self._session.run_in_background(self._load, lambda _: self._build(), lambda _: None)

    def _load(self) -> None:
        import viewer.reading.header_index
        import viewer.reading.image_id
        import viewer.reading.scan  # noqa: F401
        from viewer.reading.decoding.pool import POOL

        self._session.frames.store.start()
        POOL.warm()

    def _build(self) -> None:
        if not self._is_waiting():
            return
        if self._docks.prepare(self._session.workspace):
            QTimer.singleShot(0, self, self._build)
        else:
            self.done.emit()
