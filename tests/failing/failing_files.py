"""A disk that refuses its n-th operation: what Python writes, syncs, renames and makes goes through here.

A refused write has written half of its bytes first, as a disk that becomes full does.
"""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Disk:
    """Counts operations and refuses one. n: which, from 1; 0 refuses none. refused: what it was, "" before."""

    def __init__(self, n: int, error: int = errno.ENOSPC) -> None:
        self.n = n
        self.error = error
        self.done = 0
        self.refused = ""

    def asks(self, what: str) -> bool:
        """Whether this operation is refused. Each later one is carried out: the disk has room again."""
        self.done += 1
        if self.done != self.n:
            return False
        self.refused = what
        return True

    def check(self, what: str, path: object = "") -> None:
        """Raise what such a disk says."""
        if self.asks(what):
            raise OSError(self.error, os.strerror(self.error), str(path))


class _File(io.FileIO):
    """An unbuffered file whose writes are counted."""

    disk: Disk

    def write(self, data: Any) -> int | None:  # type: ignore[override]  # any bytes-like
        if self.disk.asks("write"):
            super().write(memoryview(data).cast("B")[: len(memoryview(data).cast("B")) // 2])
            raise OSError(self.disk.error, os.strerror(self.disk.error), str(self.name))
        return super().write(data)


@contextmanager
def failing_files(disk: Disk) -> Iterator[Disk]:
    """Everything that Python code does to files meanwhile is counted by `disk`."""
    real_open = io.open

    def opened(file: Any, mode: str = "r", *rest: Any, **how: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return real_open(file, mode, *rest, **how)
        disk.check("open", file)
        names = ("buffering", "encoding", "errors", "newline", "closefd", "opener")
        asked = {**dict(zip(names, rest, strict=False)), **how}
        raw = _File(file, mode.replace("b", "").replace("t", ""), opener=asked.get("opener"))
        raw.disk = disk
        if "b" in mode and asked.get("buffering") == 0:
            return raw
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        words = {name: asked[name] for name in ("encoding", "errors", "newline") if name in asked}
        return io.TextIOWrapper(buffered, **words)

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*words: Any, **how: Any) -> Any:
            disk.check(name, words[0] if words else "")
            return call(*words, **how)

        return run

    kept = {name: getattr(os, name) for name in ("fsync", "replace", "rename", "mkdir", "write")}
    io.open = builtins.open = opened  # type: ignore[assignment]  # put back below
    for name, call in kept.items():
        setattr(os, name, counted(name, call))
    try:
        yield disk
    finally:
        io.open = builtins.open = real_open
        for name, call in kept.items():
            setattr(os, name, call)
