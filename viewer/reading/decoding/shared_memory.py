"""Memory that this process made and a child maps: compressed bytes go in at its start, decoded values come out behind.

The file behind it has no name and is the parent's, so a child that dies leaves nothing and takes nothing with it. It
is sealed against getting shorter: a child cannot take pages away that the parent is just reading.
"""

import fcntl
import mmap
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST_BYTES = 4 << 20
# Larger than this and it is given back to the machine after each use.
KEPT_BYTES = 64 << 20
PAGE = mmap.PAGESIZE


def is_there() -> bool:
    """Whether the system has such memory; elsewhere the bytes go through the pipes."""
    return sys.platform == "linux" and hasattr(os, "memfd_create")


class SharedMemory:
    """The parent's side."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("negatoscope-decoded", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, FIRST_BYTES)
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        self._map = mmap.mmap(self.fd, FIRST_BYTES)

    @property
    def size(self) -> int:
        """Bytes there are."""
        return len(self._map)

    def grow(self, size: int) -> None:
        """Have room for `size` bytes. Raises OSError or MemoryError where the machine has none."""
        if size > self.size:
            self._map.resize(_whole_pages(size))

    def put(self, data: bytes) -> None:
        """Write what is to be decoded."""
        self.grow(len(data))
        self._map[: len(data)] = data

    def take(self, offset: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """A copy of the array that a child wrote at `offset`: this process' own from here on."""
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self._map, dtype, count, offset).reshape(shape).copy()

    def release(self) -> None:
        """Give the pages of a large image back."""
        if self.size > KEPT_BYTES:
            self._map.madvise(mmap.MADV_REMOVE)

    def fill(self, byte: int) -> None:
        """Overwrite all of it: what a child does not write must not matter."""
        self._map[:] = bytes([byte]) * self.size

    def close(self) -> None:
        """Unmap it; with the child's end it is gone."""
        self._map.close()
        os.close(self.fd)


def _whole_pages(size: int) -> int:
    return -(-size // PAGE) * PAGE


def behind(data_bytes: int) -> int:
    """Where the decoded values begin, after so many bytes of input."""
    return _whole_pages(data_bytes)
