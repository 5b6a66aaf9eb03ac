"""An angle at the second of three points."""

from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts
from viewer.core.shapes.measurements import angle, length_source, spacing_for
from viewer.core.shapes.outlined import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle(Line):
    """An end, the vertex, the other end."""

    kind: ClassVar[str] = "angle"
    plural: ClassVar[str] = "angles"
    icon: ClassVar[str] = "angle"
    measures: ClassVar[bool] = True
    ends: ClassVar[bool] = True
    fewest: ClassVar[int] = 3
    most: ClassVar[int | None] = 3

    def quantities(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        return (angle(self.points_px, spacing_for(self.points_px, facts), aspect=facts.pixel_aspect).text,)

    def unit_sources(self, facts: PixelFacts) -> tuple[str, ...]:
        return (length_source(self.points_px, facts),)
