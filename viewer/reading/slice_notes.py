"""What a reader of one image of a series must know of its neighbours."""

from itertools import pairwise

from viewer.reading.series import Series
from viewer.reading.stack import GAP_TOLERANCE, SAME_PLACE_MM

UNEVEN = frozenset(("missing-slices", "uneven-gaps"))


def image_notes(series: Series, index: int) -> tuple[str, ...]:
    """The few words that stand on image `index`: what is wrong with the series, then with the gaps beside the image."""
    return tuple(line for line in (series_note(series), gap_note(series, index)) if line)


def series_note(series: Series) -> str:
    """What is wrong with the whole series in a few words, such as "1 slice missing · gantry tilt 18.5°"."""
    return " · ".join(dict.fromkeys(warning.short for warning in series.warnings if warning.short))


def gap_note(series: Series, index: int) -> str:
    """Such as "gap of 6.0 mm after this slice", "" where both neighbours stand where they should."""
    codes = {warning.code for warning in series.warnings}
    if not codes & (UNEVEN | {"duplicate-position"}):
        return ""
    places = [ref.along_normal_mm for ref in series.frames]
    if any(place is None for place in places):
        return ""
    gaps = [after - before for before, after in pairwise(place for place in places if place is not None)]
    usual_mm = _usual_gap_mm(gaps, codes, series.slice_spacing_mm)
    before = _odd(gaps[index - 1], usual_mm) if index > 0 else ""
    after = _odd(gaps[index], usual_mm) if index < len(gaps) else ""
    if before and before == after:
        return f"{before} before and after this slice"
    sides = [f"{before} before this slice" if before else "", f"{after} after this slice" if after else ""]
    return " · ".join(side for side in sides if side)


def _usual_gap_mm(gaps: list[float], codes: set[str], median_mm: float | None) -> float | None:
    """Where slices are missing every gap is a multiple of the smallest one; else the median is usual."""
    real = [gap for gap in gaps if gap > SAME_PLACE_MM]
    return min(real) if "missing-slices" in codes and real else median_mm


def _odd(gap_mm: float, usual_mm: float | None) -> str:
    if gap_mm <= SAME_PLACE_MM:
        return "another image at this place"
    if usual_mm is None or abs(gap_mm - usual_mm) <= GAP_TOLERANCE * usual_mm:
        return ""
    return f"gap of {gap_mm:.1f} mm"
