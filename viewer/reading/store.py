"""Frames in memory: a byte budget, pinned frames, least recently used dropped, two threads that read ahead."""

import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from viewer.core.errors import AppError
from viewer.reading.decoding.errand import Abandoned, Errand
from viewer.reading.decoding.pool import AHEAD, POOL
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.reading.sources.free_memory import give_back

log = logging.getLogger(__name__)

# Each waits for a child of its own that decodes; more would take the window's core.
THREADS = AHEAD
# The window's thread goes first where both want a core: its longest wait beside two decoders of JPEG 2000 fell from 10
# to 5 ms, at no loss of speed. Not more: a thread that holds the interpreter's lock must get to let it go.
NICENESS = 5

Key = tuple[Path, int]
OnReady = Callable[[FrameRef], None]
OnFailed = Callable[[FrameRef, AppError], None]


def _key(ref: FrameRef) -> Key:
    return ref.path, ref.frame_index


def _give_way() -> None:
    """Make this thread nicer than the window's. Only Linux counts niceness by thread (sched(7)), elsewhere nothing."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        try:
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)
        except OSError:
            log.info("the reading threads keep their priority")


def default_budget_bytes() -> int:
    """A third of this machine's memory."""
    import psutil

    return int(psutil.virtual_memory().total) // 3


@dataclass(slots=True, kw_only=True, eq=False)
class _Request:
    """Frames somebody wants, nearest first. loaded_bytes: what of it was read so far."""

    refs: list[FrameRef]
    on_ready: OnReady
    on_failed: OnFailed | None
    position: int = 0
    loaded_bytes: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class _Reading:
    """A frame that a thread is just reading, and on whose behalf."""

    frame: "Future[Frame]" = field(default_factory=Future)
    errand: Errand


@dataclass(slots=True, kw_only=True)
class _State:
    """Everything the lock guards."""

    frames: OrderedDict[Key, Frame] = field(default_factory=OrderedDict)
    reading: dict[Key, _Reading] = field(default_factory=dict)
    pinned: set[Key] = field(default_factory=set)
    requests: OrderedDict[Hashable, _Request] = field(default_factory=OrderedDict)
    bytes_used: int = 0
    closed: bool = False


