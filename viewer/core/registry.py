"""Literal registries: a dict of name to "module:attribute", resolved in one place."""

import sys
from collections.abc import Mapping
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


def _module(name: str) -> ModuleType:
    """As `import_module`, but at a tenth of its cost where it is there: of 100,000 shapes each asks for its kind."""
    found = sys.modules.get(name)
    if found is None or getattr(found.__spec__, "_initializing", False):  # another thread may be loading it
        return import_module(name)
    return found


def _row(table: Mapping[str, str], name: str) -> str:
    """A row. `name` may come from a file: only what stands in the table is ever imported."""
    if name not in table:
        raise UnknownName(f"There is no {name!r}; choose one of {', '.join(table)}.")
    return table[name]
