"""A heatmap as a model gives it: unscaled, at model resolution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.units import compact, number

# Fixed wording; it stands beside every heatmap.
NOT_A_DIAGNOSIS = "Not a diagnosis. The heatmap shows influence on the score, not the location of disease."

NO_EVIDENCE = "No positive evidence"
OUTSIDE_ITS_DOMAIN = "Outside its domain"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatMap:
    """Evidence for one class on one image.

    grid: (row, col) float32, unscaled, in logits, at model resolution. Negative values are kept.
    x0_px, y0_px, x1_px, y1_px: the part of the image the grid covers, in continuous image points.
    checks: words such as "Map not checked". outside_domain: the mismatch in words when a person chose "Run anyway".
    """

    image_id: str
    model_hash: str
    label: str
    method: str
    layer: str
    grid: NDArray[np.float32]
    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float
    checks: str = "Map not checked"
    outside_domain: str = ""

    @property
    def maximum_logit(self) -> float:
        """The unscaled maximum; at or below 0 means "no positive evidence"."""
        return float(self.grid.max())

    @property
    def worth_words(self) -> str:
        """What is known of the map's worth, with its unscaled maximum: colours alone say nothing of either."""
        top = self.maximum_logit
        value = number(top, digits=2) if top == 0 or abs(top) >= 0.01 else compact(top)
        return f"{self.checks} · unscaled maximum {value} logit"

    @property
    def stamps(self) -> tuple[str, ...]:
        """What must stand on the picture itself, so that no copy of it loses it."""
        nothing = (NO_EVIDENCE,) if self.maximum_logit <= 0 else ()
        return (*nothing, OUTSIDE_ITS_DOMAIN) if self.outside_domain else nothing
