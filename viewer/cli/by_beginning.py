"""Which row a command means by the first digits of its id."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Row = TypeVar("Row")


def row_of(rows: Iterable[Row], wanted: str, id_of: Callable[[Row], str], noun: str) -> Row:
    """The only row whose id begins so. noun: what a row is, "object". Raises UnknownName, Ambiguous."""
    from viewer.core.errors import Ambiguous, UnknownName

    found = [row for row in rows if id_of(row).startswith(wanted)]
    if not found:
        raise UnknownName(f"No {noun} that is listed has an id that begins with {wanted}.")
    if len(found) > 1:
        raise Ambiguous(f"{len(found)} {noun}s have ids that begin with {wanted}; give more digits.")
    return found[0]
