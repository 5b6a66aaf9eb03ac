"""What rows of the list of cases are painted with: the first image of each case, brought by the dozen, and small
pictures, made one after the other off the window's thread, newest wish first."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from viewer.core.windowing import default_window, display_table
from viewer.ui.canvas.series_picture import with_letters
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import ImageRecord
    from viewer.ui.state.session import Session

log = logging.getLogger(__name__)
PICTURE_PX = 44
KEPT = 2000
RECORDS_KEPT = 8192


class FirstImages(QObject):
    """Records by image id; `get` gives what is there and asks for what is missing, and `came` follows."""

    came = Signal(object)  # ids of images (frozenset)

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

    def is_gone(self, image_id: str) -> bool:
        """Whether it is known that no image of the project bears this id."""
        return image_id in self._found and self.get(image_id) is None

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
        if len(self._found) > RECORDS_KEPT:
            self._found.clear()
        self._found |= found
        for image_id in found:
            self._missing.pop(image_id, None)
        self.came.emit(frozenset(found))


class CasePictures(QObject):
    """Pictures by image id; `picture` gives what is there and asks for what is missing."""

    picture_made = Signal(str)  # image_id

    def __init__(self, session: "Session", size_px: int = PICTURE_PX) -> None:
        super().__init__(session)
        self._session, self._size_px = session, size_px
        self._made: dict[str, QPixmap | None] = {}
        self._wished: dict[str, ImageRecord] = {}
        self._busy = False
        session.project_opened.connect(lambda _: self._try_again())

    @property
    def made(self) -> int:
        """How many pictures are in memory."""
        return sum(pixmap is not None for pixmap in self._made.values())

    def picture(self, record: "ImageRecord") -> QPixmap | None:
        """The picture of an image, or None until it is made (or when its file cannot be read)."""
        if record.image_id in self._made:
            return self._made[record.image_id]
        self._wished.pop(record.image_id, None)
        self._wished[record.image_id] = record
        self._next()
        return None

    def _next(self) -> None:
        if self._busy or not self._wished:
            return
        image_id, record = self._wished.popitem()  # newest first: what is on the screen now
        while len(self._wished) > 64:  # rows that were scrolled past
            self._wished.pop(next(iter(self._wished)))
        self._busy = True
        ratio = 2

        def done(image: QImage) -> None:
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(ratio)
            self._keep(image_id, pixmap)

        def failed(error: Exception) -> None:
            log.info("No picture of a case: %s", error)
            self._keep(image_id, None)

        path, frame = Path(record.path), record.frame_index
        self._session.run_in_background(
            lambda: small_picture(path, frame, self._size_px * ratio), done, failed, at_rest=True
        )

    def is_missing(self, image_id: str) -> bool:
        """Whether the file of an image could not be read."""
        return image_id in self._made and self._made[image_id] is None

    def _try_again(self) -> None:
        """The project has changed: a file that could not be read may lie elsewhere now."""
        self._made = {image_id: pixmap for image_id, pixmap in self._made.items() if pixmap is not None}

    def _keep(self, image_id: str, pixmap: QPixmap | None) -> None:
        self._busy = False
        if len(self._made) >= KEPT:
            self._made.pop(next(iter(self._made)))
        self._made[image_id] = pixmap
        self.picture_made.emit(image_id)
        self._next()


def small_picture(path: Path, frame_index: int, size_px: int) -> QImage:
    """A frame as an 8-bit square picture, cut in the middle. Raises AppError when the file cannot be read."""
    from viewer.reading.frames import read_frame
    from viewer.reading.series import FrameRef

    frame = read_frame(
        FrameRef(path=path, frame_index=frame_index, sop_instance_uid="", instance_number="", along_normal_mm=None)
    )
    step = max(1, min(frame.stored.shape[:2]) // (2 * size_px))
    stored = frame.stored[::step, ::step]
    if stored.ndim == 3:
        grey = np.ascontiguousarray(stored.mean(axis=2).astype(np.uint8))
    else:
        window = default_window(frame.stored, frame.facts)
        grey = np.ascontiguousarray(display_table(frame.facts, window, invert=False).apply(stored))
    image = QImage(grey.data, grey.shape[1], grey.shape[0], grey.strides[0], QImage.Format.Format_Grayscale8)
    whole = image.scaled(
        size_px, size_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (whole.width() - size_px) // 2, (whole.height() - size_px) // 2
    film = "" if frame.facts.plane is not None else frame.identity.film
    return with_letters(whole.copy(left, top, size_px, size_px), film)
