"""One paint of a view, from the pixels up to the words."""

from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.compose import HeatLayer
from viewer.core.geometry import ViewTransform, edge_letters, side_letters
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import FrameIdentity, LookupTable, PixelFacts, Window
from viewer.core.placing import Rect, bounds_corners, bounds_of, place_beside
from viewer.core.presentation import Presented
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.measurements import spacing_for
from viewer.core.shapes.outlined import CONTOUR_WIDTH_PX
from viewer.core.shapes.outlines import Outline, measurement_lines
from viewer.core.shapes.rasterize import outlines as mask_rings
from viewer.ui.canvas.frame import SeriesPlace
from viewer.ui.canvas.graphics import draw_graphic_texts
from viewer.ui.canvas.heat_legend import draw_heat_legend
from viewer.ui.canvas.marks import draw_brush, draw_leader, draw_outlines, draw_tags, draw_value_box, value_box_rect
from viewer.ui.canvas.scale_bar import ScaleBar, scale_bar
from viewer.ui.canvas.surface import Surface
from viewer.ui.canvas.texts import OF_PROJECT, ViewState, corner_texts
from viewer.ui.canvas.words import (
    FAULT_COLOR,
    TEXT_COLOR,
    corner_widths,
    draw_haloed,
    draw_lines,
    lines_size,
    text_size,
    without_source,
    wrapped,
)
from viewer.ui.canvas.work import Work
from viewer.ui.gestures.tool import Preview

