"""The connection to a project's database: one that writes, one that reads, both usable from any thread."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, select
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.pool import StaticPool

from viewer.core.errors import BadProject, NotWritable
from viewer.project.schema import meta, metadata

_BUSY_TIMEOUT_S = 10.0
# File systems on which several machines see one file: WAL needs shared memory, which they do not share.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afp", "sshfs", "davfs", "9p", "ncpfs", "glusterfs", "ceph", "lustre")


def on_network(folder: Path) -> bool:
    """Whether the folder lies on a network file system, as far as the system tells."""
    import psutil

    try:
        partitions = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return False
    resolved = folder.resolve()
    best = ""
    kind = ""
    for partition in partitions:
        mount = Path(partition.mountpoint)
        if (mount == resolved or mount in resolved.parents) and len(partition.mountpoint) > len(best):
            best, kind = partition.mountpoint, partition.fstype.lower()
    return any(name in kind for name in _NETWORK_FILE_SYSTEMS)


def _refusal(path: Path, error: DBAPIError) -> NotWritable | BadProject:
    """The sentence for a database error while writing."""
    reason = str(error.orig).rstrip(".")
    if "malformed" in reason or "not a database" in reason:
        return damaged(path, reason)
    return NotWritable(
        f"{path} could not be written ({reason}); nothing of this step was kept. Free some space or check the disk, "
        "then try again."
    )


def damaged(path: Path, reason: str) -> BadProject:
    """The error for a database that must not be touched."""
    return BadProject(
        f"The project database {path} is damaged ({reason}); it was left as it is. Restore it from a backup, or copy "
        "the folder before anything else is tried."
    )


class Database:
    """A project's database file.

    Writing is one transaction at a time on one connection (`writing`); reading has a connection of its own, so that a
    long registration does not hold up the window. Commits are on the disk when `writing` ends (synchronous FULL).
    """

    def __init__(self, path: Path, *, writable: bool, network: bool = False) -> None:
        self.path = path
        self.writable = writable
        self._network = network
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        self._writer: Connection | None = None
        self._writer = self._connect("rw", "BEGIN IMMEDIATE") if writable else None
        self._reader = self._connect("ro", "BEGIN")

    @classmethod
    def make(cls, path: Path, facts: dict[str, str]) -> None:
        """Create the file with all tables and the given rows of `meta`. Raises NotWritable; never replaces a file."""
        if path.exists():
            raise NotWritable(f"{path} exists already; it was left as it is.")
        partial = path.with_name(path.name + ".new")
        partial.unlink(missing_ok=True)
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(partial), poolclass=StaticPool)
        try:
            metadata.create_all(engine)
            with engine.begin() as connection:
                connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in facts.items()])
        except DBAPIError as error:
            raise _refusal(path, error) from error
        finally:
            engine.dispose()
        partial.replace(path)

    def _connect(self, mode: str, begin: str) -> Connection:
        uri = self.path.resolve().as_uri()

        def open_file() -> sqlite3.Connection:
            return sqlite3.connect(
                f"{uri}?mode={mode}", uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )

        engine = create_engine("sqlite://", creator=open_file, poolclass=StaticPool)
        # The driver's own transaction handling is off (isolation_level None); a transaction begins when we say so.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        try:
            raw = engine.raw_connection()
            cursor = raw.cursor()
            cursor.execute("PRAGMA foreign_keys = ON")
            if mode == "rw":
                cursor.execute(f"PRAGMA journal_mode = {'DELETE' if self._network else 'WAL'}")
                cursor.execute("PRAGMA synchronous = FULL")
            else:
                cursor.execute("PRAGMA query_only = ON")
            cursor.close()
            raw.close()
            return engine.connect()
        except (DBAPIError, sqlite3.Error) as error:
            engine.dispose()
            reason = str(getattr(error, "orig", error))
            if "not a database" in reason or "malformed" in reason:
                raise damaged(self.path, reason) from error
            raise BadProject(f"The project database {self.path} cannot be opened: {reason}.") from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. It is on the disk when the block ends; when anything raises, nothing of it is kept.

        Raises NotWritable when the database refuses it.
        """
        if self._writer is None:
            raise NotWritable(f"The project {self.path.parent} is open read-only; nothing can be changed in it.")
        with self._write_lock:
            try:
                with self._writer.begin():
                    yield self._writer
            except DBAPIError as error:
                raise _refusal(self.path, error) from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees everything committed so far."""
        with self._read_lock:
            try:
                with self._reader.begin():
                    yield self._reader
            except DatabaseError as error:
                raise damaged(self.path, str(error.orig)) from error

    def facts(self) -> dict[str, str]:
        """The rows of `meta`."""
        with self.reading() as connection:
            return {row.key: row.value for row in connection.execute(select(meta))}

    def check(self, *, thorough: bool = False) -> None:
        """Raise BadProject when SQLite finds the file damaged. thorough: compare every index too (slower)."""
        pragma = "integrity_check" if thorough else "quick_check"
        with self.reading() as connection:
            answer = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {pragma}(3)")]
        if answer != ["ok"]:
            raise damaged(self.path, answer[0].replace("\n", " "))

    def broken_links(self) -> list[str]:
        """Rows that point to rows that are not there, one sentence each."""
        with self.reading() as connection:
            found: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
        return [f"Row {row[1]} of {row[0]} points to a row of {row[2]} that is not there." for row in found]

    def close(self) -> None:
        """Close both connections; the last writer folds the WAL back into the file."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
                connection.engine.dispose()
