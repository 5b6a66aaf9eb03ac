"""A project in a PostgreSQL database that a caller named by its URL: everything that is PostgreSQL's own.

One project a database. Error codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

import logging
import math
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import NullPool

from viewer.core.errors import AppError, BadProject, NotWritable
from viewer.project.store.dialect import Dialect
from viewer.project.store.schema import meta, metadata, revision_counter
from viewer.project.store.stored_rows import Text

log = logging.getLogger(__name__)

_PATIENCE_S = 10.0  # for a server that does not answer, and for another program that is writing
_PROGRAMS = """
SELECT 'trigger', tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'view', relname FROM pg_class
    WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'rule', rulename FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
    WHERE rulename <> '_RETURN' AND relnamespace = current_schema()::regnamespace
"""

# By the beginning of the code; the longest that fits counts.
_DAMAGED = ("XX001", "XX002")
_GONE = ("08", "57P01", "57P02", "57P03", "57P05")
_BUSY = ("40001", "40P01", "55P03", "57014")
_REFUSED = ("28", "42501")
_READ_ONLY = ("25006",)
_FULL = ("53100",)
_OVERLOADED = ("53",)
_TWICE = ("23",)
_THERE = ("42P07",)


@compiles(Text, "postgresql")
def _as_sqlite_sorts(element: Text, compiler: Any, **options: Any) -> str:
    """By code point, whatever the server's language: lists have one order in every project."""
    return 'TEXT COLLATE "C"'


