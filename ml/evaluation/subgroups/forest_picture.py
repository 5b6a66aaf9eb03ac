"""The interval of each group of cases as a bar, the worst marked, beside the figure of all cases: an SVG of its own."""

import html
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ml.evaluation.curve_picture import COLOURS, Inks
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.metric_words import metric_title, number_text
from viewer.core.text.shown_text import one_line

WIDE, LABEL_PX, WORDS_PX, EDGE_PX = 640, 170, 160, 12  # at 100 %
ROW_PX, HEAD_PX, BELOW_PX = 20, 26, 34
LABEL_LETTERS, MOST_ROWS, STEPS = 24, 40, 4
WORST = "#D9731A"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One group. low, high: None where it has no interval. worst: of its column."""

    name: str
    value: float
    low: float | None
    high: float | None
    worst: bool

    @property
    def words(self) -> str:
        """ "0.812 (0.700 to 0.900)"."""
        if self.low is None or self.high is None:
            return f"{number_text(self.value)}, no interval"
        return f"{number_text(self.value)} ({number_text(self.low)} to {number_text(self.high)})"


def forest_rows(groups: Mapping[str, Any]) -> list[ForestRow]:
    """Those of a report's groups that have a figure, as many as are a picture to read."""
    return list(_rows(groups))[:MOST_ROWS]


def _rows(groups: Mapping[str, Any]) -> Iterator[ForestRow]:
    for column in groups["columns"]:
        for name, group in column["groups"].items():
            figure = group["figures"].get(groups["ranked_by"]) or {}
            if figure.get("value") is not None:
                yield ForestRow(
                    name=f"{column['column']} {name or NOT_SAID}", value=figure["value"], low=figure["low"],
                    high=figure["high"], worst=name == column["worst"],
                )  # fmt: skip


def forest_high(groups: Mapping[str, Any]) -> int:
    """Its height at 100 %, in pixels; it is `WIDE` wide."""
    return HEAD_PX + ROW_PX * len(forest_rows(groups)) + BELOW_PX


def forest_svg(groups: Mapping[str, Any], of_all: float | None, inks: Inks | None = None) -> str:
    """The picture; "" where no group has a figure. of_all: the figure of all cases, a dashed line."""
    rows, inks = forest_rows(groups), inks or Inks()
    if not rows:
        return ""
    title = f"{metric_title(str(groups['ranked_by']))} of each group, with its interval"
    begin, end = _ends(rows, of_all)
    left, right = LABEL_PX, WIDE - WORDS_PX
    low_px = HEAD_PX + ROW_PX * len(rows)

    def at(value: float) -> float:
        return left + (right - left) * (value - begin) / (end - begin)

    parts = [f'<rect width="{WIDE}" height="{forest_high(groups)}" fill="{inks.ground}"/>']
    parts.append(_words(EDGE_PX, 16, title, inks, bold=True))
    for step in range(STEPS + 1):
        value = begin + (end - begin) * step / STEPS
        parts.append(f'<path d="M{at(value):.1f} {HEAD_PX}V{low_px}" stroke="{inks.grid}" fill="none"/>')
        parts.append(_words(at(value), low_px + 16, f"{value:.3g}", inks, anchor="middle"))
    if of_all is not None:
        x = at(of_all)
        dashed = f'stroke="{inks.words}" stroke-dasharray="2 4" fill="none"'
        parts.append(f'<path d="M{x:.1f} {HEAD_PX}V{low_px}" {dashed}/>')
        parts.append(_words(EDGE_PX, low_px + 16, f"dashed: all cases, {number_text(of_all)}", inks))
    for place, row in enumerate(rows):
        middle, colour = HEAD_PX + ROW_PX * (place + 0.5), WORST if row.worst else COLOURS[0]
        parts.append(_words(EDGE_PX, middle + 4, one_line(row.name, LABEL_LETTERS), inks, bold=row.worst))
        if row.low is not None and row.high is not None:
            drawn = f'stroke="{colour}" stroke-width="3" fill="none"'
            parts.append(f'<path d="M{at(row.low):.1f} {middle:.1f}H{at(row.high):.1f}" {drawn}/>')
        parts.append(f'<circle cx="{at(row.value):.1f}" cy="{middle:.1f}" r="4" fill="{colour}"/>')
        parts.append(_words(right + 10, middle + 4, row.words, inks, bold=row.worst))
    said = f"{title}: {'; '.join(f'{row.name} {row.words}' for row in rows)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {forest_high(groups)}" width="{WIDE}" '
        f'height="{forest_high(groups)}" role="img" aria-label="{html.escape(one_line(said))}">{"".join(parts)}</svg>'
    )


def _ends(rows: list[ForestRow], of_all: float | None) -> tuple[float, float]:
    """Where the axis begins and ends: on steps that people count in, round all that is drawn."""
    values = [each for row in rows for each in (row.value, row.low, row.high) if each is not None]
    values += [of_all] if of_all is not None else []
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0
    ten = 10.0 ** math.floor(math.log10(room / STEPS))
    for step in (one * ten for one in (1, 2, 2.5, 5, 10, 20)):
        begin = math.floor(low / step + 1e-9) * step
        if begin + STEPS * step >= high - 1e-9 * step:
            return begin, begin + STEPS * step
    return low, low + room


def _words(
    x: float, y: float, text: str, inks: Inks, *, bold: bool = False, anchor: str = "start"
) -> str:  # fmt: skip
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="11"{weight} text-anchor="{anchor}" fill="{inks.words}">'
        f"{html.escape(text)}</text>"
    )
