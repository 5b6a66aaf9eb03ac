"""Lines, handles and tags on an image, in device pixels."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPolygonF

from viewer.core.geometry import ViewTransform
from viewer.core.placing import point_cross
from viewer.core.shapes.outlines import DASH, BadgeStyle, Outline, Tag
from viewer.ui.canvas.boxes import UNDER, UNDER_WIDER_PX, UprightBoxes
from viewer.ui.canvas.words import image_font, text_size
from viewer.ui.look.plain_text import draw_words, words_width

TAG_HEIGHT = 18
HANDLE = 7


def draw_outlines(
    painter: QPainter, outlines: Iterable[Outline], transform: ViewTransform, ratio: float, clip: QRect
) -> None:
    """Lines of even width whatever the zoom. ratio: device pixels per logical pixel. clip: what is repainted."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    handles: list[tuple[float, float]] = []
    outlines = tuple(outlines)
    boxes = UprightBoxes(outlines, transform, ratio)
    for number, outline in enumerate(outlines):
        if number in boxes:
            boxes.draw(painter, number, clip)
            handles.extend(outline.handles_px)
            continue
        polygon = polygon_of(outline.points_px, transform)
        reach = 8 * ratio
        if not polygon.boundingRect().adjusted(-reach, -reach, reach, reach).intersects(QRectF(clip)):
            continue
        width = outline.width_px * ratio
        if polygon.size() == 1:
            _draw_point(painter, polygon.at(0), outline, ratio)
            handles.extend(outline.handles_px)
            continue
        if outline.under:
            painter.setPen(_pen(UNDER, width + UNDER_WIDER_PX * ratio, dashed=False))
            _stroke(painter, polygon, closed=outline.closed)
        painter.setPen(_pen(QColor(outline.color), width, dashed=outline.dashed))
        _stroke(painter, polygon, closed=outline.closed)
        if outline.ends:
            _draw_ends(painter, polygon, ratio)
        handles.extend(outline.handles_px)
    for x_px, y_px in handles:
        draw_handle(painter, *transform.to_view(x_px, y_px), ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _draw_point(painter: QPainter, at: QPointF, outline: Outline, ratio: float) -> None:
    """A single point as a small cross; a larger one where a handle lies on its middle."""
    arm = (9 if outline.handles_px else 5) * ratio
    for color, width in ((UNDER, outline.width_px + UNDER_WIDER_PX), (QColor(outline.color), outline.width_px)):
        painter.setPen(_pen(color, width * ratio, dashed=False))
        for start, end in point_cross((at.x(), at.y()), arm):
            painter.drawLine(QPointF(*start), QPointF(*end))


def _draw_ends(painter: QPainter, polygon: QPolygonF, ratio: float) -> None:
    """Cross strokes at both ends, square to the line; the pen is set already."""
    points = [polygon.at(i) for i in range(polygon.size())]
    for end, beside in ((points[0], points[1]), (points[-1], points[-2])):
        away = beside - end
        size = max((away.x() ** 2 + away.y() ** 2) ** 0.5, 1e-6)
        across = QPointF(-away.y(), away.x()) * (5 * ratio / size)
        painter.drawLine(end - across, end + across)


def polygon_of(points_px: Sequence[tuple[float, float]], transform: ViewTransform) -> QPolygonF:
    """Image points as a Qt polygon in device pixels."""
    m = transform.linear()
    cx, cy = transform.center_x_px, transform.center_y_px
    half_w, half_h = transform.view_width / 2, transform.view_height / 2
    a, b, c, d = float(m[0, 0]), float(m[0, 1]), float(m[1, 0]), float(m[1, 1])
    return QPolygonF(
        [QPointF(a * (x - cx) + b * (y - cy) + half_w, c * (x - cx) + d * (y - cy) + half_h) for x, y in points_px]
    )


def draw_handle(painter: QPainter, x: float, y: float, ratio: float) -> None:
    """A white square with a dark rim."""
    side = HANDLE * ratio
    painter.setPen(QPen(QColor(0, 0, 0, 200), ratio))
    painter.setBrush(QColor("#FFFFFF"))
    painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_tags(
    painter: QPainter, tags: Iterable[Tag], transform: ViewTransform, ratio: float, taken: list[QRect]
) -> None:
    """Tags above their shapes; below where there is no room. taken: what other words take; the tags are added."""
    edges = [_edges(one) for one in taken if not one.isEmpty()]
    for tag in tags:
        picture = tag_picture(tag.text, tag.badge, tag.badge_style, tag.color, ratio)
        left, top = _tag_corner(tag, picture.width(), picture.height(), transform, ratio, edges)
        edges.append((left, top, left + picture.width() - 1, top + picture.height() - 1))
        taken.append(QRect(left, top, picture.width(), picture.height()))
        painter.drawImage(left, top, picture)


def draw_value_box(painter: QPainter, lines: Sequence[str], x: int, y: int, ratio: float) -> QRect:
    """White words on black at (x, y), the upper left corner. Returns the box."""
    font = image_font(round(12 * ratio))
    metrics = QFontMetrics(font)
    pitch, pad = round(16 * ratio), round(7 * ratio)
    rect = value_box_rect(lines, x, y, ratio)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 189))
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(font)
    painter.setPen(QColor("#FFFFFF"))
    for number, line in enumerate(lines):
        baseline = rect.top() + round(3 * ratio) + number * pitch + (pitch + metrics.ascent() - metrics.descent()) // 2
        draw_words(painter, rect.left() + pad, baseline, line)
    return rect


