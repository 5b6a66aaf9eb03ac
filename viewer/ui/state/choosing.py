"""A question with a few answers, asked while a decision is made. What shows it is the window's to say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """title: what is asked. detail: what the answers do, "" where they say it. choices: (words, value) in order."""

    title: str
    choices: tuple[tuple[str, T], ...]
    detail: str = ""


Ask = Callable[[Question[T], Callable[[T], None]], None]


def ask_nobody(_question: Question[T], _then: Callable[[T], None]) -> None:
    """Where there is no window nobody answers, and nothing is decided."""
