"""The one kind of background job.

A job takes a function and ends in exactly one of `finished`, `failed`, `cancelled`. The functions given here run on the
window's thread; the job's own function runs on a worker thread and touches no widget.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from viewer.core.errors import AppError
from viewer.reading.decoding.errand import Abandoned, Errand
from viewer.ui.state.at_rest import AtRest

DISCARDED_AT_ONCE = 200  # a fraction of a millisecond
log = logging.getLogger(__name__)


Told = Callable[[Future[Any]], None]


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One piece of background work."""

    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    cancelled: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop; `cancelled` follows instead of `done`."""
        self.stop.set()


class Worker(QObject):
    """Runs jobs on a few threads and brings their ends back to the thread it was made on."""

    _ended = Signal(object, str, object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 3) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, "background")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._reader = ThreadPoolExecutor(1, "reader")
        self._closed = False
        self._errand = Errand()
        self._rest = AtRest(self)
        self._discards = 0
        self._under_way = 0  # jobs whose end was not yet told on this thread
        self._writes: set[Future[Any]] = set()
        self._reads: set[Future[Any]] = set()
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def start(
        self, function: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None],
        *, at_rest: bool = False,
    ) -> Job:  # fmt: skip
        """Run `function` on a worker thread; at_rest: once this thread has nothing left to do, so that what is not yet
        missed on the screen, such as the picture of a row, holds up no paint."""
        job = Job(done=done, failed=failed)
        if not self._closed:
            self._under_way += 1
            if at_rest:
                self._rest.then(lambda: self._submit(job, function))
            else:
                self._submit(job, function)
        return job

    def when_at_rest(self, act: Callable[[], object]) -> None:
        """Call `act` on this thread once it has nothing left to do; until then this is busy."""
        if not self._closed:
            self._rest.then(act)

    def start_write(self, function: Callable[[], Any], told: Told | None = None) -> "Future[Any]":
        """Run `function` on the one writer thread; returns its Future. told: see `start_read`."""
        return _followed(self._writer.submit(function), self._writes, told)

    def start_read(self, function: Callable[[], Any], told: Told | None = None) -> "Future[Any]":
        """Run `function` on the one thread that reads the database for the window; returns its Future.

        told: given that Future when it is done, on that thread; until it has returned this is busy.
        """
        return _followed(self._reader.submit(function), self._reads, told)

    def discard(self, values: list[Any]) -> None:
        """Let many values go on a worker thread, bit by bit: a hundred thousand objects are 20 ms of whoever does it,
        and nobody else runs Python meanwhile. values: what nothing else holds; it is emptied."""
        if self._closed:
            return
        self._discards += 1  # before it begins: what looks for garbage would go through them all

        def let_go() -> None:
            try:
                _discard(values)
            finally:
                self._discards -= 1

        self.when_at_rest(lambda: self._pool.submit(let_go))

    @property
    def is_discarding(self) -> bool:
        """Whether values are still to be let go."""
        return self._discards > 0 and not self._closed

    @property
    def is_writing(self) -> bool:
        """Whether something is being written."""
        return bool(self._writes)

    @property
    def is_busy(self) -> bool:
        """Whether a job's end is still to come, or something is being written or read."""
        return self._under_way > 0 or bool(self._writes or self._reads) or self._rest.is_waiting

    def closing(self) -> bool:
        """Whether the window is being closed; long jobs ask between steps."""
        return self._closed

    def close(self) -> None:
        """Wait for the writer, drop what has not begun; nothing is called back after this."""
        self._closed = True
        self._rest.close()
        self._errand.abandon()  # a codec is not waited for
        self._writer.shutdown(wait=True)
        self._reader.shutdown(wait=True, cancel_futures=True)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, job: Job, function: Callable[[], Any]) -> None:
        self._pool.submit(self._work, job, function)

    def _work(self, job: Job, function: Callable[[], Any]) -> None:
        try:
            with self._errand:
                result = function()
        except Abandoned:
            self._tell(job, "cancelled", None)
        except AppError as error:
            self._tell(job, "failed", error)
        except Exception as error:
            log.exception("A background job failed")
            self._tell(job, "failed", error)
        else:
            self._tell(job, "cancelled" if job.stop.is_set() else "done", result)

    def _tell(self, job: Job, end: str, value: Any) -> None:
        if not self._closed:
            self._ended.emit(job, end, value)

    @Slot(object, str, object)
    def _on_ended(self, job: Job, end: str, value: Any) -> None:
        self._under_way -= 1
        if self._closed:
            return
        if end == "done":
            try:
                job.done(value)
            except AppError as error:
                job.failed(error)
        elif end == "failed":
            job.failed(value)
        else:
            job.cancelled()


def while_there(owner: QObject, told: Callable[..., None]) -> Callable[..., None]:
    """The same function, which does nothing once its owner is gone: a dialog may be closed before its answer comes."""

    def tell(*values: Any) -> None:
        if isValid(owner):
            told(*values)

    return tell


def _discard(values: list[Any]) -> None:
    while values:
        del values[-DISCARDED_AT_ONCE:]


def _followed(future: "Future[Any]", among: "set[Future[Any]]", told: Told | None) -> "Future[Any]":
    """The future itself, among others until it is done and that was told."""
    among.add(future)
    if told is not None:
        future.add_done_callback(told)
    future.add_done_callback(among.discard)  # in this order: what is told last is over
    return future


def sentence_of(error: Exception) -> str:
    """What a person reads of an error: its own sentence, or a calm one for a bug."""
    bug = f"Something went wrong ({type(error).__name__}). Your work is kept; details are in the log."
    return str(error) if isinstance(error, AppError) else bug