def value_box_rect(lines: Sequence[str], x: int, y: int, ratio: float) -> QRect:
    """Where `draw_value_box` would draw."""
    metrics = QFontMetrics(image_font(round(12 * ratio)))
    width = max(words_width(metrics, line) for line in lines)
    return QRect(x, y, width + 2 * round(7 * ratio), round(16 * ratio) * len(lines) + 2 * round(3 * ratio))


def draw_leader(painter: QPainter, start: QPointF, end: QPointF, ratio: float) -> None:
    """A dotted line from a shape to its value box."""
    pen = QPen(QColor(227, 231, 234, 200), ratio)
    pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.drawLine(start, end)


def draw_brush(painter: QPainter, brush: tuple[float, float, float], transform: ViewTransform, ratio: float) -> None:
    """The brush's ring with a cross in its middle, white over black. brush: x_px, y_px, radius_px."""
    x, y = transform.to_view(brush[0], brush[1])
    reach = QPointF(brush[2] * transform.scale_x, brush[2] * transform.scale_y)
    if transform.quarter_turns % 2:
        reach = QPointF(reach.y(), reach.x())
    arm = 4 * ratio
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 170), 3.0), (QColor("#FFFFFF"), 1.25)):
        painter.setPen(QPen(color, width * ratio))
        painter.drawEllipse(QPointF(x, y), reach.x(), reach.y())
        painter.drawLine(QPointF(x - arm, y), QPointF(x + arm, y))
        painter.drawLine(QPointF(x, y - arm), QPointF(x, y + arm))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


Edges = tuple[int, int, int, int]  # left, top, right, bottom, all within


def _edges(rect: QRect) -> Edges:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _tag_corner(
    tag: Tag, width: int, height: int, transform: ViewTransform, ratio: float, taken: list[Edges]
) -> tuple[int, int]:
    """(left, top) of a tag. In plain numbers: of twenty tags each asks about all that stands before it."""
    (x0, y0), (x1, y1) = transform.to_view(tag.x_px, tag.top_px), transform.to_view(tag.right_px, tag.bottom_px)
    left, right, top, bottom = round(min(x0, x1)), round(max(x0, x1)), round(min(y0, y1)), round(max(y0, y1))
    gap, reach = round(3 * ratio), round(6 * ratio)  # reach: of the cross that a point is drawn as
    covered = [(left - reach, top - reach, right + reach, bottom + reach)] if bottom == top else []
    first_top = top - height - gap if top - height - gap >= 0 else bottom + gap
    start = min(max(left, 0), max(transform.view_width - width, 0))
    # One that gives way may lie in a shape, but a point would be hidden by it; if there is any other place.
    for aside, avoided in ((0, [*taken, *covered]), (0, taken), (-width - 1, taken), (width + 1, taken)):
        moved = start + aside
        if aside and not (moved >= 0 and moved + width <= transform.view_width):
            continue
        first, others = _beside(moved, width, taken), _beside(moved, width, avoided)
        for step in (height + 1, -height - 1):  # down first: other tags stand above
            tried = first_top
            while any(
                upper < tried + height and tried <= lower
                for upper, lower in (first if tried == first_top and not aside else others)
            ):
                tried += step
            if tried >= 0 and tried + height <= transform.view_height:
                return moved, tried
    return start, first_top


def _beside(left: int, width: int, others: Iterable[Edges]) -> list[tuple[int, int]]:
    """(upper, lower) edges of those that a rectangle would meet if it were as high or low as they are."""
    end = left + width - 1
    return [(upper, lower) for start, upper, stop, lower in others if start <= end and left <= stop]


@lru_cache(maxsize=256)
def tag_picture(text: str, badge: str, badge_style: BadgeStyle, color: str, ratio: float) -> QImage:
    """A tag with its words, drawn once and kept: twenty shapes of one label have one."""
    size, height, pad, bar = round(12 * ratio), round(TAG_HEIGHT * ratio), round(6 * ratio), round(3 * ratio)
    font, wide = image_font(size), text_size(text, size)[0]
    metrics = QFontMetrics(font)
    width = bar + wide + 2 * pad + (text_size(badge, size)[0] + round(14 * ratio) if badge else 0)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(0, 0, 0, 189))
    painter = QPainter(image)
    painter.fillRect(QRect(0, 0, bar, height), QColor(color))
    baseline = (height + metrics.ascent() - metrics.descent()) // 2
    painter.setFont(font)
    painter.setPen(QColor("#FFFFFF"))
    draw_words(painter, bar + pad, baseline, text)
    if badge:
        inset = round(2 * ratio)
        frame = QRect(bar + 2 * pad + wide, inset, text_size(badge, size)[0] + 2 * round(5 * ratio), height - 2 * inset)
        if badge_style is BadgeStyle.SCORE:
            painter.fillRect(frame, QColor("#ECEFF1"))
            painter.setPen(QColor("#101214"))
        else:
            painter.setPen(QPen(QColor("#ECEFF1"), ratio))
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
        draw_words(painter, frame.left() + round(5 * ratio), baseline, badge)
    painter.end()
    return image


def _pen(color: QColor, width: float, *, dashed: bool) -> QPen:
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dashed:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        # Qt counts dashes in line widths; 7-4 is meant in pixels of a line 1.75 wide.
        pen.setDashPattern([DASH[0] / 1.75, DASH[1] / 1.75])
    return pen


def _stroke(painter: QPainter, polygon: QPolygonF, *, closed: bool) -> None:
    if closed:
        painter.drawPolygon(polygon)
    else:
        painter.drawPolyline(polygon)
