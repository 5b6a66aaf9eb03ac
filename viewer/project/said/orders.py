"""The orders that a list of cases can have by what a model has said of them. Cases without it come last, as filed."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from viewer.project.said.short import Short

AS_FILED = "filed"
# Each gives what is sorted by, the least first; None of an answer that has it not.
ORDERS: "dict[str, Callable[[Short], float | None]]" = {
    "score": lambda said: None if said.score is None else -said.score,
    "uncertainty": lambda said: said.margin,
    "disagreement": lambda said: None if said.differs is None else -len(said.differs),
}
ORDER_WORDS = {
    AS_FILED: "As filed",
    "score": "Highest score first",
    "uncertainty": "Least certain first",
    "disagreement": "Disagreement first",
}

T = TypeVar("T")


def in_order(rows: Iterable[T], order: str, said: "Callable[[T], Short | None]") -> list[T]:
    """The rows in one of `ORDERS`; equal ones, and all of `AS_FILED`, stay as they come."""
    key = ORDERS.get(order)
    if key is None:
        return list(rows)

    def place(row: T) -> tuple[bool, float]:
        short = said(row)
        value = None if short is None else key(short)
        return value is None, 0.0 if value is None else value

    return sorted(rows, key=place)
