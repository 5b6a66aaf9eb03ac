"""SQLite on a disk that refuses its n-th write, sync or truncation: a file system of its own around the real one.

https://www.sqlite.org/vfs.html. The library is the one that Python's `sqlite3` has loaded; where it is not a shared
one (`register` returns False), only the size of files can be limited.
"""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path

from failing_files import Disk

SQLITE_FULL = 13
SQLITE_IOERR_FSYNC = 1034

_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
# The name stays a pointer: SQLite keeps it, and what its URI asked for lies behind its end.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)


class _Methods(Structure):
    """sqlite3_io_methods; what is not wrapped is a plain pointer."""

    _fields_ = [
        ("iVersion", c_int), ("xClose", c_void_p), ("xRead", c_void_p), ("xWrite", c_void_p), ("xTruncate", c_void_p),
        ("xSync", c_void_p), ("rest", c_void_p * 13),
    ]  # fmt: skip


class _Vfs(Structure):
    """sqlite3_vfs."""

    _fields_ = [
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p), ("zName", c_char_p),
        ("pAppData", c_void_p), ("xOpen", c_void_p), ("rest", c_void_p * 15),
    ]  # fmt: skip


class SqliteDisk:
    """The file system, once registered for the whole process. disk: who is asked now."""

    def __init__(self) -> None:
        self.disk = Disk(0)
        self._kept: list[object] = []  # what C holds pointers to
        self._wrapped: dict[int, _Methods] = {}

    def register(self) -> bool:
        """Make it the one that every new connection uses."""
        library = _loaded_sqlite()
        if library is None:
            return False
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        real = library.sqlite3_vfs_find(None)
        mine = _Vfs()
        ctypes.pointer(mine)[0] = real.contents
        mine.zName = b"refusing"
        mine.pNext = None
        open_real = _Open(real.contents.xOpen)

        def opened(_vfs: int, name: int, file: int, flags: int, out: int) -> int:
            code = open_real(ctypes.addressof(real.contents), name, file, flags, out)
            if code == 0:
                self._wrap(file)
            return int(code)

        callback = _Open(opened)
        mine.xOpen = ctypes.cast(callback, c_void_p).value
        self._kept += [library, real, mine, callback, open_real]
        return bool(library.sqlite3_vfs_register(ctypes.byref(mine), 1) == 0)

    def _wrap(self, file: int) -> None:
        slot = ctypes.cast(file, POINTER(c_void_p))
        at = slot[0]
        if at is None:
            return
        if at not in self._wrapped:
            self._wrapped[at] = self._methods(_Methods.from_address(at))
        slot[0] = ctypes.addressof(self._wrapped[at])

    def _methods(self, real: _Methods) -> _Methods:
        mine = _Methods()
        ctypes.pointer(mine)[0] = real
        write, truncate, sync = _Write(real.xWrite), _Truncate(real.xTruncate), _Sync(real.xSync)

        def on_write(file: int, data: int, count: int, offset: int) -> int:
            if self.disk.asks("sqlite write"):
                write(file, data, count // 2, offset)
                return SQLITE_FULL
            return int(write(file, data, count, offset))

        def on_truncate(file: int, size: int) -> int:
            return SQLITE_IOERR_FSYNC if self.disk.asks("sqlite truncate") else int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            return SQLITE_IOERR_FSYNC if self.disk.asks("sqlite sync") else int(sync(file, flags))

        callbacks = (_Write(on_write), _Truncate(on_truncate), _Sync(on_sync))
        mine.xWrite, mine.xTruncate, mine.xSync = (ctypes.cast(one, c_void_p).value for one in callbacks)
        self._kept += [*callbacks, write, truncate, sync]
        return mine


def _loaded_sqlite() -> ctypes.CDLL | None:
    """The library that `sqlite3` uses; None where it is a part of the interpreter that shows no names."""
    import sqlite3  # noqa: F401  # so that it is loaded

    places = [""]
    maps = Path("/proc/self/maps")
    if maps.exists():
        words = [line.split(maxsplit=5)[-1] for line in maps.read_text().splitlines()]
        places = [*dict.fromkeys(word for word in words if "sqlite" in word and word.startswith("/")), *places]
    for place in places:
        try:
            library = ctypes.CDLL(place or None)
            library.sqlite3_vfs_register  # noqa: B018  # is it there?
        except (OSError, AttributeError):
            continue
        return library
    return None
