"""Frames for the views: cached ones at once, others from a worker thread, with their image ids."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from viewer.core.errors import AppError
from viewer.ui.state.views_ahead import ViewsAhead, pyramid_of

if TYPE_CHECKING:
    from viewer.core.resample import Pyramid
    from viewer.reading.frame import Frame
    from viewer.reading.series import FrameRef
    from viewer.reading.store import PixelStore
    from viewer.ui.canvas.next_view import NextView
    from viewer.ui.canvas.ready_levels import ReadyLevels
    from viewer.ui.state.worker import Worker

log = logging.getLogger(__name__)
LARGE_PX = 1_000_000  # from here on a pyramid takes longer than a frame
PREPARED_LEVELS = 3
PYRAMIDS = 12  # kept; each is a third larger than its image
FileFrame = tuple[Path, int]


class Gone(Exception):
    """A frame that was read ahead is not in memory any more, or is somebody else's to tell."""


def _nothing_beside(_image_id: str) -> None:
    """Nobody asks for more."""


def file_frame(ref: "FrameRef") -> FileFrame:
    """Where an image lies, whatever else its reference knows: file and 0-based index in it."""
    return ref.path, ref.frame_index


class Frames(QObject):
    """Stands between the views and the pixel store. Ids are computed on the worker threads, once per frame.

    beside: called there with the id of each image that was read, before it is told: what else is known of it.
    """

    ready = Signal(object)  # FrameRef
    failed = Signal(object, str)  # FrameRef, sentence
    forgotten = Signal()  # what was to be forgotten is no longer in memory
    _read_ahead = Signal(object)

    def __init__(self, worker: "Worker", parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._store: PixelStore | None = None
        self._ids: dict[FrameRef, str] = {}
        self._asked: set[FrameRef] = set()
        self._bad: dict[FrameRef, str] = {}
        self._pyramids: OrderedDict[FrameRef, Pyramid] = OrderedDict()
        self._views = ViewsAhead()
        self._loads: dict[object, FileFrame | None] = {}  # that run now; None: forgotten meanwhile, so nothing is kept
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._telling, self._closed = threading.Lock(), False
        self.beside: Callable[[str], None] = _nothing_beside
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
        """The pyramid of a frame in memory that a worker thread has made, so that it is on the screen without a pause:
        of a large film, and of one that was read ahead for a view."""
        frame = self._store.get(ref) if self._store is not None else None
        with self._lock:
            found = self._pyramids.get(ref) or self._views.get(ref)
        # Read anew from the disk it may be another picture under the old name.
        return found if found is not None and frame is not None and found.stored is frame.stored else None

    def levels_ahead(self, ref: "FrameRef") -> "ReadyLevels | None":
        """What a frame that was read ahead for a view would look like in it."""
        return self._views.levels(ref)

    def problem(self, ref: "FrameRef") -> str:
        """Why a frame cannot be shown, "" when it can or was not tried."""
        return self._bad.get(ref, "")

    def want(self, ref: "FrameRef") -> None:
        """Read a frame that is to be shown; `ready` or `failed` follows."""
        if ref in self._asked:
            return
        self._asked.add(ref)

        def work() -> None:
            if ref in self._asked:  # else its study was closed before a thread was free
                self._load(ref)

        def done(_: object) -> None:
            if ref not in self._asked:
                return
            self._asked.discard(ref)
            self._bad.pop(ref, None)
            self.ready.emit(ref)

        def failed(error: Exception) -> None:
            if ref not in self._asked:
                return
            self._asked.discard(ref)
            sentence = str(error) if isinstance(error, AppError) else f"{ref.path.name} cannot be shown ({error})."
            self._bad[ref] = sentence
            self.failed.emit(ref, sentence)

        self._worker.start(work, done, failed)

    def read_ahead(self, refs: Iterable["FrameRef"], owner: Hashable, view: "NextView | None" = None) -> None:
        """Read frames that are likely to be wanted next, in this order; an owner's newer wish replaces its older.

        view: the one that will show them; each is made ready at its size, and none is told that is here already.
        """
        if view is None:
            self.store.request(list(refs), self._on_read, owner=owner)
            return
        wished = list(refs)
        self._views.wish(wished)

        def on_read(ref: "FrameRef") -> None:
            if self.get(ref) is None:
                self._on_read(ref)
            self._make_view(ref, view)

        self.store.request(wished, on_read, owner=owner)

    def keep(self, refs: Iterable["FrameRef"]) -> None:
        """Hold on to the frames that are on the screen."""
        self.store.pin(refs)

    def load(self, ref: "FrameRef") -> "tuple[Frame, str]":
        """Read a frame now, on the calling (worker) thread; returns it with its image id."""
        return self._load(ref)

    def forget(self, refs: Iterable["FrameRef"]) -> None:
        """Their study is closed: drop frames, pyramids, ids and problems, and give the memory back to the machine.

        Also of the same images under another reference (a case of the project knows no positions). Ids go as well: the
        file may be another one when it is opened again. `forgotten` follows; a thread does the work.
        """
        gone = {file_frame(ref) for ref in refs}
        self._asked = {ref for ref in self._asked if file_frame(ref) not in gone}
        self._bad = {ref: why for ref, why in self._bad.items() if file_frame(ref) not in gone}
        self._worker.start(
            lambda: self._let_go(gone), lambda _: self.forgotten.emit(), lambda _: log.info("Memory was not given back")
        )

    def _let_go(self, gone: "set[FileFrame]") -> None:
        from viewer.reading.series import FrameRef
        from viewer.reading.sources.free_memory import give_back

        self.store.forget([FrameRef(path=path, frame_index=index) for path, index in gone])
        with self._lock:  # after the store: what is read from now on is asked for anew
            self._loads = {load: None if place in gone else place for load, place in self._loads.items()}
            for ref in [ref for ref in self._pyramids if file_frame(ref) in gone]:
                del self._pyramids[ref]
            self._views.drop([ref for ref in self._views.known() if file_frame(ref) in gone])
            self._ids = {ref: name for ref, name in self._ids.items() if file_frame(ref) not in gone}
        give_back()

    def close(self) -> None:
        """Stop reading. No signal comes after this, whatever a reading thread is still at."""
        with self._telling:
            self._closed = True
        if self._store is not None:
            self._store.close()

    def _load(self, ref: "FrameRef", *, held: bool = False) -> "tuple[Frame, str]":
        """Read a frame with its id and what a large one needs. held: only one that is in memory; else `Gone`."""
        from viewer.reading.image_id import image_id, pixel_sha256

        load, name, pyramid = object(), "", None
        with self._lock:
            if held and file_frame(ref) in self._loads.values():
                raise Gone  # another thread is at it, and tells it
            self._loads[load] = file_frame(ref)
        try:
            there = self.store.get(ref)
            frame = there if held else self.store.load(ref)
            if frame is None:
                raise Gone
            pyramid = self._pyramid_of(ref, frame)
            # Read anew from the disk it may be another picture under the old name, and so another image.
            name = self._ids.get(ref, "") if frame is there else ""
            name = name or image_id(ref.sop_instance_uid, ref.frame_index, pixel_sha256(frame.stored))
        finally:
            kept = self._end(load, ref, name, pyramid)
        if not kept:
            self.store.forget([ref])
        else:
            self.beside(name)
        return frame, name

    def _end(self, load: object, ref: "FrameRef", name: str, pyramid: "Pyramid | None") -> bool:
        """Keep what a load brought, unless its study was closed meanwhile."""
        with self._lock:
            if self._loads.pop(load) is None:
                return False
            if name:
                self._ids[ref] = name
            if pyramid is not None:
                self._pyramids[ref] = pyramid
                self._pyramids.move_to_end(ref)
                while len(self._pyramids) > PYRAMIDS:
                    self._pyramids.popitem(last=False)
            return True

    def _pyramid_of(self, ref: "FrameRef", frame: "Frame") -> "Pyramid | None":
        """The pyramid of a large frame: the one there is, else a new one."""
        if frame.stored.size < LARGE_PX:
            return None
        with self._lock:
            found = self._pyramids.get(ref)
        if found is not None and found.stored is frame.stored:
            return found
        made = pyramid_of(frame)
        made.prepare(PREPARED_LEVELS)
        return made

    def _make_view(self, ref: "FrameRef", view: "NextView") -> None:
        """Have a frame that was read ahead ready at the view's size; runs on the store's own thread."""
        frame = self.store.get(ref)
        if frame is None or ref not in self._ids:
            return
        try:
            self._views.make(ref, frame, self.pyramid(ref), view)
        except Exception:
            log.exception("A view was not made ahead")
        with self._lock:  # its study may have been closed meanwhile
            if self._closed or ref not in self._ids:
                self._views.drop([ref])

    def _on_read(self, ref: "FrameRef") -> None:
        """Runs on the store's own thread."""
        try:
            self._load(ref, held=True)
        except (AppError, Gone):
            return  # said when it is shown
        except Exception:
            log.exception("Reading ahead failed")
            return
        with self._telling:  # the store waits for no thread when it closes, and a signal needs its object
            if not self._closed:
                self._read_ahead.emit(ref)

    @Slot(object)
    def _on_read_ahead(self, ref: "FrameRef") -> None:
        self.ready.emit(ref)
