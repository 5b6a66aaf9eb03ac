"""What runs in a decoding child: questions on stdin, answers on stdout, pixels through memory that the parent made.

It may write nothing, open no connection and, where its kind is given bytes, no file.
"""

import json
import mmap
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import AppError
from viewer.core.registry import load
from viewer.reading.decoding import KINDS
from viewer.reading.decoding.shared_memory import behind
from viewer.reading.decoding.shut_in import limit, shut_in
from viewer.reading.pictures.tiff_pages import keep_open
from viewer.reading.pixels.decoder import DecodeFailed
from viewer.reading.pixels.in_children import be_alone
from viewer.reading.pixels.plugins import load_plugins
from viewer.reading.pixels.warm_up import warm_up

MAX_SAID = 4000


class Parent:
    """Who asks: two pipes, and memory where the system has it."""

    def __init__(self, fd: int) -> None:
        # What a library prints must not come between the answers.
        self._answers = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._questions = sys.stdin.buffer
        self._map = mmap.mmap(fd, os.fstat(fd).st_size) if fd >= 0 else None

    def next(self) -> tuple[dict[str, Any], bytes] | None:
        """(the question, its bytes); None when the parent is gone."""
        line = self._questions.readline()
        if not line:
            return None
        question = json.loads(line)
        if self._map is None:
            return question, self._questions.read(question["bytes"])
        self._have(question["room_bytes"])
        return question, self._map[: question["bytes"]]

    def answer(self, said: dict[str, Any], array: NDArray[Any] | None, at: int) -> None:
        """at: where in the memory the array goes."""
        if array is None:
            self._say(said)
            return
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        said = {**said, "dtype": array.dtype.str, "shape": array.shape}
        if self._map is None:
            self._say(said, array)
            return
        fits = at + array.nbytes <= len(self._map)
        if fits:
            self._write(array, at)
        self._say(said)
        if not fits:
            self._have(json.loads(self._questions.readline())["room_bytes"])
            self._write(array, at)
            self._say({})

    def _have(self, room: int) -> None:
        if self._map is not None and room > len(self._map):
            self._map.resize(room)

    def _write(self, array: NDArray[Any], at: int) -> None:
        np.frombuffer(self._map, array.dtype, array.size, at).reshape(array.shape)[...] = array  # type: ignore[arg-type]

    def _say(self, said: dict[str, Any], array: NDArray[Any] | None = None) -> None:
        # To our own parent alone, which checks each value.
        self._answers.write(json.dumps(said, default=lambda number: number.item(), allow_nan=True).encode() + b"\n")
        if array is not None:
            self._answers.write(array.data)
        self._answers.flush()


def main(kind: str, fd: int) -> int:
    """Answer until stdin ends."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent, which ends this one
    parent = Parent(fd)
    answer = load(KINDS, kind)
    is_fragile = kind == "fragile"
    if is_fragile:
        load_plugins()
        be_alone()
    if kind == "streams":
        warm_up()
    if kind == "pictures":
        keep_open()
    allowance = _Allowance()
    shut_in(opens_files=kind != "streams")
    while (asked := parent.next()) is not None:
        question, data = asked
        allowance.grant(question["cpu_s"], question["memory_bytes"])
        at = behind(len(data))
        if is_fragile and hasattr(os, "fork"):
            _in_a_fork(parent, lambda: _answered(answer, question["asked"], data), at)  # noqa: B023  # called here
        else:
            parent.answer(*_answered(answer, question["asked"], data), at)
    return 0


def _in_a_fork(parent: Parent, answered: Callable[[], tuple[dict[str, Any], NDArray[Any] | None]], at: int) -> None:
    """Have a process that was made for this one image decode it and answer; say so when it dies of it."""
    pid = os.fork()
    if pid == 0:
        try:
            parent.answer(*answered(), at)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        # Its parent answers as it would have: it died of the signal.
        os.kill(os.getpid(), os.WTERMSIG(status))


def _answered(answer: Any, asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], NDArray[Any] | None]:
    """What is said, and the array; whatever is raised is a line of its own, with the name of its kind."""
    try:
        array, said = answer(asked, data)
        return said, array
    except (AppError, DecodeFailed) as error:
        return _error(type(error).__name__, str(error)), None
    except MemoryError:
        return _error("MemoryError", "it asks for more memory than it may have"), None
    except Exception as error:  # noqa: BLE001  # any codec's and any library's; the parent makes a sentence of it
        return _error("Exception", f"{type(error).__name__}: {error}"), None


def _error(name: str, said: str) -> dict[str, Any]:
    return {"error": name, "said": said[:MAX_SAID]}


class _Allowance:
    """Time and memory for the next question, on top of what was used before it."""

    def __init__(self) -> None:
        self._held_bytes = _data_bytes()

    def grant(self, cpu_s: float, memory_bytes: int) -> None:
        # The system counts whole seconds and ends the process with SIGXCPU.
        limit("RLIMIT_CPU", int(time.process_time() + cpu_s) + 1)
        if self._held_bytes:
            # What is mapped from the parent does not count as data.
            limit("RLIMIT_DATA", self._held_bytes + memory_bytes)


def _data_bytes() -> int:
    """Private memory this process may write to, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[5]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
