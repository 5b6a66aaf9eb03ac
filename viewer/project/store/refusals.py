"""What SQLite says, as a sentence: only what is damaged is called so; a full, read-only or busy disk by its name.

Result codes: https://www.sqlite.org/rescode.html. Whoever restores a backup over a sound project loses work.
"""

import logging
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from viewer.core.errors import AppError, BadProject, NotWritable

log = logging.getLogger(__name__)

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_REFUSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
# Under this much room SQLite's own "disk I/O error" is a full disk: it cannot make its 32 KiB index of the WAL.
_NO_ROOM_BYTES = 64 * 1024
_WAL_VERSION_AT = 18  # two bytes of the header, 2 where the database is in WAL mode


def code_of(error: BaseException) -> int:
    """SQLite's primary result code, 0 where the error is none of SQLite's."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF


def cannot_index_the_wal(error: BaseException) -> bool:
    """Whether a sound database may only lack the right or the room to make its files beside it."""
    return code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


def is_of_the_disk(error: BaseException) -> bool:
    """Whether the disk refused a write or a sync."""
    return code_of(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)


def damaged(path: Path, reason: str) -> BadProject:
    """The error for a database that must not be touched."""
    return BadProject(
        f"The project database {path} is damaged ({reason}); it was left as it is.{_missing_wal(path)} Restore it from "
        "a backup, or copy the folder before anything else is tried."
    )


def _missing_wal(path: Path) -> str:
    """A database copied from beneath a running program without its -wal looks damaged."""
    wal = path.with_name(path.name + "-wal")
    try:
        with path.open("rb") as file:
            header = file.read(_WAL_VERSION_AT + 2)
        if header[_WAL_VERSION_AT:] == b"\2\2" and not (wal.exists() and wal.stat().st_size):
            return f" If the folder was copied and {wal.name} was left behind, copy that too."
    except OSError:
        pass
    return ""


def while_reading(path: Path, error: SQLAlchemyError | sqlite3.Error) -> AppError:
    """The sentence for a database error while reading."""
    code, reason = code_of(error), _reason(error)
    if code in _BUSY:
        return BadProject(
            f"The project database {path} is locked by another program just now ({reason}); it is sound. Try again "
            "when that program is done."
        )
    if code in _REFUSED or code == sqlite3.SQLITE_READONLY:
        return BadProject(
            f"The project database {path} may not be opened by you ({reason}); ask its owner for the permission to "
            "read the folder."
        )
    if code == sqlite3.SQLITE_IOERR:
        return BadProject(
            f"The disk could not read {path} ({reason}); look at the disk or the network it lies on, then try again."
        )
    if code == sqlite3.SQLITE_NOMEM:
        return BadProject(f"The memory does not suffice to read {path}; close other programs and try again.")
    if code == sqlite3.SQLITE_FULL:
        return NotWritable(f"The disk is full; {path} could not be read for want of room. Make room and try again.")
    return damaged(path, reason)


def while_writing(path: Path, error: SQLAlchemyError | sqlite3.Error) -> AppError:
    """The sentence for a database error while writing."""
    code, reason = code_of(error), _reason(error)
    if code in _DAMAGED:
        return damaged(path, reason)
    kept = f"{path} could not be written ({reason}); nothing of this step was kept."
    if code == sqlite3.SQLITE_FULL or (code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_room(path)):
        return NotWritable(f"The disk is full; {kept} Make room and try again.")
    if code == sqlite3.SQLITE_READONLY:
        return NotWritable(
            f"{path} lies on a read-only disk or in a folder where you may not write; it can be looked at, exported "
            "and verified, not changed. Copy the folder to where you may write."
        )
    if code in _BUSY:
        return NotWritable(f"{kept} Another program has it open to write; try again when that one is done.")
    if code in _REFUSED:
        return NotWritable(f"{kept} Ask the folder's owner for the permission to write there.")
    return NotWritable(f"{kept} Free some space or check the disk, then try again.")


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False


def _reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    log.debug("the database refused something", exc_info=error)
    return " ".join(said.split()).rstrip(".")[:160]
