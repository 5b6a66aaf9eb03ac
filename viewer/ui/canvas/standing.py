"""What stands at fixed places of a view, whatever is zoomed: the texts of the corners, the letters of the sides, the
scale. Found once for each paint, since all else keeps off it.
"""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.geometry import edge_letters, side_letters
from viewer.core.shapes.measurements import spacing_for
from viewer.ui.canvas.heat_legend import draw_heat_legend
from viewer.ui.canvas.scale_bar import ScaleBar, scale_bar
from viewer.ui.canvas.scene import Scene
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
)

LEAST_GAP_PX = 4  # between a letter and the words of a corner, or the value of a measurement; a halo is nearly as wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of a side and where it stands, device pixels."""

    text: str
    rect: QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines in one corner. room: what they may take; taken: what they do, empty without lines; device pixels."""

    lines: tuple[str, ...]
    room: QRect
    taken: QRect
    corner: Qt.AlignmentFlag
    size_px: int
    color: str = TEXT_COLOR
    names_nobody: bool = True

    @property
    def at_foot(self) -> bool:
        """Whether it stands on the lower edge."""
        return bool(self.corner & Qt.AlignmentFlag.AlignBottom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The scale bar: x of its line, y of its top, where its words stand and where its line does, device pixels."""

    bar: ScaleBar
    x: int
    top: int
    words: QRect
    line: QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """blocks: of the corners, which stand in `area`. size_px: of their letters."""

    blocks: tuple[Block, ...]
    area: QRect
    size_px: int
    letters: tuple[Letter, ...]
    scale: Scale | None

    @property
    def words(self) -> list[QRect]:
        """Where the corners have words."""
        return [block.taken for block in self.blocks if block.lines]


def standing_of(scene: Scene) -> Standing:
    """What stands where in a view."""
    edge_x, edge_y = round(10 * scene.ratio), round(6 * scene.ratio)
    area = QRect(0, 0, scene.transform.view_width, scene.transform.view_height)
    area = area.adjusted(edge_x, edge_y, -edge_x, -edge_y)
    size_px = round(12 * scene.text_ratio)
    blocks = _blocks(scene, area, size_px)
    letters = tuple(_off_corners(letter, blocks, scene.ratio) for letter in _letters(scene, size_px))
    return Standing(blocks=blocks, area=area, size_px=size_px, letters=letters, scale=_scale(scene))


def paint_standing(painter: QPainter, scene: Scene, standing: Standing) -> None:
    """Paint it, over all else."""
    for letter in standing.letters:
        draw_haloed(painter, letter.rect.x(), letter.rect.y(), letter.text, standing.size_px)
    if standing.scale is not None:
        _paint_scale(painter, scene, standing.scale)
    for block in standing.blocks:
        draw_lines(painter, block.room, block.lines, block.corner, block.size_px, block.color,
                   names_nobody=block.names_nobody)  # fmt: skip
    if scene.heat is not None and scene.shows_heat:
        foot = max(block.taken.height() for block in standing.blocks if block.at_foot)
        draw_heat_legend(painter, standing.area.adjusted(0, 0, 0, -foot), scene.heat, standing.size_px)


def _letters(scene: Scene, size_px: int) -> list[Letter]:
    facts, view = scene.facts, scene.transform
    named = edge_letters(facts.plane, view) if facts.plane is not None else side_letters(facts.sides, view)
    left, right, top, bottom = named
    width, height = scene.transform.view_width, scene.transform.view_height
    edge = round(8 * scene.ratio)
    found = []
    for text, place in ((left, "left"), (right, "right"), (top, "top"), (bottom, "bottom")):
        if not text:
            continue
        text_width, text_height = text_size(text, size_px)
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
    return found


def _off_corners(letter: Letter, blocks: tuple[Block, ...], ratio: float) -> Letter:
    """A letter clear of the corners' words, which may need more than half: below them, or above those at the foot."""
    rect, gap = QRect(letter.rect), round(LEAST_GAP_PX * ratio)
    for block in blocks:
        taken = block.taken.adjusted(-gap, 0, gap, 0)
        if not block.lines or not rect.intersects(taken):
            continue
        if block.at_foot:
            rect.moveBottom(taken.top() - 1)
        else:
            rect.moveTop(taken.bottom() + 1)
    return replace(letter, rect=rect)


def _scale(scene: Scene) -> Scale | None:
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
    return Scale(bar=bar, x=x, top=top, words=words, line=QRect(x - tick, top, tick + 1, bar.length_px))


def _paint_scale(painter: QPainter, scene: Scene, scale: Scale) -> None:
    bar, x, top = scale.bar, scale.x, scale.top
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
    draw_haloed(painter, scale.words.x(), scale.words.y(), bar.text, round(12 * scene.text_ratio))


def _blocks(scene: Scene, area: QRect, size_px: int) -> tuple[Block, ...]:
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
    gap = 2 * round(14 * scene.ratio)
    half = area.width() // 2 - gap // 2
    whose, others = corner_widths(corners.who, OF_PROJECT, corners.top_right, size_px, area.width(), gap)
    top_left = tuple(without_source(line, OF_PROJECT, size_px, whose) for line in corners.top_left)
    upper_left = QRect(area.left(), area.top(), whose, area.height())
    upper_right = QRect(area.right() + 1 - others, area.top(), others, area.height())
    left = QRect(area.left(), area.top(), half, area.height())
    right = QRect(area.right() + 1 - half, area.top(), half, area.height())
    at_left, at_right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    top, foot = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
    who = _block(top_left, upper_left, top | at_left, size_px, names_nobody=False)
    where = _block(corners.top_right, upper_right, top | at_right, size_px)
    below = upper_right.adjusted(0, where.taken.height(), 0, 0)
    faults = _block((*corners.faults, *scene.altered), below, top | at_right, size_px, color=FAULT_COLOR)
    window = _block(corners.bottom_left, left, foot | at_left, size_px)
    technique = _block(corners.bottom_right, right, foot | at_right, size_px)
    return who, where, faults, window, technique


def _block(
    lines: tuple[str, ...], room: QRect, corner: Qt.AlignmentFlag, size_px: int, *,
    color: str = TEXT_COLOR, names_nobody: bool = True,
) -> Block:  # fmt: skip
    width, height = lines_size(lines, size_px, room.width(), names_nobody=names_nobody)
    at_right, at_foot = corner & Qt.AlignmentFlag.AlignRight, corner & Qt.AlignmentFlag.AlignBottom
    left = room.right() + 1 - width if at_right else room.left()
    taken = QRect(left, room.bottom() + 1 - height if at_foot else room.top(), width, height)
    return Block(
        lines=lines, room=room, taken=taken, corner=corner, size_px=size_px, color=color, names_nobody=names_nobody
    )
