"""Where a library meets a file from outside: whatever it raises becomes one sentence that names the file."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.core.errors import AppError, BadFile, NotWritable

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


@contextmanager
def at_boundary(
    path: Path | str, *, error: type[AppError] = BadFile, what: str = "", advice: str = "ask for a new copy"
) -> Iterator[None]:
    """Turn what a library raises about the content of `path` into `error`. Our own sentences pass unchanged.

    what: what was looked for, e.g. "a NIfTI header". Libraries raise nearly anything on damaged input: zlib.error,
    struct.error, ZeroDivisionError, OverflowError, RecursionError, MemoryError, KeyError, SyntaxError (Pillow).
    """
    try:
        yield
    except AppError:
        raise
    except OSError as cause:
        raise cannot_be_read(path, cause) from cause
    except MemoryError as cause:
        raise error(f"{path} asks for more memory than there is; {advice}.") from cause
    except Exception as cause:
        log.debug("at the boundary of a file", exc_info=True)
        said = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        where = f" as {what}" if what else ""
        raise error(f"{path} cannot be read{where} ({_one_line(said)}); {advice}.") from cause


def cannot_be_read(path: Path | str, cause: OSError) -> AppError:
    """The sentence for what the system says when a file is read."""
    if isinstance(cause, FileNotFoundError):
        return BadFile(f"{path} is not there.")
    if isinstance(cause, PermissionError):
        return BadFile(f"{path} may not be read by you; ask its owner for the permission.")
    return BadFile(f"{path} cannot be read: {_one_line(cause.strerror or str(cause))}.")


def cannot_be_written(path: Path | str, cause: OSError) -> NotWritable:
    """The sentence for what the system says when a file is written."""
    if cause.errno in FULL:
        return NotWritable(f"The disk is full; {path} was not written. Make room and try again.")
    if cause.errno == errno.EROFS:
        return NotWritable(f"{path} lies on a read-only disk; choose another folder.")
    if isinstance(cause, PermissionError):
        return NotWritable(f"{path} may not be written by you; choose another folder or ask for the permission.")
    return NotWritable(f"{path} cannot be written: {_one_line(cause.strerror or str(cause))}.")


def said_by_the_system(error: OSError) -> str:
    """The sentence for an error of the system that nobody turned into one of ours: its file and what is wrong."""
    if error.errno in (*FULL, errno.EROFS) and error.filename:
        return str(cannot_be_written(error.filename, error))
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{_one_line(error.strerror or str(error))}."


def _one_line(text: str) -> str:
    """What a library says, on one line and short: it may quote the file."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= 160 else f"{plain[:157]}..."
