"""On whose behalf a thread decodes: what is abandoned ends at once, whatever a codec is doing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Abandoned(BaseException):
    """Nobody wants the image any more: its study or its window was closed. No fault of the file, so no Exception: what
    makes sentences of them or collects bad files must not take it for one, as with asyncio's CancelledError."""


class Errand:
    """One asker. Within `with errand:` all decodes of this thread are its own. ahead: what it reads is not yet wanted
    on the screen, so others go first."""

    def __init__(self, *, ahead: bool = False) -> None:
        self.ahead = ahead
        self._lock = threading.Lock()
        self._abandoned = False
        self._endings: list[Callable[[], None]] = []

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._abandoned

    def abandon(self) -> None:
        """End what it does and refuse what it would begin. Returns at once; threads on it get `Abandoned`."""
        with self._lock:
            self._abandoned = True
            for end in self._endings:
                end()

    def check(self) -> None:
        """Raises Abandoned when it was."""
        if self._abandoned:
            raise Abandoned("closed before it was decoded")

    @contextmanager
    def ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        """While inside, abandoning calls `end`, which must not wait. Raises Abandoned when it was before."""
        with self._lock:
            self.check()
            self._endings.append(end)
        try:
            yield
        finally:
            with self._lock:
                self._endings.remove(end)

    def __enter__(self) -> "Errand":
        _here.errands.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _here.errands.pop()


class _Here(threading.local):
    """The errands this thread is on, the innermost last."""

    def __init__(self) -> None:
        self.errands: list[Errand] = []


_here = _Here()


def current() -> Errand:
    """The errand of this thread; one of its own where nobody set one."""
    return _here.errands[-1] if _here.errands else Errand()
