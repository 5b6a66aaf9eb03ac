"""A heatmap as a model gives it: unscaled, at model resolution, with the scale its colours go by."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.units import MINUS, number

# Fixed wording; it stands beside every heatmap.
NOT_A_DIAGNOSIS = "Not a diagnosis. The heatmap shows influence on the score, not the location of disease."

NO_EVIDENCE = "No positive evidence"
OUTSIDE_ITS_DOMAIN = "Outside its domain"
# A map's values are logits where they and a constant add up to the logit, and in the unit of a number where they add up
# to that; else they can only be compared with each other, and only within one model, class and method.
LOGIT, ARBITRARY = "logit", "arbitrary units"
SAID_UNITS = {LOGIT: "score points"}  # of a unit that its own name tells nobody
SHORT_UNITS = {ARBITRARY: "a.u.", LOGIT: "points"}  # where there is no room for the word
UNIT_HELP = {
    LOGIT: "Score points (logits) are what the model adds up before it turns their sum into a score from 0 to 1. The "
    "points of this map and a constant make that sum.",
    ARBITRARY: "Arbitrary units: its numbers can be compared with each other only, within one model, class and method.",
}
OWN_SCALE = "full colour is this image's own maximum"
SIGNIFICANT = 3  # digits of a scale's top; every other number of the map has as many after the point
MOST_DIGITS = 6  # after the point; a smaller scale is written with an exponent


# What stands behind "Map not checked", for whoever asks.
NOT_CHECKED_MEANS = (
    "Checking a map is to test that it follows what the model has learnt: that it changes when the model's weights are "
    "made random, and that the score falls when the marked part is covered. This version has no command that does it, "
    "so no map is checked: read it as influence on the score, and not as the place of a finding."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLayer:
    """A layer that a map may be read from. name: dotted, as the network has it. rows, cols: of its map's cells."""

    name: str
    rows: int
    cols: int

    @property
    def words(self) -> str:
        """ "layer3 · 14 × 14 cells"."""
        return f"{self.name} · {self.cols} × {self.rows} cells"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatMap:
    """Evidence for one class on one image.

    grid: (row, col) float32, unscaled, in `unit`, at model resolution. Negative values are kept.
    x0_px, y0_px, x1_px, y1_px: the part of the image the grid covers, in continuous image points.
    checks: words such as "Map not checked". outside_domain: the mismatch in words when a person chose "Run anyway".
    unit: LOGIT, that of a number which is explained, or ARBITRARY. scale_top: the value that full colour stands for,
    one for each model, class and method; None where the model knows none. scale_from: where that comes from, such as
    "the largest of 32 validation images"; scale_image: the id of that image, "" where it was not kept.
    same_as: the titles of other methods that give just this map on this image. layers: those that a map of this model
    may be read from, as it goes through them.
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
    unit: str = ARBITRARY
    scale_top: float | None = None
    scale_from: str = ""
    scale_image: str = ""
    same_as: tuple[str, ...] = ()
    layers: tuple[MapLayer, ...] = ()

    def is_read_from(self, layer: str) -> bool:
        """Whether it is of this layer, or of what a ReLU makes of it."""
        return self.layer in (layer, f"relu({layer})")

    @property
    def maximum(self) -> float:
        """The unscaled maximum; at or below 0 means "no positive evidence"."""
        return float(self.grid.max())

    @property
    def top(self) -> float:
        """The value that full colour stands for: of the model, class and method, else this map's own maximum."""
        known = self.scale_top is not None and math.isfinite(self.scale_top) and self.scale_top > 0
        return float(self.scale_top) if known and self.scale_top is not None else max(self.maximum, 0.0)

    @property
    def has_own_scale(self) -> bool:
        """Whether full colour is this image's own maximum, which says nothing of strength."""
        return self.scale_top is None or self.top != self.scale_top

    def amount(self, value: float) -> str:
        """A value of this map without its unit. All of one map have the same digits after the point."""
        size = self.top or abs(self.maximum)
        # A float32 of 0.01 is a little less, and still a size of two digits after the point.
        digits = SIGNIFICANT - 1 - math.floor(math.log10(size * (1 + 1e-6))) if size > 0 else SIGNIFICANT - 1
        if digits > MOST_DIGITS:
            return f"{value:.{SIGNIFICANT - 1}e}".replace("-", MINUS)
        digits = max(0, digits)
        least = 10.0**-digits
        if 0 < abs(value) < least / 2:
            side = "less than" if value > 0 else "above"
            return f"{side} {number(math.copysign(least, value), digits=digits)}"
        return number(value, digits=digits)

    @property
    def unit_words(self) -> str:
        """The unit as it is said."""
        return SAID_UNITS.get(self.unit, self.unit)

    @property
    def unit_help(self) -> str:
        """What the unit is, in a sentence; "" of a unit that is known."""
        return UNIT_HELP.get(self.unit, "")

    @property
    def cell_words(self) -> str:
        """How fine the map is, which no picture of it shows: "4 × 4 cells"."""
        rows, cols = self.grid.shape
        return f"{cols} × {rows} cells"

    @property
    def maximum_words(self) -> str:
        """The maximum with its unit, such as "0.05 score points"."""
        return f"{self.amount(self.maximum)} {self.unit_words}"

    @property
    def scale_words(self) -> str:
        """What full colour stands for, and where that comes from."""
        if self.has_own_scale:
            return f"{OWN_SCALE}, be it weak or strong" if self.maximum > 0 else ""
        more = ", and above" if self.maximum > self.top else ""
        return f"full colour {self.amount(self.top)} {self.unit_words}{more}, {self.scale_from or 'of this model'}"

    @property
    def legend(self) -> tuple[str, ...]:
        """For a picture without a colour bar: what is known of its worth, its maximum and scale; colours say none."""
        if not self.has_own_scale:
            more = " and above" if self.maximum > self.top else ""
            amounts = (
                f"maximum {self.amount(self.maximum)}, full colour {self.amount(self.top)} {self.unit_words}{more}"
            )
            return (f"{self.checks} · {amounts}",)
        own = (OWN_SCALE,) if self.maximum > 0 else ()
        return (f"{self.checks} · maximum {self.maximum_words}", *own)

    @property
    def top_words(self) -> str:
        """What full colour stands for, with its unit, beside a colour bar."""
        return f"{self.amount(self.top)} {SHORT_UNITS.get(self.unit, self.unit)}"

    @property
    def picture_lines(self) -> tuple[str, ...]:
        """The legend of a view, whose colour bar has the numbers of the scale: short facts, one a line."""
        above = ("above the scale",) if self.maximum > self.top > 0 else ()
        own = ("scale: this image's own",) if self.has_own_scale and self.maximum > 0 else ()
        unit = SHORT_UNITS.get(self.unit, self.unit)
        return (self.checks, f"maximum {self.amount(self.maximum)} {unit}", *above, *own)

    @property
    def worth_words(self) -> str:
        """The legend in one line."""
        return " · ".join(self.legend)

    @property
    def same_words(self) -> str:
        """That other methods give the same map: their agreement is no confirmation. "" where none does."""
        if not self.same_as:
            return ""
        *others, last = self.same_as
        names = f"{', '.join(others)} and {last}" if others else last
        verb = "give" if others else "gives"
        return f"{names} {verb} the same map here, so that they agree says nothing."

    @property
    def stamps(self) -> tuple[str, ...]:
        """What must stand on the picture itself, so that no copy of it loses it."""
        nothing = (NO_EVIDENCE,) if self.maximum <= 0 else ()
        return (*nothing, OUTSIDE_ITS_DOMAIN) if self.outside_domain else nothing
