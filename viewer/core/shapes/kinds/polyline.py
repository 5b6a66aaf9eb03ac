"""A polyline: an open line from point to point, without an area."""

from dataclasses import dataclass
from typing import ClassVar

from viewer.core.shapes.outlined import Line, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline(Line):
    """From its first point to its last, at least two."""

    kind: ClassVar[str] = "polyline"
    plural: ClassVar[str] = "polylines"
    icon: ClassVar[str] = "polyline"
    fewest: ClassVar[int] = 2
    fewest_words: ClassVar[str] = (
        "A polyline keeps at least two points. To remove it whole, click on its line, then press Delete."
    )

    def corners(self) -> Points:
        return self.points_px
