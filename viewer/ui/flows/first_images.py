"""The first image of each case, as rows of the list of cases are painted: brought by the dozen, never read there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import ImageRecord
    from viewer.ui.state.session import Session

KEPT = 8192


class FirstImages(QObject):
    """Records by image id; `get` gives what is there and asks for what is missing, and `came` follows."""

    came = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[str, ImageRecord | None] = {}
        self._missing: dict[str, None] = {}
        self._latest = Latest(session, self._take, self)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._ask)

    def get(self, image_id: str) -> "ImageRecord | None":
        """An image of the project, None until it is there (or where it has left the project)."""
        at_hand = self._session.at_hand.images.find(image_id)
        if at_hand is not None:
            return at_hand
        if image_id not in self._found:
            self._missing[image_id] = None
            self._timer.start(0)  # once for all rows that are painted together
        return self._found.get(image_id)

    def forget(self) -> None:
        """Other images are in the project, or other patients', than before."""
        self._found.clear()
        self._missing.clear()

    def _ask(self) -> None:
        wanted = list(self._missing)

        def read(project: "Project") -> "dict[str, ImageRecord | None]":
            found = {record.image_id: record for record in project.images.noted(wanted)}
            return {image_id: found.get(image_id) for image_id in wanted}

        if wanted:
            self._latest.ask(read)

    def _take(self, found: "dict[str, ImageRecord | None]") -> None:
        if len(self._found) > KEPT:
            self._found.clear()
        self._found |= found
        for image_id in found:
            self._missing.pop(image_id, None)
        self.came.emit()
