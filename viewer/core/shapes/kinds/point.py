"""A point: one place, without an extent."""

from dataclasses import dataclass
from typing import ClassVar

from viewer.core.shapes.outlined import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePoint(Line):
    """One place, drawn as a cross."""

    kind: ClassVar[str] = "point"
    plural: ClassVar[str] = "points"
    icon: ClassVar[str] = "point"
    most: ClassVar[int | None] = 1

    def words(self) -> str:
        ((x, y),) = self.points_px
        return f"{self.kind} · x {x:.1f}, y {y:.1f} px"