LEAST_GAP_PX = 4  # between a letter and the value of a measurement; a halo is nearly as wide
STAMP_PX, STAMP_GAP_PX = 40, 8  # from the upper edge, under the letter of the side; under the texts of the corners


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything one paint goes by.

    anonymous: leave out whatever says who the patient is. bare: nothing over the pixels but corner texts. ratio:
    device pixels per logical pixel; text_ratio: that of the words, larger with the size of the text. stored:
    (row, col[, 3]). heat_words: why a view for a heatmap shows none. state: the presentation state that is applied.
    notes: what the corner says of it. altered: what a person has turned, flipped, hidden or moved; said in amber.
    """

    facts: PixelFacts
    identity: FrameIdentity
    window: Window | LookupTable
    inverted: bool
    transform: ViewTransform
    zoom: float
    place: SeriesPlace
    names_hidden: bool
    anonymous: bool
    bare: bool
    ratio: float
    text_ratio: float
    work: Work
    preview: Preview
    heat: HeatLayer | None
    stored: NDArray[Any]
    state: Presented | None = None
    notes: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    heat_words: str = ""

    @property
    def shows_heat(self) -> bool:
        """Whether a map is painted, which its scale and its words are of."""
        return not self.bare and self.work.settings.mode is not OverlayMode.NONE


def paint_scene(painter: QPainter, rect: QRect, scene: Scene, surface: Surface) -> None:
    """Paint `rect` (device pixels)."""
    painter.setClipRect(rect)
    surface.paint(painter, rect, bare=not scene.shows_heat)
    if not scene.bare:
        if scene.state is not None and scene.work.settings.mode is not OverlayMode.NONE:
            draw_outlines(painter, scene.state.outlines, scene.transform, scene.ratio, rect)
            draw_graphic_texts(painter, scene.state.texts, scene.transform, scene.text_ratio)
        boxes = _paint_work(painter, rect, scene)
        if scene.work.mark is not None:
            draw_outlines(painter, scene.work.mark.lines(scene.facts), scene.transform, scene.ratio, rect)
        _paint_preview(painter, rect, scene, boxes)
    _paint_letters(painter, scene)
    _paint_scale(painter, scene)
    _paint_corners(painter, scene)


def _paint_work(painter: QPainter, rect: QRect, scene: Scene) -> list[Rect]:
    """Shapes, tags and measurements. Returns where the values of measurements stand."""
    corners = _corners(scene)
    letters = [_as_rect(letter.rect.adjusted(-LEAST_GAP_PX, 0, LEAST_GAP_PX, 0)) for letter in _letters(scene)]
    stand = [block.taken for block in corners.blocks if block.lines]
    found = _scale(scene)
    scale = () if found is None else found[3:]
    gap = LEAST_GAP_PX
    boxes = [*letters, *map(_as_rect, (*stand, *(one.adjusted(-gap, -gap, gap, gap) for one in scale)))]
    taken = [*stand, *(letter.rect for letter in _letters(scene)), *scale]
    hidden = scene.preview.hidden_ids
    for layer in scene.work.layers:
        outlines = [o for o in layer.outlines if o.owner_id not in hidden]
        draw_outlines(painter, outlines, scene.transform, scene.ratio, rect)
    _paint_live_contour(painter, rect, scene)
    for layer in scene.work.layers:
        tags = [tag for tag in layer.tags if tag.owner_id not in hidden]
        kept = len(taken)
        draw_tags(painter, tags, scene.transform, scene.text_ratio, taken)
        boxes += map(_as_rect, taken[kept:])
    settings = scene.work.settings
    if settings.show_measurements and settings.mode is not OverlayMode.NONE:
        for measurement in scene.work.measurements:
            if measurement.measurement_id not in hidden | settings.hidden_ids:
                selected = measurement.measurement_id == settings.selected_id
                lines = scene.work.values(measurement, scene.stored, scene.facts)
                boxes.append(_paint_measurement(painter, rect, scene, measurement, lines, boxes, selected=selected))
    height_px = round(12 * scene.text_ratio)
    room = scene.transform.view_width - 2 * round(10 * scene.ratio)
    stamps: tuple[str, ...] = (scene.heat_words,) if scene.heat_words else ()
    if scene.heat is not None:
        stamps = scene.heat.stamps if scene.shows_heat else ()
    words = [line for stamp in stamps for line in wrapped(stamp, height_px, room, names_nobody=True)]
    # A long one stands below the corners' texts, which a narrow view leaves no room between.
    is_long = any(text_size(line, height_px)[0] > scene.transform.view_width / 4 for line in words)
    below = max((block.taken.bottom() for block in corners.blocks if not block.at_foot), default=0)
    top = max(STAMP_PX * scene.text_ratio, below + STAMP_GAP_PX * scene.ratio if is_long else 0)
    for number, line in enumerate(words):
        width, _ = text_size(line, height_px)
        x = (scene.transform.view_width - width) // 2
        draw_haloed(painter, x, round(top + 16 * number * scene.text_ratio), line, height_px)
    return boxes


def _paint_live_contour(painter: QPainter, rect: QRect, scene: Scene) -> None:
    """The border of the mask being painted, traced only where it is repainted."""
    live = scene.work.live
    if live is None:
        return
    corners = [
        scene.transform.to_image(x, y)
        for x in (rect.left() - 3, rect.right() + 4)
        for y in (rect.top() - 3, rect.bottom() + 4)
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    # Two pixels more than is repainted, so that the cut's own border lies outside.
    col0, row0 = max(0, int(min(xs)) - 2), max(0, int(min(ys)) - 2)
    part = live.mask[row0 : max(int(max(ys)) + 3, 0), col0 : max(int(max(xs)) + 3, 0)]
    if not part.any():
        return
    lines = [
        Outline(
            points_px=tuple((x + col0, y + row0) for x, y in ring.tolist()),
            color=live.color,
            width_px=CONTOUR_WIDTH_PX,
            under=False,
        )
        for ring in mask_rings(part)
    ]
    draw_outlines(painter, lines, scene.transform, scene.ratio, rect)


def _paint_measurement(
    painter: QPainter, rect: QRect, scene: Scene, measurement: Measurement, lines: tuple[str, ...],
    boxes: list[Rect], *, selected: bool,
) -> Rect:  # fmt: skip
    """A measurement with its values, off those that stand in `boxes`. Returns where they stand."""
    draw_outlines(painter, measurement_lines(measurement, selected=selected), scene.transform, scene.ratio, rect)
    shape, taken = _obstacles(scene, measurement)
    sample = value_box_rect(lines, 0, 0, scene.text_ratio)
    view = (0.0, 0.0, float(scene.transform.view_width), float(scene.transform.view_height))
    place = place_beside(shape, (sample.width(), sample.height()), view, taken, 20 * scene.ratio, boxes)
    box = QRect(round(place[0]), round(place[1]), sample.width(), sample.height())
    points = [QPointF(*scene.transform.to_view(x, y)) for ring in measurement.shape.rings() for x, y in ring]
    middle = QPointF(box.center())
    start = min(points, key=lambda p: (p - middle).manhattanLength())
    end = QPointF(min(max(start.x(), box.left()), box.right() + 1), min(max(start.y(), box.top()), box.bottom() + 1))
    draw_leader(painter, start, end, scene.ratio)
    draw_value_box(painter, lines, box.left(), box.top(), scene.text_ratio)
    return place


def _obstacles(scene: Scene, measurement: Measurement) -> tuple[Rect, list[Rect]]:
    """The bounds of a measurement on the screen, and those of everything its value box should keep off."""
    own: Rect = (0.0, 0.0, 0.0, 0.0)
    taken: list[Rect] = []
    outlines = [(o.owner_id, o.points_px) for layer in scene.work.layers for o in layer.outlines]
    outlines += [(m.measurement_id, m.points_px) for m in (*scene.work.measurements, measurement)]
    for owner_id, points in outlines:
        bounds = bounds_of(scene.transform.to_view(x, y) for x, y in bounds_corners(points))
        if owner_id == measurement.measurement_id:
            own = bounds
        elif bounds[2] * bounds[3] < 0.2 * scene.transform.view_width * scene.transform.view_height:
            taken.append(bounds)
    return own, taken


def _paint_preview(painter: QPainter, rect: QRect, scene: Scene, boxes: list[Rect]) -> None:
    preview = scene.preview
    draw_outlines(painter, preview.outlines, scene.transform, scene.ratio, rect)
    gap = round(8 * scene.ratio)
    for x_px, y_px, text in preview.texts:
        x, y = scene.transform.to_view(x_px, y_px)
        draw_haloed(painter, round(x) + gap, round(y) + gap, text, round(12 * scene.text_ratio))
    if preview.measurement is not None:
        lines = preview.measurement.shape.quantities(scene.stored, scene.facts)
        _paint_measurement(painter, rect, scene, preview.measurement, lines, boxes, selected=False)
    if preview.value_box is not None:
        x_px, y_px, words = preview.value_box
        x, y = scene.transform.to_view(x_px, y_px)
        draw_value_box(painter, words, round(x) + 2 * gap, round(y) + gap, scene.text_ratio)
    if preview.brush is not None:
        draw_brush(painter, preview.brush, scene.transform, scene.ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of a side and where it stands, device pixels."""

    text: str
    rect: QRect


