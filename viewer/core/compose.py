"""What the screen shows: pixels, table, label maps and heat to RGB, and the list of outlines and tags on top.

`negatoscope render` calls `compose`; the canvas calls its parts and keeps each in a cache of the view's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.colormaps import PLASMA
from viewer.core.geometry import ViewTransform
from viewer.core.heat import OUTSIDE_ITS_DOMAIN, HeatMap
from viewer.core.pixels import PixelFacts
from viewer.core.resample import Span, nearest_rows, spans, turned
from viewer.core.shapes.outlines import Outline, Tag
from viewer.core.windowing import DisplayTable, no_image_mask

FILL = 0.22
PLASMA_FROM = 0.12
HEAT_OPACITY, HEAT_HIDE_BELOW = 0.62, 0.12  # how a heatmap is drawn until a person moves the sliders


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameView:
    """One frame as the view shows it, in stored values.

    stored: (view row, view col[, 3]). inside: (view row, view col) bool, where there is image; None: everywhere.
    rows, cols: size of the whole frame. covered: (view row, view col) bool, True under a shutter, which shows
    cover_level there; None: nowhere.
    """

    stored: NDArray[np.generic]
    inside: NDArray[np.bool_] | None
    rows: int
    cols: int
    covered: NDArray[np.bool_] | None = None
    cover_level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One label map and the outlines and tags that belong to it.

    codes: (row, col) uint8 on the part of the image that starts at row0, col0; 0 is nothing, n is colors[n - 1]; None
    for a layer without filled areas. colors: #RRGGBB. fill: opacity in 0..1.
    """

    codes: NDArray[np.uint8] | None = None
    row0: int = 0
    col0: int = 0
    colors: tuple[str, ...] = ()
    fill: float = FILL
    outlines: tuple[Outline, ...] = ()
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLayer:
    """A heatmap and how strongly it is drawn.

    opacity: the slider, 0..1. hide_below: strength in 0..1 under which nothing is drawn. Strength 1 is the value that
    the scale of the map's model, class and method ends at (`HeatMap.top`).
    """

    heat: HeatMap
    opacity: float = HEAT_OPACITY
    hide_below: float = HEAT_HIDE_BELOW

    @property
    def has_evidence(self) -> bool:
        """False when the map is nowhere above 0: then nothing is drawn and the state is named."""
        return self.heat.maximum > 0

    @property
    def stamps(self) -> tuple[str, ...]:
        """What must stand on the picture: also that the map is too weak to be seen on it."""
        strength = self.heat.maximum / self.heat.top if self.has_evidence else 1.0
        weak = (f"Too weak to be drawn: below {self.hide_below * 100:.0f} % of its scale",)
        return (*(weak if strength < self.hide_below else ()), *self.heat.stamps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composition:
    """rgb: (view row, view col, 3) uint8. outlines, tags: to be drawn on top. note: a state to name, or ""."""

    rgb: NDArray[np.uint8]
    outlines: tuple[Outline, ...]
    tags: tuple[Tag, ...]
    note: str = ""


def compose(
    frame_view: FrameView,
    table: DisplayTable,
    layers: Sequence[Layer],
    heat: HeatLayer | None,
    transform: ViewTransform,
    *,
    planes: NDArray[np.uint8] | None = None,
) -> Composition:
    """Everything but the lines: pixels through the table, the file's planes, heat, filled areas over all of them.

    planes: what `viewer.core.planes` made of the overlay planes, (view row, view col, 4).
    """
    grey = displayed(frame_view, table)
    rgb = grey if grey.ndim == 3 else np.repeat(grey[:, :, None], 3, axis=2)
    note = ""
    if planes is not None:
        rgb = over(rgb, planes)
    if heat is not None:
        note = heat.stamps[0] if heat.stamps and heat.stamps[0] != OUTSIDE_ITS_DOMAIN else ""
        if heat.has_evidence:
            rgb = over(rgb, heat_rgba(heat, frame_view.rows, frame_view.cols, transform))
    for layer in layers:
        if layer.codes is not None:
            rgb = over(rgb, fill_rgba(layer, frame_view.rows, frame_view.cols, transform))
    return Composition(
        rgb=np.ascontiguousarray(rgb),
        outlines=tuple(outline for layer in layers for outline in layer.outlines),
        tags=tuple(tag for layer in layers for tag in layer.tags),
        note=note,
    )


def displayed(frame_view: FrameView, table: DisplayTable) -> NDArray[np.uint8]:
    """Pixels through the table; black where there is no image. Returns (row, col) or (row, col, 3) uint8."""
    out = table.apply(frame_view.stored)
    if frame_view.inside is not None:
        keep = frame_view.inside.view(np.uint8)
        np.multiply(out, keep if out.ndim == 2 else keep[:, :, None], out=out)
    if frame_view.covered is not None:
        out[frame_view.covered] = frame_view.cover_level
    return out


def over(rgb: NDArray[np.uint8], rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Source-over with premultiplied alpha. rgb: (row, col, 3); rgba: (row, col, 4). Returns (row, col, 3)."""
    rest = 255 - rgba[:, :, 3:].astype(np.uint16)
    below = (rgb.astype(np.uint16) * rest + 127) // 255
    return np.asarray(np.minimum(below + rgba[:, :, :3], 255), np.uint8)


def over_rgba(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Source-over of two premultiplied RGBA arrays (row, col, 4)."""
    rest = 255 - above[:, :, 3:].astype(np.uint16)
    return np.asarray(np.minimum((below.astype(np.uint16) * rest + 127) // 255 + above, 255), np.uint8)


def fill_rgba(layer: Layer, rows: int, cols: int, transform: ViewTransform) -> NDArray[np.uint8]:
    """A label map at the size of the view, nearest. Returns (view row, view col, 4) uint8, premultiplied RGBA."""
    width, height = _unturned(transform)
    out = np.zeros((height, width, 4), np.uint8)
    placed = spans(transform, rows, cols)
    if placed is not None and layer.codes is not None and layer.codes.size:
        vertical, horizontal = placed
        down = nearest_rows(vertical, rows) - layer.row0
        right = nearest_rows(horizontal, cols) - layer.col0
        down_here, right_here = _within(down, layer.codes.shape[0]), _within(right, layer.codes.shape[1])
        picked = layer.codes[down[down_here]][:, right[right_here]]
        top, left = vertical.first + down_here.start, horizontal.first + right_here.start
        out[top : top + picked.shape[0], left : left + picked.shape[1]] = fill_palette(layer)[picked]
    return np.asarray(turned(out, transform), np.uint8)


def fill_palette(layer: Layer) -> NDArray[np.uint8]:
    """(256, 4) premultiplied RGBA for each code of a label map."""
    palette = np.zeros((256, 4), np.uint8)
    for code, color in enumerate(layer.colors, start=1):
        palette[code] = premultiplied(color, layer.fill)
    return palette


def premultiplied(color: str, alpha: float) -> NDArray[np.uint8]:
    """#RRGGBB and an opacity in 0..1 to (4,) premultiplied RGBA."""
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return np.asarray(np.rint([*(c * alpha for c in rgb), 255 * alpha]), np.uint8)


def heat_rgba(layer: HeatLayer, rows: int, cols: int, transform: ViewTransform) -> NDArray[np.uint8]:
    """A heatmap at the size of the view, bilinear. Returns (view row, view col, 4) uint8, premultiplied RGBA.

    Strength is the value over the top of its scale (0..1, negative values are none); colour plasma from 12 % up;
    opacity slider x strength^0.75; nothing below `hide_below`. Strength is interpolated, not colour.
    """
    width, height = _unturned(transform)
    out = np.zeros((height, width, 4), np.uint8)
    placed = spans(transform, rows, cols)
    if placed is not None and layer.has_evidence:
        vertical, horizontal = placed
        strength = _enlarged(layer.heat, vertical, horizontal)
        index = np.clip(strength * (1023 / layer.heat.top), 0, 1023).astype(np.int16)
        here = (
            slice(vertical.first, vertical.first + vertical.count),
            slice(horizontal.first, horizontal.first + horizontal.count),
        )
        out[here] = heat_palette(layer.opacity, layer.hide_below)[index]
    return np.asarray(turned(out, transform), np.uint8)


def heat_palette(opacity: float, hide_below: float) -> NDArray[np.uint8]:
    """(1024, 4) premultiplied RGBA for strengths 0 to 1."""
    strength = np.linspace(0, 1, 1024)
    colours = PLASMA[np.rint((PLASMA_FROM + (1 - PLASMA_FROM) * strength) * 255).astype(np.intp)]
    alpha = np.clip(opacity, 0, 1) * strength**0.75
    alpha[strength < hide_below] = 0
    return np.asarray(np.rint(np.column_stack([colours * alpha[:, None], alpha * 255])), np.uint8)


def _enlarged(heat: HeatMap, vertical: Span, horizontal: Span) -> NDArray[np.float32]:
    """The grid's values at the view pixels of the spans; cells' values stand at their centres; 0 off the grid."""
    rows, cols = heat.grid.shape
    y = _along(vertical, heat.y0_px, heat.y1_px, rows)
    x = _along(horizontal, heat.x0_px, heat.x1_px, cols)
    grid = np.maximum(heat.grid, 0).astype(np.float32)
    columns = _interpolated(grid, y)
    values = np.ascontiguousarray(_interpolated(np.ascontiguousarray(columns.T), x).T)
    values[(y < 0) | (y > rows), :] = 0
    values[:, (x < 0) | (x > cols)] = 0
    return values


def _along(part: Span, low_px: float, high_px: float, cells: int) -> NDArray[np.float64]:
    centres = part.start + (np.arange(part.count) + 0.5) * part.step
    return np.asarray((centres - low_px) / (high_px - low_px) * cells, np.float64)


def _interpolated(grid: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    position = np.clip(at - 0.5, 0, grid.shape[0] - 1)
    below = np.minimum(position.astype(np.intp), max(grid.shape[0] - 2, 0))
    share = (position - below).astype(np.float32)[:, None]
    above = np.minimum(below + 1, grid.shape[0] - 1)
    return np.asarray(grid[below] * (1 - share) + grid[above] * share, np.float32)


def _within(index: NDArray[np.intp], count: int) -> slice:
    """The part of a rising index array that lies in 0..count."""
    return slice(int(np.searchsorted(index, 0)), int(np.searchsorted(index, count)))


def _unturned(transform: ViewTransform) -> tuple[int, int]:
    width, height = transform.view_width, transform.view_height
    return (height, width) if transform.quarter_turns % 2 else (width, height)


def native_view(
    stored: NDArray[Any], facts: PixelFacts, *, covered: NDArray[np.bool_] | None = None
) -> tuple[FrameView, ViewTransform]:
    """A frame at one view pixel per image pixel, nothing cut off. covered: (row, col), what a shutter hides."""
    rows, cols = int(stored.shape[0]), int(stored.shape[1])
    transform = ViewTransform(
        view_width=cols, view_height=rows, scale_x=1.0, scale_y=1.0, center_x_px=cols / 2, center_y_px=rows / 2
    )
    padding = no_image_mask(stored, facts)
    inside = None if padding is None else ~padding
    level = facts.shutter.level if facts.shutter is not None else 0
    view = FrameView(stored=stored, inside=inside, rows=rows, cols=cols, covered=covered, cover_level=level)
    return view, transform
