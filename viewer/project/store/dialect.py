"""What one kind of database has of its own: how it is made, opened, copied and checked, and what its refusals mean.

A project lies in an SQLite file in its folder; in a PostgreSQL database only where a caller names its URL: nothing that
is read from a folder decides what is contacted. A new kind is one file and one row of `DIALECTS`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from viewer.core.errors import AppError, BadProject, BadRequest
from viewer.core.registry import load

SQLITE = "sqlite"
# By the first word of a URL.
DIALECTS: dict[str, str] = {
    SQLITE: "viewer.project.store.sqlite_dialect:SqliteDialect",
    "postgresql": "viewer.project.store.postgres_dialect:PostgresDialect",
}


class Dialect(ABC):
    """One database. name, project: what sentences call it, and the project in it. is_file: whether it is one there.

    driver_errors: what it raises, with and without SQLAlchemy around.
    """

    name: str
    project: str
    is_file: bool  # in the project's folder
    driver_errors: tuple[type[Exception], ...]

    @abstractmethod
    def exists(self) -> bool:
        """Whether a project's tables are there. Raises what `while_reading` gives where it cannot be asked."""

    @abstractmethod
    def make(self, fill: Callable[[Connection], None]) -> None:
        """Let `fill` write the tables and first rows; all of it is there then, or nothing.

        Raises NotWritable; never replaces what is there.
        """

    @abstractmethod
    def unmake(self) -> None:
        """Take away what `make` has just made; a file goes with its folder."""

    @abstractmethod
    def open_to_write(self) -> Connection:
        """A connection whose commits are durable when they return. Raises `driver_errors`."""

    def open_to_migrate(self) -> Connection:
        """The same for a change of tables: links between rows are not looked at before it ends."""
        return self.open_to_write()

    @abstractmethod
    def open_to_read(self) -> Connection:
        """A connection that changes nothing; each of its transactions sees one state. Raises what is said to people."""

    @abstractmethod
    def open_as_of_now(self, reader: Connection, bring_up: Callable[[Connection], None]) -> Connection:
        """Another reader: of a private copy that `bring_up` has given this program's tables. What it raises, or
        BadProject where none can be had."""

    @abstractmethod
    def take_turn(self, writer: Connection) -> None:
        """The first thing in each transaction that writes: wait until no other is writing. Raises `driver_errors`."""

    @abstractmethod
    def take_back(self, writer: Connection, error: Exception) -> None:
        """After a refused transaction: see that none of it comes back later."""

    @abstractmethod
    def interrupt(self, reader: Connection) -> None:
        """Give up what another thread reads on this connection just now."""

    @abstractmethod
    def while_reading(self, error: Exception) -> AppError:
        """The sentence for a driver's error while reading."""

    @abstractmethod
    def while_writing(self, error: Exception, *, at_commit: bool = False) -> AppError:
        """The sentence for a driver's error while writing. at_commit: all was written, only the end was not heard."""

    @abstractmethod
    def reason(self, error: Exception) -> str:
        """What the database said, in one line; nothing is decided by it."""

    @abstractmethod
    def damaged(self, reason: str) -> BadProject:
        """The error for a database that must not be touched."""

    @abstractmethod
    def unsound(self, connection: Connection, *, thorough: bool) -> str:
        """What the database says is wrong with itself; "" for nothing. thorough: compare every index too (slower)."""

    @abstractmethod
    def programs(self, connection: Connection) -> list[tuple[str, str]]:
        """(kind, name) of what would run as somebody works, such as a trigger; a project has none."""

    @abstractmethod
    def broken_links(self, connection: Connection) -> list[str]:
        """Rows that point to rows that are not there, one sentence each."""

    @abstractmethod
    def back_up(self, version: int) -> str:
        """Copy everything before an update from schema `version`; returns the copy's name. Raises NotWritable."""

    @abstractmethod
    def close(self) -> None:
        """Remove private copies."""


def dialect_of(path: Path, url: str = "") -> Dialect:
    """The database of a project. path: of its SQLite file; not looked at when a URL is given.

    Raises BadRequest for a URL of another kind of database.
    """
    if not url:
        return _made(SQLITE, path)
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise BadRequest("That is no URL of a database; one begins with postgresql://.") from error
    if kind == SQLITE or kind not in DIALECTS:
        raise BadRequest(f"A project lies in its folder or in a PostgreSQL database, not in {kind}.")
    return _made(kind, url)


def _made(kind: str, place: Path | str) -> Dialect:
    made: Dialect = load(DIALECTS, kind)(place)
    return made
