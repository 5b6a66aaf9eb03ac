"""Literal registries: a dict of name to "module:attribute", resolved in one place."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from viewer.core.errors import UnknownName


def load(table: Mapping[str, str], name: str) -> Any:
    """The object a row names. Raises UnknownName with the names there are."""
    if name not in table:
        raise UnknownName(f"There is no {name!r}; choose one of {', '.join(table)}.")
    module, _, attribute = table[name].partition(":")
    return getattr(import_module(module), attribute)
