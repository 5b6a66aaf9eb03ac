"""A curve of a report as an SVG picture of its own: a browser shows it in the page, the window draws the same."""

import html
import math
import textwrap
from dataclasses import dataclass

from ml.evaluation.curves import BLAND_ALTMAN, FROC, KINDS, LOSS, RELIABILITY, SCATTER, Curve, Line, curve_words
from viewer.core.text.shown_text import one_line

WIDE, PLOT_HIGH = 330, 180  # of the picture, and of the plot in it, at 100 %
LEFT, RIGHT, BELOW = 46, 12, 40  # round the plot
TITLE_LETTERS, TITLE_LINES = 36, 3  # that have room over the plot; the words below it have all
TITLE_PX, NAMES_PX, GAP_PX = 17, 18, 9  # a line of the title, the names of the lines, and what parts them from the plot
NAME_WIDE = 68  # of each line's name: four have room
STEPS = 5  # of each axis
COLOURS = ("#4A90D9", "#D9731A", "#3F9A4D", "#9A6BC4")  # on light and dark; each line has a dash of its own too
DASHES = ("", "6 4", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inks:
    """#RRGGBB of the ground, of words, and of the lines that words stand at."""

    ground: str = "#FFFFFF"  # "none" where it is drawn on a page of that colour
    words: str = "#14181B"
    grid: str = "#D3D8DD"


def title_lines(curve: Curve) -> list[str]:
    """The title as it stands over the plot, broken between its words; only one that is too long for that is cut."""
    return textwrap.wrap(one_line(curve.title), TITLE_LETTERS, max_lines=TITLE_LINES, placeholder="…")


def _top(curve: Curve) -> int:
    """Where the plot begins, below its title and the names of its lines."""
    names = NAMES_PX if any(line.name for line in curve.lines) else 0
    return 4 + TITLE_PX * len(title_lines(curve)) + names + GAP_PX


def picture_high(curve: Curve) -> int:
    """The height of a curve's picture at 100 %, in pixels; each is `WIDE` wide."""
    return _top(curve) + PLOT_HIGH + BELOW


def curve_svg(curve: Curve, inks: Inks | None = None) -> str:
    """The picture. What it shows stands in it as words for who does not see it."""
    inks = inks or Inks()
    (begin_x, end_x), (begin_y, end_y) = _ends(curve)
    wide, high, top, whole = WIDE - LEFT - RIGHT, PLOT_HIGH, _top(curve), picture_high(curve)

    def at(x: float, y: float) -> tuple[float, float]:
        across, up = (x - begin_x) / ((end_x - begin_x) or 1.0), (y - begin_y) / ((end_y - begin_y) or 1.0)
        return LEFT + wide * across, top + high * (1 - up)

    parts = [f'<rect width="{WIDE}" height="{whole}" fill="{inks.ground}"/>']
    for place, words in enumerate(title_lines(curve), start=1):
        parts.append(_words(LEFT, TITLE_PX * place, words, inks, size=13, bold=True))
    for step in range(STEPS + 1):
        x, y = begin_x + (end_x - begin_x) * step / STEPS, begin_y + (end_y - begin_y) * step / STEPS
        left, low = at(x, y)
        parts.append(f'<path d="M{LEFT} {low:.1f}H{WIDE - RIGHT}" stroke="{inks.grid}" fill="none"/>')
        parts.append(_words(LEFT - 6, low + 4, f"{y:.3g}", inks, anchor="end"))
        if curve.kind != LOSS or float(x).is_integer():  # there is no half epoch
            parts.append(_words(left, top + high + 16, f"{x:.3g}", inks, anchor="middle"))
    across, up = curve.axes
    parts.append(_words(LEFT + wide / 2, whole - 8, across, inks, anchor="middle"))
    turned = f'transform="rotate(-90 12 {top + high / 2:.0f})"'
    parts.append(_words(12, top + high / 2, up, inks, anchor="middle", more=turned))
    if KINDS[curve.kind].diagonal:  # guessing; answers that are the truth
        (x0, y0), (x1, y1) = at(begin_x, begin_y), at(end_x, end_y)
        parts.append(f'<path d="M{x0} {y0}L{x1} {y1}" stroke="{inks.words}" stroke-dasharray="2 4" fill="none"/>')
    for number, line in enumerate(curve.lines):
        points = [at(x, y) for x, y in zip(line.x, line.y, strict=True)]
        is_dots = KINDS[curve.kind].dots and number == 0
        if is_dots or curve.kind == RELIABILITY:
            parts += [_dot(point, COLOURS[number % len(COLOURS)]) for point in points]
        if not is_dots:
            parts += _line(line, number, points, top, inks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {whole}" width="{WIDE}" height="{whole}" '
        f'role="img" aria-label="{_part(curve_words(curve))}">{"".join(parts)}</svg>'
    )


Ends = tuple[float, float]


def _ends(curve: Curve) -> tuple[Ends, Ends]:
    """Where the axes begin and end: shares at 0 and 1, epochs at the first and last, losses a little above the highest;
    truth and answers both at the least and the greatest of either, so that the line of equal ones is the diagonal;
    differences as far below 0 as above it."""
    if curve.kind == SCATTER:
        values = [value for line in curve.lines for value in (*line.x, *line.y)]
        low, high = min(values), max(values)
        margin = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
        return (low - margin, high + margin), (low - margin, high + margin)
    if curve.kind == BLAND_ALTMAN:
        across = [value for line in curve.lines for value in line.x]
        off = _round_top(max(abs(value) for line in curve.lines for value in line.y) * 1.05)
        return (min(across), max(across)), (-off, off)
    if curve.kind == FROC:
        return (0.0, _round_top(max(max(line.x) for line in curve.lines))), (0.0, 1.0)
    if curve.kind != LOSS:
        return (0.0, 1.0), (0.0, 1.0)
    first, last = min(line.x[0] for line in curve.lines), max(line.x[-1] for line in curve.lines)
    return (first, last), (0.0, _round_top(max(max(line.y) for line in curve.lines)))


def _round_top(highest: float) -> float:
    """The end of an axis from 0 whose steps are of a size that people count in."""
    if highest <= 0:
        return 1.0
    ten = 10.0 ** math.floor(math.log10(highest / STEPS))
    return next(STEPS * one * ten for one in (1, 2, 2.5, 5, 10) if STEPS * one * ten >= highest)


def _line(line: Line, number: int, points: list[tuple[float, float]], top: int, inks: Inks) -> list[str]:
    """The line itself, its dot where it has one point, and its name between title and plot. top: where that begins."""
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    drawn = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash or "none"}" fill="none"'
    parts = [f'<path d="{path}" {drawn}/>']
    if len(points) == 1:  # a line of one point is none
        parts.append(_dot(points[0], colour))
    if line.name:
        x, middle = LEFT + NAME_WIDE * number, top - GAP_PX - NAMES_PX / 2
        parts.append(f'<path d="M{x} {middle:.1f}h18" {drawn}/>')
        parts.append(_words(x + 22, middle + 4, line.name, inks))
    return parts


def _dot(point: tuple[float, float], colour: str) -> str:
    return f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="3" fill="{colour}"/>'


def _part(text: str) -> str:
    """Text as a part of the picture."""
    return html.escape(one_line(text))


def _words(
    x: float, y: float, text: str, inks: Inks, *, size: int = 11, bold: bool = False, anchor: str = "start",
    more: str = "",
) -> str:  # fmt: skip
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} text-anchor="{anchor}" fill="{inks.words}" '
        f"{more}>{_part(text)}</text>"
    )
