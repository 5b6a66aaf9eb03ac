"""The decoding children of this process: a few of each kind, warm, lent to one thread at a time, replaced when dead."""

import atexit
import os
import threading
from collections import Counter, defaultdict
from typing import Any

from numpy.typing import NDArray

from viewer.reading.decoding.child import Child, ChildEnded, Limits
from viewer.reading.decoding.errand import Errand, current

# As many as the store has reading threads, and one more for what is on the screen: it never waits behind what is read
# ahead. A child takes 25 MiB of its own.
AHEAD, CHILDREN = 2, 3


class Pool:
    """Thread-safe."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Have no children, without ending any: in a forked process they are the parent's."""
        for child in getattr(self, "_all", ()):
            child.disown()
        self._turn = threading.Condition()
        self._all: set[Child] = set()
        self._idle: dict[str, list[Child]] = defaultdict(list)
        self._count: Counter[str] = Counter()
        self._ahead: Counter[str] = Counter()
        self._waiting: dict[str, list[Errand]] = defaultdict(list)

    def ask(
        self, kind: str, asked: dict[str, Any], data: bytes, limits: Limits
    ) -> tuple[dict[str, Any], NDArray[Any] | None]:
        """Have a child of this kind do it. Raises ChildEnded, or Abandoned when the thread's errand was."""
        errand = current()
        with errand.ended_by(self.wake):
            child, ahead = self._take(kind, errand)
        good = False
        try:
            with errand.ended_by(child.kill):
                answer = child.ask(asked, data, limits)
                good = True
                return answer
        except ChildEnded:
            errand.check()
            raise
        finally:
            self._put_back(child, good=good, ahead=ahead)

    def warm(self, kind: str = "streams", count: int = CHILDREN) -> None:
        """Have children ready before the first image: they need a third of a second. Returns when they are started."""
        for _ in range(count):
            with self._turn:
                if self._count[kind] >= count:
                    return
                self._count[kind] += 1
            child = self._start(kind)
            with self._turn:
                self._idle[kind].insert(0, child)
                self._turn.notify_all()

    def pids(self, kind: str = "streams") -> list[int]:
        """The process ids of the children that can be asked or are being asked."""
        with self._turn:
            return [child.pid for child in self._all if child.kind == kind and child.is_usable()]

    def busy(self, kind: str = "streams") -> list[int]:
        """The process ids of those that are being asked."""
        with self._turn:
            return [child.pid for child in self._all if child.kind == kind and child not in self._idle[kind]]

    def close(self) -> None:
        """End every child, those that decode too; whoever waits for one gets ChildEnded. More are started if asked."""
        with self._turn:
            idle = [child for children in self._idle.values() for child in children]
            self._idle.clear()
            for child in self._all - set(idle):
                child.kill()  # its thread closes it
            for child in idle:
                self._remove(child)
            self._turn.notify_all()
        for child in idle:
            child.close()

    def _take(self, kind: str, errand: Errand) -> tuple[Child, bool]:
        """(a child, whether it counts as one that reads ahead). Waits for its turn; raises Abandoned."""
        with self._turn:
            waiting = self._waiting[kind]
            waiting.append(errand)
            try:
                while self._is_held_back(kind, errand):
                    self._turn.wait()
                    errand.check()
                child = self._idle_one(kind)
            finally:
                waiting.remove(errand)
                self._turn.notify_all()
            ahead = errand.ahead
            self._ahead[kind] += ahead
            if child is not None:
                return child, ahead
            self._count[kind] += 1
        try:
            return self._start(kind), ahead
        except BaseException:
            with self._turn:
                self._ahead[kind] -= ahead
            raise

    def _is_held_back(self, kind: str, errand: Errand) -> bool:
        others = [other for other in self._waiting[kind] if not other.ahead]
        if errand.ahead and (others or self._ahead[kind] >= AHEAD):
            return True
        return not self._idle[kind] and self._count[kind] >= CHILDREN

    def _idle_one(self, kind: str) -> Child | None:
        while self._idle[kind]:
            child = self._idle[kind].pop()
            if child.is_usable():
                return child
            self._remove(child)  # somebody else ended it
            child.close()
        return None

    def _start(self, kind: str) -> Child:
        """A new child; the place for it was taken before."""
        try:
            child = Child(kind)
        except BaseException:
            with self._turn:
                self._count[kind] -= 1
                self._turn.notify_all()
            raise
        with self._turn:
            self._all.add(child)
        return child

    def _put_back(self, child: Child, *, good: bool, ahead: bool) -> None:
        with self._turn:
            self._ahead[child.kind] -= ahead
            if good and child.is_usable():
                self._idle[child.kind].append(child)
                self._turn.notify_all()
                return
            self._remove(child)
        child.close()

    def _remove(self, child: Child) -> None:
        self._all.discard(child)
        self._count[child.kind] -= 1
        self._turn.notify_all()

    def wake(self) -> None:
        """Have those that wait for a child look again: an errand was abandoned, or is in a hurry now."""
        with self._turn:
            self._turn.notify_all()


POOL = Pool()
atexit.register(POOL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=POOL.forget)
