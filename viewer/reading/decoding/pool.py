"""The decoding children of this process: a few of each kind, warm, lent to one thread at a time, replaced when dead."""

import atexit
import os
import threading
from collections import Counter, defaultdict
from typing import Any

from numpy.typing import NDArray

from viewer.reading.decoding.child import Child, ChildEnded, Limits
from viewer.reading.decoding.errand import Errand, current

# For what is read ahead as many as the store has reading threads; they give way to the window. And one that does not,
# for what is on the screen: it never waits behind the others. A child takes 25 MiB of its own.
AHEAD, SCREEN = 2, 1
CHILDREN = AHEAD + SCREEN

Lane = tuple[str, bool]  # kind of child, whether it gives way


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
        self._idle: dict[Lane, list[Child]] = defaultdict(list)
        self._count: Counter[Lane] = Counter()
        self._waiting: dict[str, list[Errand]] = defaultdict(list)

    def ask(
        self, kind: str, asked: dict[str, Any], data: bytes, limits: Limits
    ) -> tuple[dict[str, Any], NDArray[Any] | None]:
        """Have a child of this kind do it. Raises ChildEnded, or Abandoned when the thread's errand was."""
        errand = current()
        with errand.ended_by(self.wake):
            child = self._take(kind, errand)
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
            self._put_back(child, good=good)

    def warm(self, kind: str = "streams", count: int = CHILDREN) -> None:
        """Have children ready before the first image: they need a quarter of a second. Returns when they are started;
        the one for the screen is the first."""
        for lane in ((kind, False), (kind, True)):
            while True:
                with self._turn:
                    there = sum(self._count[one] for one in ((kind, False), (kind, True)))
                    if there >= count or self._count[lane] >= _most(lane):
                        break
                    self._count[lane] += 1
                child = self._start(lane)
                with self._turn:
                    self._idle[lane].insert(0, child)
                    self._turn.notify_all()

    def pids(self, kind: str = "streams") -> list[int]:
        """The process ids of the children that can be asked or are being asked."""
        with self._turn:
            return [child.pid for child in self._all if child.kind == kind and child.is_usable()]

    def busy(self, kind: str = "streams") -> list[int]:
        """The process ids of those that are being asked."""
        with self._turn:
            return [one.pid for one in self._all if one.kind == kind and one not in self._idle[_lane(one)]]

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

    def wake(self) -> None:
        """Have those that wait for a child look again: an errand was abandoned, or is in a hurry now."""
        with self._turn:
            self._turn.notify_all()

    def _take(self, kind: str, errand: Errand) -> Child:
        """A child for this errand. Waits for its turn; raises Abandoned."""
        with self._turn:
            waiting = self._waiting[kind]
            waiting.append(errand)
            try:
                while (found := self._find(kind, errand)) is None:
                    self._turn.wait()
                    errand.check()
            finally:
                waiting.remove(errand)
                self._turn.notify_all()
            if isinstance(found, Child):
                return found
            self._count[found] += 1
        return self._start(found)

    def _find(self, kind: str, errand: Errand) -> Child | Lane | None:
        """An idle child, the lane in which one may be started, or None: wait."""
        screen, ahead = (kind, False), (kind, True)
        if errand.ahead and any(not other.ahead for other in self._waiting[kind]):
            return None
        for lane in (ahead,) if errand.ahead else (screen, ahead):
            child = self._idle_one(lane)
            if child is not None:
                return child
            # To start one takes as much of a core as several images: not while one for the screen is being decoded.
            is_in_the_way = errand.ahead and self._count[screen] > len(self._idle[screen])
            if self._count[lane] < _most(lane) and not is_in_the_way:
                return lane
        return None

    def _idle_one(self, lane: Lane) -> Child | None:
        while self._idle[lane]:
            child = self._idle[lane].pop()
            if child.is_usable():
                return child
            self._remove(child)  # somebody else ended it
            child.close()
        return None

    def _start(self, lane: Lane) -> Child:
        """A new child; the place for it was taken before."""
        kind, gives_way = lane
        try:
            child = Child(kind, gives_way=gives_way)
        except BaseException:
            with self._turn:
                self._count[lane] -= 1
                self._turn.notify_all()
            raise
        with self._turn:
            self._all.add(child)
        return child

    def _put_back(self, child: Child, *, good: bool) -> None:
        with self._turn:
            if good and child.is_usable():
                self._idle[_lane(child)].append(child)
                self._turn.notify_all()
                return
            self._remove(child)
        child.close()

    def _remove(self, child: Child) -> None:
        self._all.discard(child)
        self._count[_lane(child)] -= 1
        self._turn.notify_all()


def _lane(child: Child) -> Lane:
    return child.kind, child.gives_way


def _most(lane: Lane) -> int:
    return AHEAD if lane[1] else SCREEN


POOL = Pool()
atexit.register(POOL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=POOL.forget)
