"""A project in an SQLite file: everything that is SQLite's own, and what it says as a sentence.

Only what is damaged is called so; a full, read-only or busy disk by its name: whoever restores a backup over a sound
project loses work. Result codes: https://www.sqlite.org/rescode.html.
"""

import contextlib
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from viewer.core.boundary import cannot_be_written
from viewer.core.errors import AppError, BadProject, NotWritable
from viewer.project.store.dialect import Dialect

log = logging.getLogger(__name__)

_PROGRAMS = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
_BUSY_TIMEOUT_S = 10.0
# An import writes all over its indexes; SQLite's own 2 MiB are too few for those of 100,000 boxes. It is
# taken as it is used, by the one connection that writes.
WRITER_CACHE_KIB = 65_536
# What SQLite keeps beside a database; it belongs to what was committed.
_BESIDE = ("-wal", "-journal")
# File systems on which several machines see one file: WAL needs shared memory, which they do not share.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afp", "sshfs", "davfs", "9p", "ncpfs", "glusterfs", "ceph", "lustre")

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_REFUSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
# A sound database may only lack the right or the room to make its files beside it.
_NO_INDEX_OF_THE_WAL = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)
_OF_THE_DISK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)
# Under this much room SQLite's own "disk I/O error" is a full disk: it cannot make its 32 KiB index of the WAL.
_NO_ROOM_BYTES = 64 * 1024
_WAL_VERSION_AT = 18  # two bytes of the header, 2 where the database is in WAL mode


def in_memory() -> Engine:
    """An empty database of nobody's, gone with its engine."""
    return create_engine("sqlite://", poolclass=StaticPool)


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


