"""One paint of a view, from the pixels up to the words."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.compose import NO_EVIDENCE, HeatLayer
from viewer.core.geometry import ViewTransform, edge_letters
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import FrameIdentity, LookupTable, PixelFacts, Window
from viewer.ui.canvas.marks import draw_outlines, draw_tags
from viewer.ui.canvas.scale_bar import scale_bar
from viewer.ui.canvas.surface import Surface
from viewer.ui.canvas.texts import ViewState, corner_texts
from viewer.ui.canvas.words import TEXT_COLOR, draw_haloed, draw_lines, text_size
from viewer.ui.canvas.work import Work
from viewer.ui.tool import Preview


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything one paint goes by.

    anonymous: leave out whatever says who the patient is. bare: nothing over the pixels but corner texts. ratio:
    device pixels per logical pixel. stored: (row, col[, 3]).
    """

    facts: PixelFacts
    identity: FrameIdentity
    window: Window | LookupTable
    inverted: bool
    transform: ViewTransform
    zoom: float
    position: int
    count: int
    names_hidden: bool
    anonymous: bool
    bare: bool
    ratio: float
    work: Work
    preview: Preview
    heat: HeatLayer | None
    stored: NDArray[Any]


def paint_scene(painter: QPainter, rect: QRect, scene: Scene, surface: Surface) -> None:
    """Paint `rect` (device pixels)."""
    painter.setClipRect(rect)
    surface.paint(painter, rect, bare=scene.bare or scene.work.settings.mode is OverlayMode.NONE)
    if not scene.bare:
        _paint_work(painter, rect, scene)
        _paint_preview(painter, rect, scene)
    _paint_letters(painter, scene)
    _paint_scale(painter, scene)
    _paint_corners(painter, scene)


def _paint_work(painter: QPainter, rect: QRect, scene: Scene) -> None:
    hidden = scene.preview.hidden_id
    for layer in scene.work.layers:
        outlines = [o for o in layer.outlines if not hidden or o.owner_id != hidden]
        draw_outlines(painter, outlines, scene.transform, scene.ratio, rect)
    for layer in scene.work.layers:
        draw_tags(painter, [t for t in layer.tags if not hidden or t.owner_id != hidden], scene.transform, scene.ratio)
    if scene.heat is not None and not scene.heat.has_evidence:
        height_px = round(12 * scene.ratio)
        width, _ = text_size(NO_EVIDENCE, height_px)
        x = (scene.transform.view_width - width) // 2
        draw_haloed(painter, x, round(40 * scene.ratio), NO_EVIDENCE, height_px)


def _paint_preview(painter: QPainter, rect: QRect, scene: Scene) -> None:
    preview = scene.preview
    draw_outlines(painter, preview.outlines, scene.transform, scene.ratio, rect)
    for x_px, y_px, text in preview.texts:
        x, y = scene.transform.to_view(x_px, y_px)
        gap = round(6 * scene.ratio)
        draw_haloed(painter, round(x) + gap, round(y) + gap, text, round(12 * scene.ratio))


def _paint_letters(painter: QPainter, scene: Scene) -> None:
    if scene.facts.plane is None:
        return
    left, right, top, bottom = edge_letters(scene.facts.plane, scene.transform)
    width, height = scene.transform.view_width, scene.transform.view_height
    size = round(12 * scene.ratio)
    edge = round(8 * scene.ratio)
    for text, place in ((left, "left"), (right, "right"), (top, "top"), (bottom, "bottom")):
        if not text:
            continue
        text_width, text_height = text_size(text, size)
        x, y = (width - text_width) // 2, (height - text_height) // 2
        if place == "left":
            x = edge
        elif place == "right":
            x = width - edge - text_width
        elif place == "top":
            y = edge
        else:
            y = height - edge - text_height
        draw_haloed(painter, x, y, text, size)


def _paint_scale(painter: QPainter, scene: Scene) -> None:
    if scene.facts.spacing is None:
        return
    bar = scale_bar(scene.facts.spacing, scene.transform)
    if bar is None:
        return
    ratio = scene.ratio
    x = scene.transform.view_width - round(12 * ratio)
    bottom = scene.transform.view_height - round(64 * ratio)
    top = bottom - bar.length_px
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 170), 3.0), (QColor(TEXT_COLOR), 1.0)):
        pen = QPen(color, round(width * ratio))
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLine(QPoint(x, top), QPoint(x, bottom))
        for tick in range(bar.ticks + 1):
            y = top + round(bar.length_px * tick / bar.ticks)
            long = tick in (0, bar.ticks)
            painter.drawLine(QPoint(x - round((6 if long else 3) * ratio), y), QPoint(x, y))
    size = round(12 * ratio)
    text_width, text_height = text_size(bar.text, size)
    draw_haloed(painter, x - round(12 * ratio) - text_width, (top + bottom - text_height) // 2, bar.text, size)


def _paint_corners(painter: QPainter, scene: Scene) -> None:
    state = ViewState(
        window=scene.window,
        zoom=scene.zoom,
        position=scene.position,
        count=scene.count,
        names_hidden=scene.names_hidden,
        inverted=scene.inverted,
    )
    corners = corner_texts(scene.facts, scene.identity, state, anonymous=scene.anonymous)
    ratio = scene.ratio
    edge_x, edge_y = round(10 * ratio), round(6 * ratio)
    area = QRect(0, 0, scene.transform.view_width, scene.transform.view_height)
    area = area.adjusted(edge_x, edge_y, -edge_x, -edge_y)
    half = area.width() // 2 - round(14 * ratio)
    left = QRect(area.left(), area.top(), half, area.height())
    right = QRect(area.right() + 1 - half, area.top(), half, area.height())
    size = round(12 * ratio)
    top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
    draw_lines(painter, left, corners.top_left, top | Qt.AlignmentFlag.AlignLeft, size)
    draw_lines(painter, right, corners.top_right, top | Qt.AlignmentFlag.AlignRight, size)
    draw_lines(painter, left, corners.bottom_left, bottom | Qt.AlignmentFlag.AlignLeft, size)
    draw_lines(painter, right, corners.bottom_right, bottom | Qt.AlignmentFlag.AlignRight, size)
