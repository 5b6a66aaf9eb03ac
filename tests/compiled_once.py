"""Statements are compiled once a session instead of once a connection, which took a fifth of a project's tests.

SQLAlchemy keeps what it compiled with the engine, and a project opened anew has engines of its own. All engines of the
tests that speak to the same kind of database are made alike, so what one has compiled is what the next would compile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

MOST_STATEMENTS = 2000


class _OfEveryEngine(LRUCache[Any, Any]):
    """Found by the name of the dialect, where SQLAlchemy looks by the dialect of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_named(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_named(key), compiled)


def _named(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, *rest)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Every engine that is made meanwhile takes part."""
    kept, begin = _OfEveryEngine(MOST_STATEMENTS), Engine.__init__

    def begin_sharing(engine: Engine, *arguments: Any, **options: Any) -> None:
        begin(engine, *arguments, **options)
        engine.update_execution_options(compiled_cache=kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", begin_sharing)
        yield
