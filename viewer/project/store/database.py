"""The connection to a project's database: one that writes, one that reads, both usable from any thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, select

from viewer.core.errors import BadProject, NotWritable
from viewer.core.events import Event
from viewer.project.store.dialect import Dialect
from viewer.project.store.schema import meta, metadata, revision_counter, rounds
from viewer.project.store.stored_rows import UnsoundValue

_INTERRUPT_S = 0.02


class Database:
    """A project's database.

    Writing is one transaction at a time on one connection (`writing`); reading has a connection of its own, so that a
    long registration does not hold up the window. Commits are on the disk when `writing` ends.
    """

    def __init__(self, dialect: Dialect, *, writable: bool, before_writing: Callable[[], None] = lambda: None) -> None:
        self.dialect = dialect
        self.name = dialect.name
        self.writable = writable
        self._before_writing = before_writing
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        self._reads = 0  # one within the other, of the thread that holds the lock
        self._closed = False
        self.committed: Event[None] = Event()  # after each transaction, in the thread that wrote
        self._writer: Connection | None = None
        try:
            self._writer = dialect.open_to_write() if writable else None
        except dialect.driver_errors as error:
            raise dialect.while_writing(error) from error
        try:
            self._reader = dialect.open_to_read()
        except BaseException:
            _close(self._writer)
            raise

    @classmethod
    def make(cls, dialect: Dialect, facts: dict[str, str]) -> None:
        """Create all tables and the given rows of `meta`. Raises NotWritable; never replaces what is there."""

        def fill(connection: Connection) -> None:
            metadata.create_all(connection, checkfirst=False)
            connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in facts.items()])
            connection.execute(revision_counter.insert().values(only=0, revision=0))
            connection.execute(rounds.insert().values(round_id="", reader="", number=1, kind="consensus"))

        dialect.make(fill)

    def read_as_of_now(self, bring_up: Callable[[Connection], None]) -> None:
        """Read a private copy that `bring_up` has given this program's tables: an older project that may only be read.

        The project itself stays as it is. Raises what `bring_up` raises, or BadProject where there is no room.
        """
        reader = self.dialect.open_as_of_now(self._reader, bring_up)
        _close(self._reader)
        self._reader = reader

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. It is on the disk when the block ends; when anything raises, nothing of it is kept.

        Raises NotWritable when the database refuses it.
        """
        if self._writer is None:
            raise NotWritable(f"The project {self.dialect.project} is open read-only; nothing can be changed in it.")
        at_commit = False
        with self._write_lock:
            if self._closed:
                raise self._was_closed()
            try:
                with self._writer.begin():
                    self._before_writing()
                    self.dialect.take_turn(self._writer)
                    yield self._writer
                    at_commit = True
            except self.dialect.driver_errors as error:
                self.dialect.take_back(self._writer, error)
                raise self.dialect.while_writing(error, at_commit=at_commit) from error
            except UnsoundValue as error:
                raise self.dialect.damaged(str(error)) from error
        self.committed.emit(None)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees everything committed so far; within another reading, what that one sees."""
        with self._read_lock:
            if self._closed:
                raise self._was_closed()
            try:
                with self._reader.begin() if not self._reads else contextlib.nullcontext():
                    self._reads += 1
                    try:
                        yield self._reader
                    finally:
                        self._reads -= 1
            except self.dialect.driver_errors as error:
                if self._closed:
                    raise self._was_closed() from error
                raise self.dialect.while_reading(error) from error
            except UnsoundValue as error:
                raise self.dialect.damaged(str(error)) from error

    def facts(self) -> dict[str, str]:
        """The rows of `meta`."""
        with self.reading() as connection:
            return {row.key: row.value for row in connection.execute(select(meta))}

    def check(self, *, thorough: bool = False) -> None:
        """Raise BadProject when the database is damaged, or when it holds what would run as somebody works.

        thorough: compare every index too (slower).
        """
        with self.reading() as connection:
            wrong = self.dialect.unsound(connection, thorough=thorough)
            programs = self.dialect.programs(connection)
        for kind, name in programs:
            raise BadProject(
                f"{self.name} holds a {kind} ({name!r}), which would change what is written to it; no project has one. "
                "It was left as it is; ask whoever made it for one without."
            )
        if wrong:
            raise self.dialect.damaged(wrong)

    def broken_links(self) -> list[str]:
        """Rows that point to rows that are not there, one sentence each."""
        with self.reading() as connection:
            return self.dialect.broken_links(connection)

    def close(self) -> None:
        """Close both connections; the last writer folds what lies beside a file back into it.

        What another thread reads just now is given up, and what it writes is waited for: neither may meet a connection
        that is no more.
        """
        if self._closed:
            return
        self._closed = True
        while not self._read_lock.acquire(timeout=_INTERRUPT_S):  # a query that only begins now is not interrupted yet
            self.dialect.interrupt(self._reader)
        try:
            _close(self._reader)
        finally:
            self._read_lock.release()
        with self._write_lock:
            _close(self._writer)
        self.dialect.close()

    def _was_closed(self) -> BadProject:
        """Whoever still reads or writes when a project is closed gets this, and nobody is told."""
        return BadProject(f"The project {self.dialect.project} was closed.")


def _close(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()
        connection.engine.dispose()
