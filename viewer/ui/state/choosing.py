"""What a flow asks of the person before the window. What shows it is the window's to say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from viewer.ui.state.shown import ShownImage

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


class Person(Protocol):
    """Who sits before the window, as far as flows ask."""

    def offer_adding(self) -> None:
        """Ask what of all that is open shall enter the project."""

    def offer_relinking(self) -> None:
        """Ask for the folder in which missing pictures are looked for."""

    def offer_asking(self) -> None:
        """Ask how a model shall be asked about the cases of the list."""

    def agrees_to_enter(self, shown: "ShownImage") -> bool:
        """Whether an image whose answer is decided on may enter the project."""


class Nobody:
    """Before a window is there, and where a program drives the session: it decides itself, so nothing is asked."""

    def offer_adding(self) -> None:
        """Nobody is there to choose."""

    def offer_relinking(self) -> None:
        """Nobody is there to choose."""

    def offer_asking(self) -> None:
        """Nobody is there to choose."""

    def agrees_to_enter(self, shown: "ShownImage") -> bool:
        """Whoever decides on an answer by a program means the image too."""
        return True
