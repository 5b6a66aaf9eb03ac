"""Which presentation state a view applies, and whether it draws shutters. Display only; nothing is kept or written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from viewer.core.covering import Cover, cover_of
from viewer.core.pixels import PixelFacts
from viewer.core.presentation import Presented, without_shutter

SHUTTER_ON, SHUTTER_OFF = "Shutter drawn", "Shutter removed"


@dataclass(slots=True, kw_only=True, eq=False)
class Presenting:
    """offered: the states about the shown image. key: the chosen one, kept while scrolling. shutter_on: it is drawn.

    has_shutter: there is one, drawn or not. cover: what it hides now. presented_facts: what the display went by last.
    """

    offered: tuple[Presented, ...] = ()
    key: str = ""
    shutter_on: bool = True
    has_shutter: bool = False
    cover: Cover | None = None
    presented_facts: PixelFacts | None = None
    _own: PixelFacts | None = field(default=None)

    @property
    def applied(self) -> Presented | None:
        """The state that is applied, None for the file's own presentation."""
        return next((state for state in self.offered if state.key == self.key), None)

    def show(self, facts: PixelFacts, offered: Sequence[Presented]) -> None:
        """Another image with its own facts and the states about it."""
        self._own, self.offered = facts, tuple(offered)

    def facts(self) -> PixelFacts:
        """What the display goes by; only asked for while an image is shown."""
        assert self._own is not None
        applied = self.applied
        shown = self._own if applied is None else applied.facts
        cover = cover_of(shown)
        self.has_shutter = cover is not None
        self.cover = cover if self.shutter_on else None
        self.presented_facts = shown if self.shutter_on else without_shutter(shown)
        return self.presented_facts

    def step(self) -> None:
        """The next state, after the last one the file's own presentation again."""
        keys = ["", *(state.key for state in self.offered)]
        self.key = keys[(keys.index(self.key) + 1) % len(keys)] if self.key in keys else keys[min(1, len(keys) - 1)]

    def reset(self) -> None:
        """As at the start: no state, shutters drawn."""
        self.key, self.shutter_on = "", True

    def forget(self) -> None:
        """Nothing is shown any more: no state, nothing covered, as at the start."""
        self.reset()
        self.offered, self.has_shutter = (), False
        self.cover = self.presented_facts = self._own = None

    def words(self) -> tuple[str, ...]:
        """What the corner says: which states there are, which is applied, and whether a shutter hides pixels."""
        applied = self.applied
        lines = []
        if applied is not None:
            lines.append(f"Presentation state: {applied.label}")
        elif self.offered:
            names = ", ".join(state.label for state in self.offered)
            lines.append(f"Presentation state: {names} · not applied")
        if self.has_shutter:
            lines.append(SHUTTER_ON if self.shutter_on else SHUTTER_OFF)
        return tuple(lines)
