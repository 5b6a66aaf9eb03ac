"""Small documents of a folder that anybody may have written: regular files of a sane size, never a pipe or a device."""

import os
import stat
from pathlib import Path
from typing import Any

from viewer.core.boundary import cannot_be_read
from viewer.core.checked import parse_json
from viewer.core.errors import AppError, BadFile

MOST_BYTES = 32 << 20


def read_bytes(path: Path, *, most: int = MOST_BYTES, error: type[AppError] = BadFile) -> bytes:
    """The whole of a regular file. Raises `error` in one sentence.

    A pipe would wait for ever for whoever writes into it, and a device never ends.
    """
    try:
        # Not to wait where it is a pipe; what it is is asked of the open file.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise error(f"{path} is no regular file, so it was not read.")
            if facts.st_size > most:
                raise error(f"{path} is longer than the {most >> 20} MiB that such a file can need; it was not read.")
            return file.read(most + 1)[:most]
    except FileNotFoundError:
        raise
    except OSError as cause:
        raise error(str(cannot_be_read(path, cause))) from cause


def read_end(path: Path, count: int, *, error: type[AppError] = BadFile) -> bytes:
    """The last bytes of a regular file, at most `count`; b"" of what is none. Raises FileNotFoundError, `error`."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return b""
            file.seek(max(0, facts.st_size - count))
            return file.read(count)
    except FileNotFoundError:
        raise
    except OSError as cause:
        raise error(str(cannot_be_read(path, cause))) from cause


def read_json(path: Path, *, most: int = MOST_BYTES, error: type[AppError] = BadFile, advice: str = "") -> Any:
    """A JSON document from a file. Raises FileNotFoundError where there is none, else `error` in one sentence."""
    return parse_json(read_bytes(path, most=most, error=error), str(path), error=error, advice=advice)
