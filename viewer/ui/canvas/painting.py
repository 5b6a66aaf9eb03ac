"""One paint of a view, from the pixels up to the words."""

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter

from viewer.core.overlays import OverlayMode
from viewer.core.placing import Rect, bounds_corners, bounds_of, place_beside
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.outlined import CONTOUR_WIDTH_PX
from viewer.core.shapes.outlines import Outline, measurement_lines
from viewer.core.shapes.rasterize import outlines as mask_rings
from viewer.ui.canvas.graphics import draw_graphic_texts
from viewer.ui.canvas.marks import draw_brush, draw_leader, draw_outlines, draw_tags, draw_value_box, value_box_rect
from viewer.ui.canvas.scene import Scene
from viewer.ui.canvas.standing import LEAST_GAP_PX, Standing, paint_standing, standing_of
from viewer.ui.canvas.surface import Surface
from viewer.ui.canvas.words import draw_haloed, text_size, wrapped

STAMP_PX, STAMP_GAP_PX = 40, 8  # from the upper edge, under the letter of the side; under the texts of the corners


def paint_scene(painter: QPainter, rect: QRect, scene: Scene, surface: Surface) -> None:
    """Paint `rect` (device pixels)."""
    painter.setClipRect(rect)
    surface.paint(painter, rect, bare=not scene.shows_heat)
    standing = standing_of(scene)
    if not scene.bare:
        if scene.state is not None and scene.work.settings.mode is not OverlayMode.NONE:
            draw_outlines(painter, scene.state.outlines, scene.transform, scene.ratio, rect)
            draw_graphic_texts(painter, scene.state.texts, scene.transform, scene.text_ratio)
        boxes = _paint_work(painter, rect, scene, standing)
        if scene.work.mark is not None:
            draw_outlines(painter, scene.work.mark.lines(scene.facts), scene.transform, scene.ratio, rect)
        _paint_preview(painter, rect, scene, boxes)
    paint_standing(painter, scene, standing)


def _paint_work(painter: QPainter, rect: QRect, scene: Scene, standing: Standing) -> list[Rect]:
    """Shapes, tags and measurements. Returns where the values of measurements stand."""
    gap, stand, letters = LEAST_GAP_PX, standing.words, [letter.rect for letter in standing.letters]
    scale = () if standing.scale is None else (standing.scale.words, standing.scale.line)
    boxes = [_as_rect(one.adjusted(-gap, 0, gap, 0)) for one in letters]
    boxes += map(_as_rect, (*stand, *(one.adjusted(-gap, -gap, gap, gap) for one in scale)))
    taken = [*stand, *letters, *scale]
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
    below = max((block.taken.bottom() for block in standing.blocks if not block.at_foot), default=0)
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


def _as_rect(rect: QRect) -> Rect:
    return (float(rect.x()), float(rect.y()), float(rect.width()), float(rect.height()))
