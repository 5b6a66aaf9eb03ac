"""Typed announcements without Qt."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Event(Generic[T]):
    """A list of listeners; payloads say what changed. Call `connect`, later `disconnect`."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def connect(self, listener: Callable[[T], None]) -> None:
        """Listen from now on."""
        self._listeners.append(listener)

    def disconnect(self, listener: Callable[[T], None]) -> None:
        """Stop listening."""
        self._listeners.remove(listener)

    def emit(self, payload: T) -> None:
        """Tell every listener, in the order they connected."""
        for listener in tuple(self._listeners):
            listener(payload)
