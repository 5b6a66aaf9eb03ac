"""The scale bar: a round length that fits, from the spacing along the screen's vertical."""

from dataclasses import dataclass

import numpy as np

from viewer.core.geometry import Spacing, SpacingLevel, ViewTransform

_ROUND_MM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleBar:
    """length_px: device pixels on the screen. ticks: parts it is divided into. text: its length with its unit."""

    length_px: int
    ticks: int
    text: str


def scale_bar(spacing: Spacing, transform: ViewTransform) -> ScaleBar | None:
    """The longest round length up to a fifth of the view's height; None where none fits."""
    down_px = np.linalg.inv(transform.linear()) @ np.array([0.0, 1.0])
    mm_per_pixel = float(np.hypot(down_px[0] * spacing.col_mm, down_px[1] * spacing.row_mm))
    limit = transform.view_height / 5
    fitting = [mm for mm in _ROUND_MM if 24 <= mm / mm_per_pixel <= limit]
    if not fitting:
        return None
    length_mm = fitting[-1]
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm:g} mm"
    if spacing.level is not SpacingLevel.PATIENT:
        text += spacing.level.value.removeprefix("mm")
    ticks = 5 if f"{length_mm:g}".lstrip("0.").startswith(("1", "5")) else 4
    return ScaleBar(length_px=round(length_mm / mm_per_pixel), ticks=ticks, text=text)
