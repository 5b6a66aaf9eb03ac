"""A length: the distance of two points."""

from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts
from viewer.core.shapes.measurements import along_axes, length, length_source, spacing_for
from viewer.core.shapes.outlined import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Line):
    """From end to end."""

    kind: ClassVar[str] = "length"
    plural: ClassVar[str] = "lengths"
    icon: ClassVar[str] = "ruler"
    measures: ClassVar[bool] = True
    ends: ClassVar[bool] = True
    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = 2

    def quantities(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        spacing = spacing_for(self.points_px, facts)
        return (length(self.points_px, spacing).text, *along_axes(self.points_px, facts, spacing))

    def unit_sources(self, facts: PixelFacts) -> tuple[str, ...]:
        return (length_source(self.points_px, facts),)
