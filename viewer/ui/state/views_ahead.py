"""Frames at the view's size, made on a reading thread before they are shown, so that their paint finds them."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.core.resample import Pyramid
    from viewer.reading.frame import Frame
    from viewer.reading.series import FrameRef
    from viewer.ui.canvas.next_view import NextView
    from viewer.ui.canvas.ready_levels import ReadyLevels

MOST_VIEWS = 8
MOST_BYTES = 64 * 2**20  # of four neighbours in one view of 2560 x 1440, two bytes a pixel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Made:
    """size_bytes: of the view and its levels."""

    pyramid: "Pyramid"
    levels: "ReadyLevels | None"
    size_bytes: int


class ViewsAhead:
    """A few pyramids, each with one view made beforehand. Thread-safe; what is not there the view makes itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[FrameRef, _Made] = OrderedDict()
        self._wished: tuple[FrameRef, ...] = ()

    def wish(self, refs: "Iterable[FrameRef]") -> None:
        """Those that may be shown next, nearest first: they go last when there is no more room."""
        with self._lock:
            self._wished = tuple(refs)

    def get(self, ref: "FrameRef") -> "Pyramid | None":
        """The pyramid of a frame that was made ready."""
        with self._lock:
            found = self._made.get(ref)
            return None if found is None else found.pyramid

    def levels(self, ref: "FrameRef") -> "ReadyLevels | None":
        """What a frame that was made ready would look like."""
        with self._lock:
            found = self._made.get(ref)
            return None if found is None else found.levels

    def make(self, ref: "FrameRef", frame: "Frame", pyramid: "Pyramid | None", view: "NextView") -> None:
        """Have a frame ready as a view would show it; on a reading thread. pyramid: the frame's own, if there is."""
        transform, size_bytes, before = view.transform(frame), view.size_bytes(frame), self.levels(ref)
        made = pyramid if pyramid is not None else self.get(ref)
        if made is None or made.stored is not frame.stored:
            made = pyramid_of(frame)
        if not made.has_ready(transform, smooth=view.smooth):
            if not self._make_room(ref, size_bytes):
                return
            made.make_ready(transform, smooth=view.smooth)
        levels = view.levels(frame, made, before)
        with self._lock:
            self._made[ref] = _Made(pyramid=made, levels=levels, size_bytes=size_bytes)
            self._made.move_to_end(ref)

    def drop(self, refs: "Iterable[FrameRef]") -> None:
        """Hold these no longer."""
        with self._lock:
            for ref in refs:
                self._made.pop(ref, None)

    def known(self) -> "tuple[FrameRef, ...]":
        """The frames that something is held of."""
        with self._lock:
            return tuple(self._made)

    def _make_room(self, ref: "FrameRef", size_bytes: int) -> bool:
        """Let go of what nobody wishes for, the longest ago first, until one more has room; False if it never has."""
        with self._lock:
            self._made.pop(ref, None)
            for other in [one for one in self._made if one not in self._wished]:
                if self._has_room(size_bytes):
                    break
                del self._made[other]
            return self._has_room(size_bytes)

    def _has_room(self, size_bytes: int) -> bool:
        held_bytes = sum(one.size_bytes for one in self._made.values())
        return len(self._made) < MOST_VIEWS and held_bytes + size_bytes <= MOST_BYTES


def pyramid_of(frame: "Frame") -> "Pyramid":
    """The pyramid of a frame's stored values, with none of its smaller levels made yet."""
    from viewer.core.resample import Pyramid
    from viewer.core.windowing import no_image_mask

    facts = frame.facts
    return Pyramid(frame.stored, no_image_mask(frame.stored, facts), indexed=facts.palette is not None)
