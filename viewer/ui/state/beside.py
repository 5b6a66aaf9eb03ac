"""What is on an image comes with its pixels, so that it is never shown without."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from viewer.core.errors import AppError

if TYPE_CHECKING:
    from viewer.project.at_hand.unknown import Unknown
    from viewer.project.at_hand.values import Fresh
    from viewer.project.project import Project
    from viewer.ui.state.keeping import Keeping


class Beside(QObject):
    """Reads it on the thread that read the pixels. What a project does not know costs it little."""

    _found = Signal(object, object)  # Project, Fresh

    def __init__(self, keeping: "Keeping", parent: QObject, project: "Callable[[], Project | None]") -> None:
        super().__init__(parent)
        self._keeping, self._project = keeping, project
        self._telling, self._closed = threading.Lock(), False
        self._unknown: Unknown | None = None  # of the project that was last asked
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    def read(self, image_id: str) -> None:
        """Have at hand what is on an image; it is there before the image is told to be ready."""
        project, keeping = self._project(), self._keeping
        if project is None or not image_id or image_id in keeping.at_hand.held:
            return
        try:
            fresh = self._of(project).nothing_on(image_id, keeping.at_hand.as_of)
        except AppError:  # said by what asks next
            fresh = None
        fresh = keeping.read_beside(project, image_id) if fresh is None else fresh
        if fresh is None:
            return
        with self._telling:  # threads that read ahead are not waited for, and a signal needs its object
            if not self._closed:
                self._found.emit(project, fresh)

    def close(self) -> None:
        """No signal comes after this, whatever a reading thread is still at."""
        with self._telling:
            self._closed = True

    def _of(self, project: "Project") -> "Unknown":
        from viewer.project.at_hand.unknown import Unknown

        unknown = self._unknown
        if unknown is None or unknown.project is not project:
            self._unknown = unknown = Unknown(project)
        return unknown

    @Slot(object, object)
    def _on_found(self, project: "Project", fresh: "Fresh") -> None:
        if project is self._project():
            self._keeping.take(fresh)
            self._keeping.arrived.emit(frozenset(fresh.images), frozenset())
