"""A softcopy presentation state as it applies to one image: how to show it, and what is drawn over it.

PS3.3 A.33, C.10.4 to C.10.7, C.11. Display only: values, statistics and files stay as they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.compose import Layer
from viewer.core.pixels import PixelFacts, VoiFunction, Window
from viewer.core.shapes.outlined import Points
from viewer.core.shapes.outlines import Outline

# What a state without colours is drawn in: away from every label and from the file's own overlay planes.
GRAPHIC_COLOR = "#7FE0D0"
CURVE_STEPS = 72
Area = tuple[float, float, float, float]

# CIE XYZ (white D50) to linear sRGB (white D65), Bradford adapted (ICC.1 annex E, IEC 61966-2-1).
_D50_WHITE = (0.9642, 1.0, 0.8249)
_XYZ_TO_SRGB = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphicText:
    """Words of a state on an image.

    box_px: (x0_px, y0_px, x1_px, y1_px) in image points, None where only the anchor is given. align: "left", "center"
    or "right" within the box. anchor_px: what the words point at; shows_anchor: a line is drawn to it.
    """

    lines: tuple[str, ...]
    color: str = GRAPHIC_COLOR
    box_px: Area | None = None
    align: str = "left"
    anchor_px: tuple[float, float] | None = None
    shows_anchor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presented:
    """One image through one presentation state.

    key: tells states apart. facts: what the display goes by; readouts and statistics keep the image's own.
    quarter_turns, flipped: as `ViewTransform` means them. area_px: the part to fit into the view, None for all of it.
    colors: of graphic layers by name, for overlay planes. notes: what the state asks for and is not done, a sentence
    each.
    """

    key: str
    label: str
    facts: PixelFacts
    quarter_turns: int = 0
    flipped: bool = False
    area_px: Area | None = None
    outlines: tuple[Outline, ...] = ()
    fills: tuple[Layer, ...] = ()
    texts: tuple[GraphicText, ...] = ()
    colors: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def identity_window(facts: PixelFacts) -> Window:
    """The VOI step of a state that has none: every value the modality step can give, black to white (PS3.4 N.2.1.3)."""
    if facts.modality_lut is not None:
        top = 2.0**facts.modality_lut.bits
        return Window(center=top / 2, width=top, name="identity")
    low, high = (-(2.0 ** (facts.bits_stored - 1)), 2.0 ** (facts.bits_stored - 1) - 1)
    if not facts.signed:
        low, high = 0.0, 2.0**facts.bits_stored - 1
    ends = sorted(facts.rescale_slope * end + facts.rescale_intercept for end in (low, high))
    return Window(
        center=(ends[0] + ends[1]) / 2,
        width=max(ends[1] - ends[0], 1e-12),
        name="identity",
        function=VoiFunction.LINEAR_EXACT,
    )


def spatial_turn(rotation_degrees: int, *, flip: bool) -> tuple[int, bool]:
    """(quarter_turns, flipped) of a Spatial Transformation: turned clockwise, then mirrored (PS3.3 C.10.6).

    `ViewTransform` mirrors first; a mirror after a turn is the mirror before the opposite turn.
    """
    quarters = rotation_degrees // 90 % 4
    return (-quarters % 4, True) if flip else (quarters, False)


def circle_points(center: tuple[float, float], rim: tuple[float, float]) -> Points:
    """The corners of a circle through `rim`, in image points."""
    radius = math.dist(center, rim)
    turns = (2 * math.pi * step / CURVE_STEPS for step in range(CURVE_STEPS))
    return tuple((center[0] + radius * math.cos(t), center[1] + radius * math.sin(t)) for t in turns)


def ellipse_points(major: Sequence[tuple[float, float]], minor: Sequence[tuple[float, float]]) -> Points:
    """The corners of an ellipse given by the two ends of each axis, in image points."""
    (ax, ay), (bx, by) = major
    (cx, cy), (dx, dy) = minor
    middle_x, middle_y = (ax + bx) / 2, (ay + by) / 2
    along, across = ((bx - ax) / 2, (by - ay) / 2), ((dx - cx) / 2, (dy - cy) / 2)
    turns = [2 * math.pi * step / CURVE_STEPS for step in range(CURVE_STEPS)]
    return tuple(
        (
            middle_x + along[0] * math.cos(t) + across[0] * math.sin(t),
            middle_y + along[1] * math.cos(t) + across[1] * math.sin(t),
        )
        for t in turns
    )


def curve_points(points: Sequence[tuple[float, float]], *, closed: bool, steps: int = 12) -> Points:
    """A smooth line through every point (Catmull-Rom; the standard leaves the kind of curve open, C.10.5.1.2)."""
    at = [np.asarray(point, np.float64) for point in points]
    if len(at) < 3:
        return tuple(points)
    before = [at[-1], *at[:-1]] if closed else [at[0], *at[:-1]]
    after = [*at[1:], at[0]] if closed else [*at[1:], at[-1]]
    spans = len(at) if closed else len(at) - 1
    out: list[tuple[float, float]] = []
    for n in range(spans):
        start, end = at[n], at[(n + 1) % len(at)]
        out_slope, in_slope = (after[n] - before[n]) / 2, (after[(n + 1) % len(at)] - start) / 2
        for step in range(steps):
            t = step / steps
            place = (
                (2 * t**3 - 3 * t**2 + 1) * start
                + (t**3 - 2 * t**2 + t) * out_slope
                + (-2 * t**3 + 3 * t**2) * end
                + (t**3 - t**2) * in_slope
            )
            out.append((float(place[0]), float(place[1])))
    return tuple(out) if closed else (*out, (float(at[-1][0]), float(at[-1][1])))


def cielab_color(encoded: Sequence[float]) -> str:
    """#RRGGBB of a PCS-Value: L* 0..100 and a*, b* -128..127 as 16 bits each (PS3.3 C.10.7.1.1)."""
    lightness, a, b = encoded[0] / 65535 * 100, encoded[1] / 65535 * 255 - 128, encoded[2] / 65535 * 255 - 128
    y = (lightness + 16) / 116
    ratios = (y + a / 500, y, y - b / 200)
    xyz = np.array(
        [
            white * (f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29))
            for f, white in zip(ratios, _D50_WHITE)
        ]
    )  # fmt: skip
    return _hex(_srgb(_XYZ_TO_SRGB @ xyz))


def grey_color(level: float) -> str:
    """#RRGGBB of a grey P-Value of 16 bits."""
    return _hex(np.full(3, level / 65535))


def area_point(area: tuple[Area, bool], x: float, y: float) -> tuple[float, float]:
    """The image point at a fraction of the displayed area; (0, 0) is the corner shown at the upper left (C.10.5).

    area: its (x0, y0, x1, y1) with the upper left corner on the screen first, and whether the screen's horizontal
    runs along the image's columns.
    """
    (x0, y0, x1, y1), turned = area
    if turned:
        x, y = y, x
    return x0 + x * (x1 - x0), y0 + y * (y1 - y0)


def without_shutter(facts: PixelFacts) -> PixelFacts:
    """The same facts with nothing covered."""
    return replace(facts, shutter=None)


def _srgb(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def _hex(rgb: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{round(float(np.clip(part, 0, 1)) * 255):02X}" for part in rgb)