class PostgresDialect(Dialect):
    """A database of a server, with this project alone in it. Nothing of the URL's password is said or written."""

    driver_errors = (DBAPIError,)
    is_file = False

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self.name = self.project = self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    def _engine(self, *, isolation: str, read_only: bool = False) -> Engine:
        settings = {
            "lock_timeout": f"{round(_PATIENCE_S * 1000)}",
            "default_transaction_read_only": "on" if read_only else "off",
            "synchronous_commit": "on",  # whatever the server's own setting: what was said to be kept is kept
        }
        return create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level=isolation,
            connect_args={
                "application_name": "negatoscope",
                "connect_timeout": math.ceil(_PATIENCE_S),
                "tcp_user_timeout": round(_PATIENCE_S * 1000),  # else a server that vanished is waited for half an hour
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            },
        )

    def exists(self) -> bool:
        engine = self._engine(isolation="READ COMMITTED", read_only=True)
        try:
            return inspect(engine).has_table(meta.name)
        except self.driver_errors as error:
            raise self.while_reading(error) from error
        finally:
            engine.dispose()

    def make(self, fill: Callable[[Connection], None]) -> None:
        engine = self._engine(isolation="READ COMMITTED")
        try:
            with engine.begin() as connection:
                fill(connection)
        except self.driver_errors as error:
            if _is(_code(error), _THERE):
                raise NotWritable(f"{self.name} holds a project already; it was left as it is.") from error
            raise self.while_writing(error) from error
        finally:
            engine.dispose()

    def unmake(self) -> None:
        engine = self._engine(isolation="READ COMMITTED")
        try:
            metadata.drop_all(engine)
        except self.driver_errors as error:
            log.warning("%s keeps the tables of a project that was not made: %s", self.name, error)
        finally:
            engine.dispose()

    def open_to_write(self) -> Connection:
        return self._engine(isolation="READ COMMITTED").connect()

    def open_to_read(self) -> Connection:
        try:
            return self._engine(isolation="REPEATABLE READ", read_only=True).connect()
        except self.driver_errors as error:
            raise self.while_reading(error) from error

    def open_as_of_now(self, reader: Connection, bring_up: Callable[[Connection], None]) -> Connection:
        raise BadProject(
            f"The project in {self.name} was written by an older version; open it once to write, which brings it up "
            "to this one."
        )

    def take_turn(self, writer: Connection) -> None:
        writer.execute(select(revision_counter.c.revision).with_for_update())

    def take_back(self, writer: Connection, error: Exception) -> None:
        """What was not committed is nowhere."""

    def interrupt(self, reader: Connection) -> None:
        if not reader.invalidated:
            connection: Any = reader.connection.driver_connection
            connection.cancel()

    def while_reading(self, error: Exception) -> AppError:
        code, reason = _code(error), _reason(error)
        if _is(code, _DAMAGED):
            return self.damaged(reason)
        if _lost(error, code):
            return BadProject(f"{self._silent(reason)} Nothing that was kept is lost; try again when it runs.")
        if _is(code, _BUSY):
            return BadProject(f"{self.name} is locked by another program just now ({reason}); it is sound. Try again.")
        if _is(code, _REFUSED):
            return BadProject(
                f"{self.name} may not be read by you ({reason}); ask whoever keeps the server for the permission."
            )
        return BadProject(f"{self.name} could not be read ({reason}); ask whoever keeps the server to look at it.")

    def while_writing(self, error: Exception, *, at_commit: bool = False) -> AppError:
        code, reason = _code(error), _reason(error)
        if _is(code, _DAMAGED):
            return self.damaged(reason)
        if _lost(error, code):
            if at_commit:
                return NotWritable(
                    f"{self._silent(reason)} It went away just as this step was kept, so look whether it is there when "
                    "the server runs again; everything before it is."
                )
            return NotWritable(
                f"{self._silent(reason)} Nothing of this step was kept, and nothing before it is lost; do it again "
                "when the server runs."
            )
        kept = f"{self.name} could not be written ({reason}); nothing of this step was kept."
        for codes, advice in (
            (_FULL, "The server's disk is full: have room made, then try again."),
            (_OVERLOADED, "The server has no memory or connection to spare; try again later."),
            (_BUSY, "Another program is writing to it; try again when that one is done."),
            (_REFUSED, "Ask whoever keeps the server for the permission to write."),
            (_READ_ONLY, "It may only be read; ask whoever keeps the server."),
            (_TWICE, "Another program has changed the same thing; look at it again."),
        ):
            if _is(code, codes):
                return NotWritable(f"{kept} {advice}")
        return NotWritable(f"{kept} Ask whoever keeps the server to look at it, then try again.")

    def _silent(self, reason: str) -> str:
        return f"{self.name} does not answer ({reason})."

    def reason(self, error: Exception) -> str:
        return _reason(error)

    def damaged(self, reason: str) -> BadProject:
        return BadProject(
            f"The project database {self.name} is damaged ({reason}); it was left as it is. Restore it from a backup."
        )

    def unsound(self, connection: Connection, *, thorough: bool) -> str:
        return ""  # a server keeps checksums of its own, and says so as it reads

    def programs(self, connection: Connection) -> list[tuple[str, str]]:
        return [(str(kind), str(name)) for kind, name in connection.exec_driver_sql(_PROGRAMS)]

    def broken_links(self, connection: Connection) -> list[str]:
        return []  # never in between, since every link is checked when a row is written

    def back_up(self, version: int) -> str:
        """Into a schema of the same database, schemaN; an earlier copy is kept and the new one is numbered."""
        engine = self._engine(isolation="READ COMMITTED")
        try:
            with engine.begin() as connection:
                taken = set(inspect(connection).get_schema_names())
                names = (f"schema{version}" + (f"_{number}" if number else "") for number in range(len(taken) + 1))
                target = next(name for name in names if name not in taken)
                connection.exec_driver_sql(f"CREATE SCHEMA {target}")
                for table in inspect(connection).get_table_names():
                    quoted = connection.dialect.identifier_preparer.quote(table)
                    connection.exec_driver_sql(f"CREATE TABLE {target}.{quoted} AS TABLE {quoted}")
                return f"the schema {target} of {self.name}"
        except self.driver_errors as error:
            raise NotWritable(
                f"The copy that must precede the update of the project could not be written ({_reason(error)}); "
                "the project was left as it is."
            ) from error
        finally:
            engine.dispose()

    def close(self) -> None:
        """There are no private copies."""


def _code(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(original, "sqlstate", None) or "")


def _is(code: str, beginnings: tuple[str, ...]) -> bool:
    return bool(code) and code.startswith(beginnings)


def _lost(error: Exception, code: str) -> bool:
    """Whether the connection is gone, or was never had: then the driver has no code of the server's, or its last."""
    return _is(code, _GONE) or (isinstance(error, DBAPIError) and (error.connection_invalidated or not code))


def _reason(error: Exception) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    log.debug("the database refused something", exc_info=error)
    return " ".join(said.split()).rstrip(".")[:160]
