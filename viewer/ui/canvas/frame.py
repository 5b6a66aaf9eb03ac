"""What a view needs of a frame."""

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from viewer.core.pixels import FrameIdentity, PixelFacts

# Why a view is painted, the most telling first: a new frame brings new overlays, a drag of the window a tool's preview.
CAUSES = ("show", "frame", "window", "view", "stroke", "heat", "overlays", "text", "tool", "expose")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlace:
    """Where in its series a frame stands, and what is known of it beside its file.

    index: from 0. faults: lines that name what is wrong with the series here. patient: the id that the project gives
    its patient, "" where the file itself has one or nobody does.
    """

    index: int = 0
    count: int = 1
    faults: tuple[str, ...] = ()
    patient: str = ""


class ShownFrame(Protocol):
    """What a view needs of a frame; `viewer.reading.frame.Frame` has it."""

    @property
    def stored(self) -> NDArray[Any]: ...
    @property
    def facts(self) -> PixelFacts: ...
    @property
    def identity(self) -> FrameIdentity: ...
