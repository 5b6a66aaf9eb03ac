"""The connection to a project's database: one that writes, one that reads, both usable from any thread."""

import contextlib
import logging
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadProject, NotWritable
from viewer.project.store.refusals import (
    cannot_index_the_wal,
    damaged,
    is_of_the_disk,
    while_reading,
    while_writing,
)
from viewer.project.store.schema import meta, metadata, revision_counter
from viewer.project.store.stored_rows import UnsoundValue

log = logging.getLogger(__name__)

_PROGRAMS = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
_BUSY_TIMEOUT_S = 10.0
_INTERRUPT_S = 0.02
# What SQLite keeps beside a database; it belongs to what was committed.
_BESIDE = ("-wal", "-journal")
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


def _closed(path: Path) -> BadProject:
    """Whoever still reads or writes when a project is closed gets this, and nobody is told."""
    return BadProject(f"The project {path.parent} was closed.")


class Database:
    """A project's database file.

    Writing is one transaction at a time on one connection (`writing`); reading has a connection of its own, so that a
    long registration does not hold up the window. Commits are on the disk when `writing` ends (synchronous FULL).
    Where nothing may be written beside the file (a DVD, a share, a full disk), a private copy is read.
    """

    def __init__(
        self,
        path: Path,
        *,
        writable: bool,
        network: bool = False,
        before_writing: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self.writable = writable
        self._network = network
        self._before_writing = before_writing
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        self._closed = False
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._writer: Connection | None = None
        try:
            self._writer = self._connect(path, "rw", "BEGIN IMMEDIATE") if writable else None
        except (DBAPIError, sqlite3.Error) as error:
            raise while_writing(path, error) from error
        try:
            self._reader = self._connect_to_read()
        except BaseException:
            self._close(self._writer)
            raise

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
                connection.execute(revision_counter.insert().values(only=0, revision=0))
            engine.dispose()
            partial.replace(path)
        except DBAPIError as error:
            raise while_writing(path, error) from error
        except OSError as error:
            raise cannot_be_written(path, error) from error
        finally:
            engine.dispose()
            for ending in ("", *_BESIDE):
                with contextlib.suppress(OSError):
                    partial.with_name(partial.name + ending).unlink()

    def _connect_to_read(self) -> Connection:
        try:
            return self._connect(self.path, "ro", "BEGIN")
        except (DBAPIError, sqlite3.Error) as error:
            if not cannot_index_the_wal(error):
                raise while_reading(self.path, error) from error
            refused = error
        try:
            return self._connect(self._copied(), "rw", "BEGIN")
        except (DBAPIError, sqlite3.Error) as error:
            self._forget_copy()
            raise while_reading(self.path, error) from error
        except OSError as error:
            self._forget_copy()
            log.info("%s could not be copied to be read: %s", self.path, error)
            return self._connect_as_it_lies(refused)

    def _connect_as_it_lies(self, refused: DBAPIError | sqlite3.Error) -> Connection:
        """Where there is no room for a copy either; only without a -wal is the file all there is."""
        try:
            if any(path.stat().st_size for path in self._beside() if path.exists()):
                raise while_reading(self.path, refused) from refused
            return self._connect(self.path, "ro&immutable=1", "BEGIN")
        except (DBAPIError, sqlite3.Error, OSError) as error:
            raise while_reading(self.path, refused) from error

    def _beside(self) -> list[Path]:
        return [self.path.with_name(self.path.name + ending) for ending in _BESIDE]

    def read_as_of_now(self, bring_up: Callable[[Path], None]) -> None:
        """Read a private copy that `bring_up` has given this program's tables: an older project that may only be read.

        The file itself stays as it is. Raises what `bring_up` raises, or BadProject where there is no room.
        """
        earlier, self._copy = (
            self._copy,
            tempfile.TemporaryDirectory(prefix="negatoscope-read-", ignore_cleanup_errors=True),
        )
        target = Path(self._copy.name) / self.path.name
        try:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                source = self._reader.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(copy)
            bring_up(target)
            reader = self._connect(target, "rw", "BEGIN")
        except (DBAPIError, sqlite3.Error) as error:
            raise while_reading(self.path, error) from error
        self._close(self._reader)
        self._reader = reader
        if earlier is not None:
            earlier.cleanup()

    def _copied(self) -> Path:
        """A copy in a private folder, with the -wal: only there can SQLite make the files that it needs to read.

        Not `immutable=1`: a folder that is read-only here may be written elsewhere, and then that shows nonsense.
        """
        self._copy = tempfile.TemporaryDirectory(prefix="negatoscope-read-", ignore_cleanup_errors=True)
        target = Path(self._copy.name) / self.path.name
        shutil.copyfile(self.path, target)
        for source in self._beside():
            if source.exists():
                shutil.copyfile(source, target.with_name(source.name))
        return target

    def _forget_copy(self) -> None:
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None

    def _connect(self, path: Path, mode: str, begin: str) -> Connection:
        """mode: "ro", "rw" or "ro&immutable=1". Raises what SQLite raises."""
        uri = path.resolve().as_uri()

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
            if begin == "BEGIN":
                cursor.execute("PRAGMA query_only = ON")
                cursor.execute("SELECT count(*) FROM sqlite_master").fetchall()  # what cannot be read says so here
            else:
                cursor.execute(f"PRAGMA journal_mode = {'DELETE' if self._network else 'WAL'}")
                cursor.execute("PRAGMA synchronous = FULL")
            cursor.close()
            raw.close()
            return engine.connect()
        except BaseException:
            engine.dispose()
            raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. It is on the disk when the block ends; when anything raises, nothing of it is kept.

        Raises NotWritable when the database refuses it.
        """
        if self._writer is None:
            raise NotWritable(f"The project {self.path.parent} is open read-only; nothing can be changed in it.")
        with self._write_lock:
            if self._closed:
                raise _closed(self.path)
            try:
                with self._writer.begin():
                    self._before_writing()
                    yield self._writer
            except (DBAPIError, sqlite3.Error) as error:
                if is_of_the_disk(error):
                    self._take_back(self._writer)
                raise while_writing(self.path, error) from error
            except UnsoundValue as error:
                raise damaged(self.path, str(error)) from error

    @staticmethod
    def _take_back(writer: Connection) -> None:
        """Empty the WAL after a refused step.

        Its commit may stand there whole when only the last sync failed; were this process killed before the next step,
        a recovery would bring back what a person was told is not kept (and has done again).
        """
        connection = writer.connection.driver_connection
        if isinstance(connection, sqlite3.Connection):
            with contextlib.suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees everything committed so far."""
        with self._read_lock:
            if self._closed:
                raise _closed(self.path)
            try:
                with self._reader.begin():
                    yield self._reader
            except (DBAPIError, sqlite3.Error) as error:
                if self._closed:
                    raise _closed(self.path) from error
                raise while_reading(self.path, error) from error
            except UnsoundValue as error:
                raise damaged(self.path, str(error)) from error

    def facts(self) -> dict[str, str]:
        """The rows of `meta`."""
        with self.reading() as connection:
            return {row.key: row.value for row in connection.execute(select(meta))}

    def check(self, *, thorough: bool = False) -> None:
        """Raise BadProject when SQLite finds the file damaged, or when it holds what would run as somebody works.

        thorough: compare every index too (slower).
        """
        pragma = "integrity_check" if thorough else "quick_check"
        with self.reading() as connection:
            answer = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {pragma}(3)")]
            programs = connection.exec_driver_sql(_PROGRAMS).fetchall()
        for kind, name in programs:
            raise BadProject(
                f"{self.path} holds a {kind} ({name!r}), which would change what is written to it; no project has one. "
                "It was left as it is; ask whoever made it for one without."
            )
        if answer != ["ok"]:
            raise damaged(self.path, answer[0].replace("\n", " "))

    def broken_links(self) -> list[str]:
        """Rows that point to rows that are not there, one sentence each."""
        with self.reading() as connection:
            found: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
        return [f"Row {row[1]} of {row[0]} points to a row of {row[2]} that is not there." for row in found]

    def close(self) -> None:
        """Close both connections; the last writer folds the WAL back into the file.

        What another thread reads just now is given up, and what it writes is waited for: neither may meet a connection
        that is no more.
        """
        if self._closed:
            return
        self._closed = True
        reader = self._reader.connection.driver_connection
        while not self._read_lock.acquire(timeout=_INTERRUPT_S):  # a query that only begins now is not interrupted yet
            if isinstance(reader, sqlite3.Connection):
                reader.interrupt()
        try:
            self._close(self._reader)
        finally:
            self._read_lock.release()
        with self._write_lock:
            self._close(self._writer)
        self._forget_copy()

    @staticmethod
    def _close(connection: Connection | None) -> None:
        if connection is not None:
            connection.close()
            connection.engine.dispose()
