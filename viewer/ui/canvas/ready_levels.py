"""What a view will most likely show of a frame, worked out before: its levels, and all that decides them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import ViewTransform
from viewer.core.pixels import LookupTable, PixelFacts, Window
from viewer.core.resample import Pyramid
from viewer.core.windowing import DisplayTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyLevels:
    """levels: (view row, view col[, 3]) uint8 of a frame that nothing covers. pyramid, transform, smooth: what gave the
    stored values; table: what they went through. invert: the person's own inversion, on top of the file's.
    """

    levels: NDArray[np.uint8]
    pyramid: Pyramid
    transform: ViewTransform
    smooth: bool
    table: DisplayTable
    invert: bool

    def table_of(self, facts: PixelFacts, window: Window | LookupTable, *, invert: bool) -> DisplayTable | None:
        """The table, where it is the one of these facts (the same object), window and inversion."""
        table = self.table
        same = table.facts is facts and table.window == window and self.invert == invert
        return table if same else None

    def levels_of(
        self, pyramid: Pyramid, transform: ViewTransform, table: DisplayTable, *, smooth: bool
    ) -> NDArray[np.uint8] | None:
        """The levels, where they are these values at this place through this very table."""
        values = self.pyramid is pyramid and self.transform == transform and self.smooth == smooth
        return self.levels if values and self.table is table else None
