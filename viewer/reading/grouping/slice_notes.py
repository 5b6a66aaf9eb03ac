"""What a reader of one image of a series must know of its neighbours."""

from collections.abc import Sequence
from itertools import pairwise

from viewer.reading.grouping.stack import GAP_TOLERANCE, SAME_PLACE_MM
from viewer.reading.series import Series

UNEVEN = frozenset(("missing-slices", "uneven-gaps"))


def image_notes(series: Series, index: int) -> tuple[str, ...]:
    """The few words that stand on image `index`: what is wrong with the series, then with the gaps beside the image."""
    return tuple(line for line in (series_note(series), gap_note(series, index)) if line)


def whole_series(series: Series, index: int, scanned: Sequence[Series]) -> tuple[Series, int]:
    """The scanned series that image `index` comes from, with its place there; the series itself where none is known.

    A case may be one image of a series, and what is wrong with the series is true of it all the same.
    """
    ref = series.frames[index]
    for other in scanned:
        if other.series_id != series.series_id or len(other.frames) <= len(series.frames):
            continue
        for place, one in enumerate(other.frames):
            if one.path == ref.path and one.frame_index == ref.frame_index:
                return other, place
    return series, index


def series_note(series: Series, doubts: Sequence[str] = ()) -> str:
    """What is wrong with the whole series in a few words, such as "1 slice missing · gantry tilt 18.5°".

    doubts: what else is known of it by its images, once they are read.
    """
    shorts = (warning.short for warning in series.warnings if warning.short)
    return " · ".join(dict.fromkeys((*shorts, *doubts)))


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
    before = gaps[index - 1] if index > 0 else None
    after = gaps[index] if index < len(gaps) else None
    gap_before, gap_after = _odd(before, usual_mm), _odd(after, usual_mm)
    both = f"{gap_before} before and after this slice" if gap_before and gap_before == gap_after else ""
    parts = (
        both,
        f"{gap_before} before this slice" if gap_before and not both else "",
        f"{gap_after} after this slice" if gap_after and not both else "",
        "same place as previous" if _is_none(before) else "",
        "same place as next" if _is_none(after) else "",
    )
    return " · ".join(part for part in parts if part)


def _usual_gap_mm(gaps: list[float], codes: set[str], median_mm: float | None) -> float | None:
    """Where slices are missing every gap is a multiple of the smallest one; else the median is usual."""
    real = [gap for gap in gaps if gap > SAME_PLACE_MM]
    return min(real) if "missing-slices" in codes and real else median_mm


def _is_none(gap_mm: float | None) -> bool:
    return gap_mm is not None and gap_mm <= SAME_PLACE_MM


def _odd(gap_mm: float | None, usual_mm: float | None) -> str:
    if gap_mm is None or usual_mm is None or _is_none(gap_mm):
        return ""
    return f"gap of {gap_mm:.1f} mm" if abs(gap_mm - usual_mm) > GAP_TOLERANCE * usual_mm else ""
