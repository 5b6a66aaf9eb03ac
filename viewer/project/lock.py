"""One writer per project: a lock file that names the process, and is broken when that process is gone."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from viewer.core.errors import NotWritable

LOCK_NAME = "project.lock"
_START_TOLERANCE_S = 1.5  # the kernel's clock ticks and rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who writes. started_s: seconds since the epoch at which the process was made (0 where unknown)."""

    pid: int
    started_s: float
    host: str

    @property
    def words(self) -> str:
        """The holder as a sentence names it."""
        if self.pid == os.getpid() and self.host == socket.gethostname():
            return "this very program"
        return f"process {self.pid} on {self.host}"


def _this_process() -> Holder:
    import psutil

    return Holder(pid=os.getpid(), started_s=float(psutil.Process().create_time()), host=socket.gethostname())


def _alive(holder: Holder) -> bool:
    """Whether that very process still runs; a process of another machine counts as running, since we cannot ask."""
    import psutil

    if holder.host != socket.gethostname():
        return True
    try:
        process = psutil.Process(holder.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(float(process.create_time()) - holder.started_s) < _START_TOLERANCE_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


@contextlib.contextmanager
def _guarded(path: Path) -> Iterator[BinaryIO]:
    """The lock file, held by this process alone for as long as it reads and writes it.

    The file is never removed: a second process could hold the removed one and write into nothing.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise NotWritable(f"The project folder {path.parent} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "r+b") as file:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
        else:
            # A file system without locks is used without: the content still names the writer.
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield file


def _read(file: BinaryIO) -> Holder | None:
    """The holder in the file; None when there is none or a writer died half-way."""
    file.seek(0)
    try:
        facts = json.loads(file.read().decode("utf-8"))
        return Holder(pid=int(facts["pid"]), started_s=float(facts["started_s"]), host=str(facts["host"]))
    except (ValueError, KeyError, TypeError):
        return None


def _write(file: BinaryIO, content: bytes) -> None:
    file.seek(0)
    file.write(content)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def current_holder(folder: Path) -> Holder | None:
    """The process that writes to the project now, None when there is none."""
    path = folder / LOCK_NAME
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            holder = _read(file)
    except OSError:
        return None
    return holder if holder is not None and _alive(holder) else None


class WriterLock:
    """The right to write to a project folder, until `release`."""

    def __init__(self, folder: Path, holder: Holder) -> None:
        self._path = folder / LOCK_NAME
        self._holder = holder

    @classmethod
    def take(cls, folder: Path) -> "WriterLock":
        """Take the lock, breaking a stale one. Raises NotWritable with the holder's name."""
        me = _this_process()
        with _guarded(folder / LOCK_NAME) as file:
            holder = _read(file)
            if holder is not None and _alive(holder):
                raise NotWritable(
                    f"The project {folder} is being written by {holder.words}; close it there, or open it read-only."
                )
            facts = {"pid": me.pid, "started_s": me.started_s, "host": me.host}
            try:
                _write(file, json.dumps(facts).encode("utf-8"))
            except OSError as error:
                raise NotWritable(f"The project folder {folder} cannot be written: {error.strerror}.") from error
        return cls(folder, me)

    def release(self) -> None:
        """Give the lock back; a lock that is no longer ours is left alone."""
        if not self._path.parent.is_dir():
            return
        with _guarded(self._path) as file:
            if _read(file) == self._holder:
                _write(file, b"")