class SqliteDialect(Dialect):
    """A file. Where nothing may be written beside it (a DVD, a share, a full disk), a private copy is read."""

    driver_errors = (DBAPIError, sqlite3.Error)
    is_file = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name, self.project = str(path), str(path.parent)
        self._copies: list[tempfile.TemporaryDirectory[str]] = []

    def exists(self) -> bool:
        if self.path.is_file() and self.path.stat().st_size == 0:
            raise self.damaged("the file is empty")
        return self.path.is_file()

    def make(self, fill: Callable[[Connection], None]) -> None:
        path = self.path
        if path.exists():
            raise NotWritable(f"{path} exists already; it was left as it is.")
        partial = path.with_name(path.name + ".new")
        partial.unlink(missing_ok=True)
        engine = create_engine(
            "sqlite://", creator=lambda: sqlite3.connect(partial, isolation_level=None), poolclass=StaticPool
        )
        # One transaction, one wait for the disk: by itself the driver would commit after each table.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        try:
            with engine.begin() as connection:
                fill(connection)
            engine.dispose()
            partial.replace(path)
        except DBAPIError as error:
            raise self.while_writing(error) from error
        except OSError as error:
            raise cannot_be_written(path, error) from error
        finally:
            engine.dispose()
            for ending in ("", *_BESIDE):
                with contextlib.suppress(OSError):
                    partial.with_name(partial.name + ending).unlink()

    def unmake(self) -> None:
        """The folder takes it away (`whole_or_nothing`)."""

    def open_to_write(self) -> Connection:
        return self._connect(self.path, "rw", "BEGIN IMMEDIATE")

    def open_to_migrate(self) -> Connection:
        """A table that others point to can only be made anew while nobody looks (sqlite.org/lang_altertable.html)."""
        return self._connect(self.path, "rw", "BEGIN IMMEDIATE", links=False)

    def open_to_read(self) -> Connection:
        try:
            return self._connect(self.path, "ro", "BEGIN")
        except self.driver_errors as error:
            if _code(error) not in _NO_INDEX_OF_THE_WAL:
                raise self.while_reading(error) from error
            refused = error
        try:
            return self._connect(self._copied(), "rw", "BEGIN")
        except self.driver_errors as error:
            self.close()
            raise self.while_reading(error) from error
        except OSError as error:
            self.close()
            log.info("%s could not be copied to be read: %s", self.path, error)
            return self._connect_as_it_lies(refused)

    def _connect_as_it_lies(self, refused: Exception) -> Connection:
        """Where there is no room for a copy either; only without a -wal is the file all there is."""
        try:
            if any(path.stat().st_size for path in self._beside() if path.exists()):
                raise self.while_reading(refused) from refused
            return self._connect(self.path, "ro&immutable=1", "BEGIN")
        except (*self.driver_errors, OSError) as error:
            raise self.while_reading(refused) from error

    def _beside(self) -> list[Path]:
        return [self.path.with_name(self.path.name + ending) for ending in _BESIDE]

    def open_as_of_now(self, reader: Connection, bring_up: Callable[[Connection], None]) -> Connection:
        target = self._private_folder() / self.path.name
        try:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                source = reader.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(copy)
            writer = self._connect(target, "rw", "BEGIN IMMEDIATE", links=False)
            try:
                bring_up(writer)
            finally:
                writer.close()
                writer.engine.dispose()
            return self._connect(target, "rw", "BEGIN")
        except self.driver_errors as error:
            raise self.while_reading(error) from error

    def _copied(self) -> Path:
        """A copy in a private folder, with the -wal: only there can SQLite make the files that it needs to read.

        Not `immutable=1`: a folder that is read-only here may be written elsewhere, and then that shows nonsense.
        """
        target = self._private_folder() / self.path.name
        shutil.copyfile(self.path, target)
        for source in self._beside():
            if source.exists():
                shutil.copyfile(source, target.with_name(source.name))
        return target

    def _connect(self, path: Path, mode: str, begin: str, *, links: bool = True) -> Connection:
        """mode: "ro", "rw" or "ro&immutable=1". links: refuse rows that point nowhere. Raises what SQLite raises."""
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
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if links else 'OFF'}")
            if begin == "BEGIN":
                cursor.execute("PRAGMA query_only = ON")
                cursor.execute("SELECT count(*) FROM sqlite_master").fetchall()  # what cannot be read says so here
            else:
                cursor.execute(f"PRAGMA journal_mode = {'DELETE' if on_network(path.parent) else 'WAL'}")
                cursor.execute("PRAGMA synchronous = FULL")
                cursor.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
            cursor.close()
            raw.close()
            return engine.connect()
        except BaseException:
            engine.dispose()
            raise

    def take_turn(self, writer: Connection) -> None:
        """BEGIN IMMEDIATE has waited."""

    def take_back(self, writer: Connection, error: Exception) -> None:
        """Empty the WAL.

        A commit may stand there whole when only the last sync failed; were this process killed before the next step,
        a recovery would bring back what a person was told is not kept (and has done again).
        """
        connection = writer.connection.driver_connection
        if _code(error) in _OF_THE_DISK and isinstance(connection, sqlite3.Connection):
            with contextlib.suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def interrupt(self, reader: Connection) -> None:
        connection = reader.connection.driver_connection
        if isinstance(connection, sqlite3.Connection):
            connection.interrupt()

    def while_reading(self, error: Exception) -> AppError:
        return while_reading(self.path, error)

    def while_writing(self, error: Exception, *, at_commit: bool = False) -> AppError:
        return while_writing(self.path, error)

    def reason(self, error: Exception) -> str:
        return _reason(error)

    def damaged(self, reason: str) -> BadProject:
        return _damaged(self.path, reason)

    def unsound(self, connection: Connection, *, thorough: bool) -> str:
        pragma = "integrity_check" if thorough else "quick_check"
        answer = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {pragma}(3)")]
        return "" if answer == ["ok"] else answer[0].replace("\n", " ")

    def programs(self, connection: Connection) -> list[tuple[str, str]]:
        return [(str(kind), str(name)) for kind, name in connection.exec_driver_sql(_PROGRAMS)]

    def broken_links(self, connection: Connection) -> list[str]:
        found: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
        return [f"Row {row[1]} of {row[0]} points to a row of {row[2]} that is not there." for row in found]

    def back_up(self, version: int) -> str:
        """Beside itself as project.db.schemaN; an earlier copy is kept and the new one is numbered."""
        path = self.path
        target = path.with_name(f"{path.name}.schema{version}")
        number = 1
        while target.exists():
            number += 1
            target = path.with_name(f"{path.name}.schema{version}-{number}")
        try:
            with (
                contextlib.closing(sqlite3.connect(path)) as source,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            target.unlink(missing_ok=True)
            raise NotWritable(
                f"The copy {target} that must precede the update of the project could not be written ({error}); "
                "the project was left as it is."
            ) from error
        return str(target)

    def close(self) -> None:
        while self._copies:
            self._copies.pop().cleanup()

    def _private_folder(self) -> Path:
        self._copies.append(tempfile.TemporaryDirectory(prefix="negatoscope-read-", ignore_cleanup_errors=True))
        return Path(self._copies[-1].name)


# -- Files beside the project's database


@contextlib.contextmanager
def new_file(path: Path, tables: str) -> Iterator[sqlite3.Connection]:
    """A new file with these tables; it is whole when the block ends. Raises NotWritable."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(f"BEGIN; {tables}")  # one wait for the disk, and that at the end
            yield connection
    except sqlite3.Error as error:
        raise while_writing(path, error) from error


def rows_of_file(path: Path, query: str, *, what: str, advice: str) -> list[Any]:
    """Rows of a file that nobody writes any more. what, advice: for the sentence where its bytes have changed.

    Raises BadProject, also where only the disk or the memory failed.
    """
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        if _code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM):
            raise while_reading(path, error) from error
        raise BadProject(f"{what} cannot be read ({error}); {advice}.") from error


# -- What SQLite says


def _code(error: BaseException) -> int:
    """SQLite's primary result code, 0 where the error is none of SQLite's."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF


def _damaged(path: Path, reason: str) -> BadProject:
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


def while_reading(path: Path, error: Exception) -> AppError:
    """The sentence for an error while reading a file."""
    code, reason = _code(error), _reason(error)
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
    return _damaged(path, reason)


def while_writing(path: Path, error: Exception) -> AppError:
    """The sentence for an error while writing a file."""
    code, reason = _code(error), _reason(error)
    if code in _DAMAGED:
        return _damaged(path, reason)
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


def _reason(error: Exception) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    log.debug("the database refused something", exc_info=error)
    return " ".join(said.split()).rstrip(".")[:160]
