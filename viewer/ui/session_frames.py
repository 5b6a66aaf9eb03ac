"""Frames for the views: cached ones at once, others from a worker thread, with their image ids."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from viewer.core.errors import AppError

if TYPE_CHECKING:
    from viewer.core.resample import Pyramid
    from viewer.reading.frames import Frame
    from viewer.reading.series import FrameRef
    from viewer.reading.store import PixelStore
    from viewer.ui.worker import Worker

log = logging.getLogger(__name__)
LARGE_PX = 1_000_000  # from here on a pyramid takes longer than a frame
PREPARED_LEVELS = 3
PYRAMIDS = 12  # kept; each is a third larger than its image


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
        self._pyramids: OrderedDict[FrameRef, Pyramid] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._read_ahead.connect(self._on_read_ahead, Qt.ConnectionType.QueuedConnection)

    @property
    def store(self) -> "PixelStore":
        """The pixel store, made when first needed (its decoders load after the first paint)."""
        with self._making:  # first asked for by the window and a worker thread at once
            if self._store is None:
                from viewer.reading.store import PixelStore

                self._store = PixelStore()
            return self._store

    @property
    def store_if_made(self) -> "PixelStore | None":
        """The pixel store, None before anything was opened."""
        return self._store

    def get(self, ref: "FrameRef") -> "Frame | None":
        """A frame that is in memory with its id known, else None."""
        return self.store.get(ref) if ref in self._ids else None

    def known(self) -> "tuple[FrameRef, ...]":
        """Every frame that was read."""
        return tuple(self._ids)

    def image_id(self, ref: "FrameRef") -> str | None:
        """The id of a frame that was read."""
        return self._ids.get(ref)

    def pyramid(self, ref: "FrameRef") -> "Pyramid | None":
        """The pyramid made on a worker thread, so that a large film is on the screen without a pause."""
        with self._lock:
            return self._pyramids.get(ref)

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

    def read_ahead(self, refs: Iterable["FrameRef"], owner: Hashable) -> None:
        """Read frames that are likely to be wanted next, in this order; an owner's newer wish replaces its older."""
        self.store.request(list(refs), self._on_read, owner=owner)

    def keep(self, refs: Iterable["FrameRef"]) -> None:
        """Hold on to the frames that are on the screen."""
        self.store.pin(refs)

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
        if frame.stored.size >= LARGE_PX:
            self._make_pyramid(ref, frame)
        if ref not in self._ids:
            self._ids[ref] = image_id(ref.sop_instance_uid, ref.frame_index, pixel_sha256(frame.stored))

    def _make_pyramid(self, ref: "FrameRef", frame: "Frame") -> None:
        from viewer.core.resample import Pyramid
        from viewer.core.windowing import no_image_mask

        with self._lock:
            if ref in self._pyramids:
                self._pyramids.move_to_end(ref)
                return
        facts = frame.facts
        pyramid = Pyramid(frame.stored, no_image_mask(frame.stored, facts), indexed=facts.palette is not None)
        pyramid.prepare(PREPARED_LEVELS)
        with self._lock:
            self._pyramids[ref] = pyramid
            while len(self._pyramids) > PYRAMIDS:
                self._pyramids.popitem(last=False)

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
