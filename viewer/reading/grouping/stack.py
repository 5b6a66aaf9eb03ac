"""The geometry of slices of one orientation: order, gaps, shear, and whether they fill a volume."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from viewer.reading.facts.instance_facts import InstanceFacts

SAME_PLACE_MM = 1e-3
GAP_TOLERANCE = 0.01
SHEAR_DEGREES = 0.1
MOST_MISSING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StackGeometry:
    """What the positions of sorted slices say.

    gaps_mm: between neighbours, 0 for the same place. slice_spacing_mm: median gap of different places.
    missing: slices that a regular stack would have in its wider gaps, 0 when the gaps are no multiples.
    aside_mm: how far the slice farthest from the line through the first and last lies beside it.
    """

    gaps_mm: tuple[float, ...]
    slice_spacing_mm: float | None
    duplicates: int
    uniform: bool
    missing: int
    shear_degrees: float
    aside_mm: float = 0.0


def along_normal(facts: InstanceFacts) -> float | None:
    """Where a single-frame file lies along its normal."""
    return facts.along_normal_mm[0] if facts.along_normal_mm and facts.frames == 1 else None


def stack_geometry(slices: Sequence[InstanceFacts]) -> StackGeometry:
    """slices: sorted, one orientation, each with a position."""
    places = [facts.along_normal_mm[0] for facts in slices]
    gaps = tuple(after - before for before, after in pairwise(places))
    real = [gap for gap in gaps if gap > SAME_PLACE_MM]
    median = statistics.median(real) if real else None  # numpy's loads masked arrays first: 20 ms before an image
    duplicates = len(gaps) - len(real)
    uniform = bool(real) and duplicates == 0 and max(real) - min(real) <= GAP_TOLERANCE * (median or 1.0)
    return StackGeometry(
        gaps_mm=gaps,
        slice_spacing_mm=median,
        duplicates=duplicates,
        uniform=uniform,
        missing=0 if uniform or not real else _missing(real),
        shear_degrees=_shear(slices) if real else 0.0,
        aside_mm=_aside(slices) if real else 0.0,
    )


def _aside(slices: Sequence[InstanceFacts]) -> float:
    """Largest distance of a slice's first pixel from the line through those of the first and the last, mm."""
    positions = np.array([facts.position_mm for facts in slices])
    places = np.array([facts.along_normal_mm[0] for facts in slices])
    share = (places - places[0]) / (places[-1] - places[0])
    on_line = positions[0] + share[:, None] * (positions[-1] - positions[0])
    return float(np.linalg.norm(positions - on_line, axis=1).max())


def _missing(gaps: list[float]) -> int:
    """Slices missing when every gap is a whole multiple of the smallest."""
    least = min(gaps)
    multiples = [gap / least for gap in gaps]
    if any(abs(m - round(m)) > 0.05 for m in multiples) or max(multiples) > MOST_MISSING:
        return 0
    return sum(round(m) - 1 for m in multiples)


def _shear(slices: Sequence[InstanceFacts]) -> float:
    """Angle between the way the positions move and the normal, degrees."""
    row, col = np.array(slices[0].orientation[:3]), np.array(slices[0].orientation[3:])
    normal = np.cross(row, col)
    way = np.array(slices[-1].position_mm) - np.array(slices[0].position_mm)
    length = float(np.linalg.norm(way)) * float(np.linalg.norm(normal))
    if length == 0:
        return 0.0
    return math.degrees(math.acos(min(1.0, abs(float(np.dot(way, normal))) / length)))
