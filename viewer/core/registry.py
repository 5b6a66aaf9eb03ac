"""Literal registries: a dict of name to "module:attribute", resolved in one place."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from viewer.core.errors import UnknownName


def load(table: Mapping[str, str], name: str) -> Any:
    """The object a row names. Raises UnknownName with the names there are."""
    module, _, attribute = _row(table, name).partition(":")
    return getattr(_module(module), attribute)


def load_module(table: Mapping[str, str], name: str) -> ModuleType:
    """The module a row names, where rows name no attribute. Raises UnknownName with the names there are."""
    return _module(_row(table, name))


@cache
def _module(name: str) -> ModuleType:
    """Kept: 100,000 shapes that are read or taken back each ask for their kind, a tenth of what that takes."""
    return import_module(name)


def _row(table: Mapping[str, str], name: str) -> str:
    """A row. `name` may come from a file: only what stands in the table is ever imported."""
    if name not in table:
        raise UnknownName(f"There is no {name!r}; choose one of {', '.join(table)}.")
    return table[name]
