"""What the first image needs, made ready while the window waits for a person to open something."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from viewer.ui.window.main_window import MainWindow

IDLE_MS = 300  # after the project is there: what a start still does comes first


class Warming(QObject):
    """Loads the reading modules on a worker thread, then builds the panels one by one, each in a turn of the event loop
    of its own. It ends as soon as something is opened: from then on everything is made when it is needed."""

    done = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)
        window.session.project_opened.connect(lambda _: self._timer.start(IDLE_MS))

    def _begin(self) -> None:
        session = self._window.session
        if not self._window.is_waiting:
            return
        session.run_in_background(self._load, lambda _: self._build(), lambda _: None)

    def _load(self) -> None:
        import viewer.reading.header_index
        import viewer.reading.image_id
        import viewer.reading.scan  # noqa: F401
        from viewer.reading.decoding.pool import POOL

        self._window.session.frames.store.start()
        POOL.warm()

    def _build(self) -> None:
        if not self._window.is_waiting:
            return
        if self._window.docks.prepare(self._window.session.workspace):
            QTimer.singleShot(0, self, self._build)
        else:
            self.done.emit()