def _letters(scene: Scene) -> list[Letter]:
    facts, view = scene.facts, scene.transform
    named = edge_letters(facts.plane, view) if facts.plane is not None else side_letters(facts.sides, view)
    left, right, top, bottom = named
    width, height = scene.transform.view_width, scene.transform.view_height
    size = round(12 * scene.text_ratio)
    edge = round(8 * scene.ratio)
    found = []
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
        found.append(Letter(text=text, rect=QRect(x, y, text_width, text_height)))
    return [_off_corners(letter, scene) for letter in found]


def _off_corners(letter: Letter, scene: Scene) -> Letter:
    """A letter clear of the corners' words, which may need more than half: below them, or above those at the foot."""
    rect, gap = QRect(letter.rect), round(LEAST_GAP_PX * scene.ratio)
    for block in _corners(scene).blocks:
        taken = block.taken.adjusted(-gap, 0, gap, 0)
        if not block.lines or not rect.intersects(taken):
            continue
        if block.at_foot:
            rect.moveBottom(taken.top() - 1)
        else:
            rect.moveTop(taken.bottom() + 1)
    return replace(letter, rect=rect)


def _paint_letters(painter: QPainter, scene: Scene) -> None:
    for letter in _letters(scene):
        draw_haloed(painter, letter.rect.x(), letter.rect.y(), letter.text, round(12 * scene.text_ratio))


