"""Rows of a database as data whose type is checked: a flipped bit or a stranger's file makes any value of any kind.

SQLite keeps a value of another type than its column's (https://www.sqlite.org/datatype3.html), so the columns of
`schema` check what they read; what is inside a value (JSON, runs of a mask) is read within `as_stored`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Boolean, Dialect, Float, Integer, LargeBinary
from sqlalchemy import Text as PlainText
from sqlalchemy.exc import SQLAlchemyError

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadProject

ADVICE = "its bytes on the disk have changed; `negatoscope project verify` lists what else has, a backup may hold it"


class UnsoundValue(ValueError):
    """A column holds a value of a type that it never had."""


@contextmanager
def as_stored(what: str) -> Iterator[None]:
    """Turn whatever reading a stored value raises into BadProject. what: the thing with its place, for the sentence."""
    try:
        with at_boundary(what, error=BadProject, advice=ADVICE):
            yield
    except BadProject as error:
        if isinstance(error.__cause__, SQLAlchemyError):  # not what was read, but the reading: `Database` has its words
            raise error.__cause__ from None
        raise
    except AppError as error:  # a box without width, a run outside of its image
        raise BadProject(f"{what} cannot be read ({str(error).rstrip('.')}); {ADVICE}.") from error


def _checked(kinds: tuple[type, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value is None or isinstance(value, kinds):
            return value
        raise UnsoundValue(f"a {type(value).__name__} stands where {kinds[0].__name__} belongs")

    return check


_word, _whole, _number, _block = _checked((str,)), _checked((int,)), _checked((float, int)), _checked((bytes,))


class Text(PlainText):
    """Text that is text when it is read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return _word


class WholeNumber(Integer):
    """A whole number that is one when it is read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return _whole


class BigWholeNumber(BigInteger):
    """The same with 64 bits on every database."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return _whole


class Number(Float[float]):
    """A number that is one when it is read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return _number


class Truth(Boolean):
    """Yes or no, 0 or 1 in SQLite."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return lambda value: None if value is None else bool(_whole(value))


class Block(LargeBinary):
    """Bytes that are bytes when they are read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Called by SQLAlchemy for each value of a result."""
        return _block
