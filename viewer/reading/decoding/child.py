"""One decoding child as its parent sees it: started, asked one thing at a time, killed."""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer import children
from viewer.reading.decoding.shared_memory import SharedMemory, behind, is_there

log = logging.getLogger(__name__)

# One thread each: the children are the threads. glibc keeps the blocks of one image for the next (a lossless JPEG took
# 6.2 ms with new pages for each, 4.4 ms so), and hands them out as zeros (mallopt(3), M_PERTURB: the complement of this
# byte): what a codec leaves unwritten is nobody's earlier image.
SURROUNDINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
    "MALLOC_PERTURB_": "255",
}
# The window's thread goes first where both want a core. Not more: much of what is read ahead is looked at soon.
NICENESS = 5
MAX_LINE_BYTES = 1 << 20
MAX_DIMENSIONS = 4
# A child counts its own processor time and is ended by the system. This is for one that sleeps instead.
WALL_FACTOR, WALL_FLOOR_S = 10, 120.0


class ChildEnded(Exception):
    """A child died of what it was asked, or answered nothing that can be understood. of_time: its time was over."""

    def __init__(self, why: str, *, of_time: bool = False) -> None:
        super().__init__(why)
        self.of_time = of_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one decode may take. memory_bytes: beside what a child holds anyway. most_bytes: of the result."""

    cpu_s: float
    memory_bytes: int
    most_bytes: int


class Child:
    """Not thread-safe but for `kill`: the pool lends it to one thread at a time."""

    def __init__(self, kind: str, *, gives_way: bool) -> None:
        """gives_way: it is nicer than this process, from its first moment on."""
        self.kind = kind
        self.gives_way = gives_way
        self.memory = SharedMemory() if is_there() else None
        fds = () if self.memory is None else (self.memory.fd,)
        self._process = children.start(
            "viewer.reading.decoding_child.serve",
            kind,
            str(self.memory.fd if self.memory is not None else -1),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=fds,
            # With what it forks: all of it ends at once, and Ctrl+C in a terminal is the parent's.
            extra=SURROUNDINGS,
            **children.a_group_of_its_own(),
        )
        self._killed = False
        if gives_way and sys.platform != "win32":
            with contextlib.suppress(OSError):  # as nice as may be already, or gone
                # Of the process: the thread that starts a child may be a nice one itself.
                priority = os.getpriority(os.PRIO_PROCESS, os.getpid())
                os.setpriority(os.PRIO_PROCESS, self.pid, priority + NICENESS)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_usable(self) -> bool:
        """Whether it can be asked."""
        return not self._killed and self._process.poll() is None

    def kill(self) -> None:
        """End it now, from any thread; whoever waits for its answer gets ChildEnded. Waits for nothing."""
        self._killed = True
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and let go of its memory; only when nobody asks it anything."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                assert stream is not None
                stream.close()
            except OSError:
                log.debug("the pipe to a dead decoder could not be flushed")
        if self.memory is not None:
            self.memory.close()

    def disown(self) -> None:
        """In a forked process: it is the other one's child. Let go of its pipes."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                os.close(stream.fileno())
        self._process.returncode = 0

    def ask(self, asked: dict[str, Any], data: bytes, limits: Limits) -> tuple[dict[str, Any], NDArray[Any] | None]:
        """(what it says, the array that belongs to it). Raises ChildEnded; the child is of no use then."""
        until = time.monotonic() + WALL_FACTOR * limits.cpu_s + WALL_FLOOR_S
        try:
            return self._exchange(asked, data, limits, until)
        except (OSError, ValueError, TypeError, KeyError, MemoryError, RecursionError) as error:
            raise self._ended(error) from error

    def _exchange(
        self, asked: dict[str, Any], data: bytes, limits: Limits, until: float
    ) -> tuple[dict[str, Any], NDArray[Any] | None]:
        at = behind(len(data))
        question = {
            "asked": asked,
            "bytes": len(data),
            "cpu_s": limits.cpu_s,
            "memory_bytes": limits.memory_bytes,
        }
        if self.memory is None:
            self._write(question, data)
        else:
            self.memory.grow(at)
            self.memory.put(data)
            self._write({**question, "room_bytes": self.memory.size}, b"")
        said = self._line(until)
        if "dtype" not in said:
            return said, None
        dtype, shape = np.dtype(str(said["dtype"])), tuple(int(n) for n in said["shape"])
        size = prod(shape) * dtype.itemsize
        if dtype.kind not in "uifb" or not 0 < len(shape) <= MAX_DIMENSIONS or min(shape) <= 0:
            raise ValueError(f"no array of pixels: {dtype}, {shape}")
        if size > limits.most_bytes:
            raise MemoryError(f"{size} bytes of pixels")
        if self.memory is None:
            return said, np.frombuffer(self._read(size, until), dtype).reshape(shape).copy()
        if at + size > self.memory.size:
            # Only the child knows how large its array is; it waits until there is room.
            self.memory.grow(at + size)
            self._write({"room_bytes": self.memory.size}, b"")
            self._line(until)
        array = self.memory.take(at, dtype, shape)
        self.memory.release()
        return said, array

    def _write(self, line: dict[str, Any], data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line, allow_nan=False).encode() + b"\n" + data)
        self._process.stdin.flush()

    def _line(self, until: float) -> dict[str, Any]:
        """The next line, which is short and comes in one piece: what can be begun can be read to its end."""
        assert self._process.stdout is not None
        if sys.platform == "win32":
            line = self._timed(until, lambda: self._process.stdout.readline(MAX_LINE_BYTES))  # type: ignore[union-attr]
        else:
            poll = select.poll()
            poll.register(self._process.stdout, select.POLLIN)
            if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                self.kill()
            line = self._process.stdout.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ValueError("it answered nothing")
        said = json.loads(line)
        if not isinstance(said, dict):
            raise TypeError("its answer is not one")
        return said

    def _read(self, size: int, until: float) -> bytes:
        data = self._timed(until, lambda: self._process.stdout.read(size))  # type: ignore[union-attr]
        if len(data) < size:
            raise ValueError("its answer was cut short")
        return data

    def _timed(self, until: float, read: Callable[[], bytes]) -> bytes:
        """What `read` gives; the child is killed when that takes longer than `until`."""
        watch = threading.Timer(max(0.0, until - time.monotonic()), self.kill)
        watch.daemon = True
        watch.start()
        try:
            return read()
        finally:
            watch.cancel()
            watch.join()

    def _ended(self, error: BaseException) -> ChildEnded:
        """Why: by the system's word when it is dead, else by what was wrong with its answer."""
        overdue = self._killed
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self.kill()
            return ChildEnded(str(error) or type(error).__name__)
        if overdue or (hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU):
            return ChildEnded("its time was over", of_time=True)
        if code < 0:
            return ChildEnded(signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}")
        return ChildEnded(f"exit code {code}")
