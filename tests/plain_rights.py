"""The rights of a plain user where the tests run as root: what may not be read is not read."""

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# capabilities(7): root reads, lists and writes by these, whatever the mode bits say.
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2
VERSION_3 = 0x20080522  # linux/capability.h: two words of 32 capabilities each


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def plain_rights() -> Iterator[None]:
    """Mode bits count for this thread and those that it starts, also for root. Skips where no way to that is known."""
    if os.name != "posix":
        pytest.skip("mode bits are POSIX")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("only Linux takes single rights from root")
    before = _effective()
    _set_effective(before & ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH))
    try:
        yield
    finally:
        _set_effective(before)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def _sets() -> ctypes.Array[_Data]:
    sets = (_Data * 2)()
    if _library().capget(ctypes.byref(_Header(VERSION_3, 0)), sets):
        raise OSError(ctypes.get_errno(), "capget")
    return sets


def _effective() -> int:
    return int(_sets()[0].effective)


def _set_effective(rights: int) -> None:
    sets = _sets()
    sets[0].effective = rights
    if _library().capset(ctypes.byref(_Header(VERSION_3, 0)), sets):
        raise OSError(ctypes.get_errno(), "capset")
