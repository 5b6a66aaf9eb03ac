"""Frames for the views: cached ones at once, others from a worker thread, with their image ids."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from viewer.core.errors import AppError

if TYPE_CHECKING:
    from viewer.reading.frames import Frame
    from viewer.reading.series import FrameRef
    from viewer.reading.store import PixelStore
    from viewer.ui.worker import Worker

log = logging.getLogger(__name__)


class Frames(QObject):
    """Stands between the views and the pixel store. Ids are computed on the worker threads, once per frame."""

    ready = Signal(object)  # FrameRef
    failed = Signal(object, str)  # FrameRef, sentence
    _read_ahead = Signal(object)

    def __init__(self, worker: "Worker", parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._store: PixelStore | None = None
        self._ids: dict[FrameRef, str] = {}
        self._asked: set[FrameRef] = set()
        self._bad: dict[FrameRef, str] = {}
        self._read_ahead.connect(self._on_read_ahead, Qt.ConnectionType.QueuedConnection)

    @property
    def store(self) -> "PixelStore":
        """The pixel store, made when first needed (its decoders load after the first paint)."""
        if self._store is None:
            from viewer.reading.store import PixelStore

            self._store = PixelStore()
        return self._store

    def get(self, ref: "FrameRef") -> "Frame | None":
        """A frame that is in memory with its id known, else None."""
        return self.store.get(ref) if ref in self._ids else None

    def image_id(self, ref: "FrameRef") -> str | None:
        """The id of a frame that was read."""
        return self._ids.get(ref)

    def problem(self, ref: "FrameRef") -> str:
        """Why a frame cannot be shown, "" when it can or was not tried."""
        return self._bad.get(ref, "")

    def want(self, ref: "FrameRef") -> None:
        """Read a frame that is to be shown; `ready` or `failed` follows."""
        if ref in self._asked:
            return
        self._asked.add(ref)

        def done(_: object) -> None:
            self._asked.discard(ref)
            self._bad.pop(ref, None)
            self.ready.emit(ref)

        def failed(error: Exception) -> None:
            self._asked.discard(ref)
            sentence = str(error) if isinstance(error, AppError) else f"{ref.path.name} cannot be shown ({error})."
            self._bad[ref] = sentence
            self.failed.emit(ref, sentence)

        self._worker.start(lambda: self._load(ref), done, failed)

    def read_ahead(self, refs: Iterable["FrameRef"]) -> None:
        """Read frames that are likely to be wanted next, in this order."""
        wanted = [ref for ref in refs if ref not in self._ids or self.store.get(ref) is None]
        if wanted:
            self.store.request(wanted, self._on_read)

    def load(self, ref: "FrameRef") -> "tuple[Frame, str]":
        """Read a frame now, on the calling (worker) thread; returns it with its image id."""
        self._load(ref)
        return self.store.load(ref), self._ids[ref]

    def close(self) -> None:
        """Stop reading."""
        if self._store is not None:
            self._store.close()

    def _load(self, ref: "FrameRef") -> None:
        from viewer.reading.image_id import image_id, pixel_sha256

        frame = self.store.load(ref)
        if ref not in self._ids:
            self._ids[ref] = image_id(ref.sop_instance_uid, ref.frame_index, pixel_sha256(frame.stored))

    def _on_read(self, ref: "FrameRef") -> None:
        """Runs on the store's own thread."""
        try:
            self._load(ref)
        except AppError:
            return  # said when it is shown
        except Exception:
            log.exception("Reading ahead failed")
            return
        self._read_ahead.emit(ref)

    @Slot(object)
    def _on_read_ahead(self, ref: "FrameRef") -> None:
        self.ready.emit(ref)