def _scale(scene: Scene) -> tuple[ScaleBar, int, int, QRect, QRect] | None:
    """The bar, x of its line, y of its top, where its words stand and where its line does, device pixels."""
    # Of an ultrasound picture: the region in the middle of the view, none where that has no millimetres.
    middle = scene.transform.to_image(scene.transform.view_width / 2, scene.transform.view_height / 2)
    spacing = spacing_for((middle,), scene.facts)
    bar = scale_bar(spacing, scene.transform) if spacing is not None else None
    if bar is None:
        return None
    x = scene.transform.view_width - round(12 * scene.ratio)
    bottom = scene.transform.view_height - round(64 * scene.text_ratio)
    top = bottom - bar.length_px
    wide, high = text_size(bar.text, round(12 * scene.text_ratio))
    words = QRect(x - round(12 * scene.ratio) - wide, (top + bottom - high) // 2, wide, high)
    tick = round(7 * scene.ratio)
    return bar, x, top, words, QRect(x - tick, top, tick + 1, bar.length_px)


def _paint_scale(painter: QPainter, scene: Scene) -> None:
    found = _scale(scene)
    if found is None:
        return
    bar, x, top, words, _ = found
    ratio, bottom = scene.ratio, top + bar.length_px
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
    draw_haloed(painter, words.x(), words.y(), bar.text, round(12 * scene.text_ratio))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines in one corner. room: what they may take; taken: what they do, device pixels."""

    lines: tuple[str, ...]
    room: QRect
    corner: Qt.AlignmentFlag
    size_px: int
    color: str = TEXT_COLOR
    names_nobody: bool = True

    @property
    def at_foot(self) -> bool:
        """Whether it stands on the lower edge."""
        return bool(self.corner & Qt.AlignmentFlag.AlignBottom)

    @property
    def taken(self) -> QRect:
        """Empty without lines."""
        width, height = lines_size(self.lines, self.size_px, self.room.width(), names_nobody=self.names_nobody)
        at_right = bool(self.corner & Qt.AlignmentFlag.AlignRight)
        left = self.room.right() + 1 - width if at_right else self.room.left()
        return QRect(left, self.room.bottom() + 1 - height if self.at_foot else self.room.top(), width, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class CornerBlocks:
    """The texts of the corners, and the area that they stand in."""

    blocks: tuple[Block, ...]
    area: QRect
    size_px: int


def _corners(scene: Scene) -> CornerBlocks:
    state = ViewState(
        window=scene.window,
        zoom=scene.zoom,
        position=scene.place.index,
        count=scene.place.count,
        faults=scene.place.faults,
        project_patient=scene.place.patient,
        names_hidden=scene.names_hidden,
        inverted=scene.inverted,
        notes=scene.notes,
    )
    corners = corner_texts(scene.facts, scene.identity, state, anonymous=scene.anonymous)
    ratio = scene.ratio
    edge_x, edge_y = round(10 * ratio), round(6 * ratio)
    area = QRect(0, 0, scene.transform.view_width, scene.transform.view_height)
    area = area.adjusted(edge_x, edge_y, -edge_x, -edge_y)
    size, gap = round(12 * scene.text_ratio), 2 * round(14 * ratio)
    half = area.width() // 2 - gap // 2
    whose, others = corner_widths(corners.who, OF_PROJECT, corners.top_right, size, area.width(), gap)
    top_left = tuple(without_source(line, OF_PROJECT, size, whose) for line in corners.top_left)
    upper_left = QRect(area.left(), area.top(), whose, area.height())
    upper_right = QRect(area.right() + 1 - others, area.top(), others, area.height())
    left = QRect(area.left(), area.top(), half, area.height())
    right = QRect(area.right() + 1 - half, area.top(), half, area.height())
    at_left, at_right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    top, foot = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
    who = Block(lines=top_left, room=upper_left, corner=top | at_left, size_px=size, names_nobody=False)
    where = Block(lines=corners.top_right, room=upper_right, corner=top | at_right, size_px=size)
    faults = Block(
        lines=(*corners.faults, *scene.altered), room=upper_right.adjusted(0, where.taken.height(), 0, 0),
        corner=top | at_right, size_px=size, color=FAULT_COLOR,
    )  # fmt: skip
    window = Block(lines=corners.bottom_left, room=left, corner=foot | at_left, size_px=size)
    technique = Block(lines=corners.bottom_right, room=right, corner=foot | at_right, size_px=size)
    return CornerBlocks(blocks=(who, where, faults, window, technique), area=area, size_px=size)


def _paint_corners(painter: QPainter, scene: Scene) -> None:
    corners = _corners(scene)
    for block in corners.blocks:
        draw_lines(painter, block.room, block.lines, block.corner, block.size_px, block.color,
                   names_nobody=block.names_nobody)  # fmt: skip
    if scene.heat is not None and scene.shows_heat:
        foot = max(block.taken.height() for block in corners.blocks if block.at_foot)
        draw_heat_legend(painter, corners.area.adjusted(0, 0, 0, -foot), scene.heat, corners.size_px)


def _as_rect(rect: QRect) -> Rect:
    return (float(rect.x()), float(rect.y()), float(rect.width()), float(rect.height()))