class PixelStore:
    """Thread-safe; knows no Qt. `on_ready` and `on_failed` are called on a reading thread."""

    def __init__(self, budget_bytes: int | None = None, *, read: Callable[[FrameRef], Frame] = read_frame) -> None:
        self._budget_bytes = default_budget_bytes() if budget_bytes is None else budget_bytes
        self._read = read
        self._state = _State()
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []

    @property
    def bytes_used(self) -> int:
        """Pixel bytes held now. Over the budget only when pinned frames alone are larger."""
        with self._wake:
            return self._state.bytes_used

    @property
    def budget_bytes(self) -> int:
        """What the store tries to stay under."""
        return self._budget_bytes

    def start(self) -> None:
        """Have the reading threads ready before the first request."""
        with self._wake:
            if not self._state.closed:
                self._start_threads()

    def get(self, ref: FrameRef) -> Frame | None:
        """The frame when it is in memory; never waits for a file."""
        with self._wake:
            frame = self._state.frames.get(_key(ref))
            if frame is not None:
                self._state.frames.move_to_end(_key(ref))
            return frame

    def load(self, ref: FrameRef) -> Frame:
        """The frame, read now when it is not in memory. Raises what `read_frame` raises.

        Abandoned, when the store is closed or the frame forgotten meanwhile.
        """
        return self._load(ref, ahead=False)

    def _load(self, ref: FrameRef, *, ahead: bool) -> Frame:
        key = _key(ref)
        with self._wake:
            frame = self._state.frames.get(key)
            if frame is not None:
                self._state.frames.move_to_end(key)
                return frame
            waiting = self._state.reading.get(key)
            mine = _Reading(errand=Errand(ahead=ahead))
            if self._state.closed:
                mine.errand.abandon()
            elif waiting is None:
                self._state.reading[key] = mine
        if waiting is None:
            return self._read_into(ref, mine)
        if not ahead:
            waiting.errand.ahead = False
            POOL.wake()
        return waiting.frame.result()

    def request(
        self,
        refs: Sequence[FrameRef],
        on_ready: OnReady,
        *,
        on_failed: OnFailed | None = None,
        owner: Hashable = None,
    ) -> None:
        """Read these frames in the background, in this order, before what was asked for earlier.

        A new request of the same owner (a view) replaces its old one. `on_ready` comes for each frame, also for those
        in memory already. Reading stops before one request alone would push its own first frames out.
        """
        with self._wake:
            if self._state.closed:
                return
            self._state.requests.pop(owner, None)
            self._state.requests[owner] = _Request(refs=list(refs), on_ready=on_ready, on_failed=on_failed)
            self._state.requests.move_to_end(owner, last=False)
            self._start_threads()
            self._wake.notify_all()

    def pin(self, refs: Iterable[FrameRef]) -> None:
        """Keep exactly these frames (those on the screen), whatever the budget; earlier pins are let go."""
        with self._wake:
            self._state.pinned = {_key(ref) for ref in refs}
            self._make_room(0)

    def forget(self, refs: Iterable[FrameRef]) -> None:
        """Drop these frames (their study is closed) and give their memory back; what reads them ahead stops."""
        keys = {_key(ref) for ref in refs}
        with self._wake:
            for request in self._state.requests.values():
                request.refs[request.position :] = [r for r in request.refs[request.position :] if _key(r) not in keys]
            # One that is just being read is not kept.
            abandoned = [reading for key in keys if (reading := self._state.reading.pop(key, None)) is not None]
            for key in keys:
                self._drop(key)
        for reading in abandoned:
            reading.errand.abandon()
        give_back()

    def close(self) -> None:
        """Drop everything and end what decodes. Waits for no thread: each ends by itself, its frame is not kept."""
        with self._wake:
            self._state.closed = True
            self._state.requests.clear()
            abandoned = list(self._state.reading.values())
            self._state.reading.clear()
            self._state.frames.clear()
            self._state.bytes_used = 0
            self._wake.notify_all()
        for reading in abandoned:
            reading.errand.abandon()
        give_back()

    def _read_into(self, ref: FrameRef, mine: _Reading) -> Frame:
        """Read, keep, and tell whoever waits for the same frame."""
        key = _key(ref)
        try:
            with mine.errand:
                mine.errand.check()
                frame = self._read(ref)
        except BaseException as error:
            with self._wake:
                self._is_still_wanted(key, mine)
            mine.frame.set_exception(error)
            raise
        with self._wake:
            if self._is_still_wanted(key, mine) and not self._state.closed:
                self._keep(key, frame)
        mine.frame.set_result(frame)
        return frame

    def _is_still_wanted(self, key: Key, mine: _Reading) -> bool:
        """Take a frame that was read off the list of those being read; False when it was forgotten meanwhile."""
        if self._state.reading.get(key) is not mine:
            return False
        del self._state.reading[key]
        return True

    def _keep(self, key: Key, frame: Frame) -> None:
        self._drop(key)
        size = frame.stored.nbytes
        self._make_room(size)
        if self._state.bytes_used + size <= self._budget_bytes or key in self._state.pinned:
            self._state.frames[key] = frame
            self._state.bytes_used += size

    def _make_room(self, size: int) -> None:
        if self._state.bytes_used + size <= self._budget_bytes:
            return  # nearly always: nothing is listed for it
        for key in list(self._state.frames):
            if key not in self._state.pinned:
                self._drop(key)
            if self._state.bytes_used + size <= self._budget_bytes:
                return

    def _drop(self, key: Key) -> None:
        frame = self._state.frames.pop(key, None)
        if frame is not None:
            self._state.bytes_used -= frame.stored.nbytes

    def _start_threads(self) -> None:
        while len(self._threads) < THREADS:
            # Daemons: a reader stuck on a dead network drive must not keep the program from ending.
            thread = threading.Thread(target=self._work, name=f"pixels-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _next(self) -> tuple[_Request, FrameRef] | None:
        """The next frame to read of the newest request that is not done; None when closed. Waits for one."""
        with self._wake:
            while not self._state.closed:
                for owner, request in list(self._state.requests.items()):
                    full = request.loaded_bytes >= self._budget_bytes
                    if request.position >= len(request.refs) or full:
                        del self._state.requests[owner]
                        continue
                    ref = request.refs[request.position]
                    request.position += 1
                    return request, ref
                self._wake.wait()
        return None

    def _work(self) -> None:
        _give_way()
        while (found := self._next()) is not None:
            request, ref = found
            try:
                frame = self._load(ref, ahead=True)
            except Abandoned:
                continue
            except AppError as error:
                if request.on_failed is not None:
                    request.on_failed(ref, error)
                continue
            except Exception:
                log.exception("a frame could not be read ahead")
                continue
            with self._wake:
                request.loaded_bytes += frame.stored.nbytes
                if self._state.closed:
                    return
            del frame  # this thread may now wait for long, and would hold what is forgotten meanwhile
            request.on_ready(ref)
