"""Graphic annotations of a presentation state: lines, points, curves and words (PS3.3 C.10.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viewer.core.compose import Layer
from viewer.core.presentation import (
    GRAPHIC_COLOR,
    Area,
    GraphicText,
    area_point,
    circle_points,
    curve_points,
    ellipse_points,
)
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.outlined import CONTOUR_WIDTH_PX, Points
from viewer.core.shapes.outlines import Outline
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.references import applies_to

ANNOTATIONS, LAYER, TEXTS, OBJECTS, COMPOUND = 0x00700001, 0x00700002, 0x00700008, 0x00700009, 0x00700209
UNITS, DATA, KIND, FILLED = 0x00700005, 0x00700022, 0x00700023, 0x00700024
TEXT, BOX_UNITS, BOX_START, BOX_END, ALIGN = 0x00700006, 0x00700003, 0x00700010, 0x00700011, 0x00700012
ANCHOR_UNITS, ANCHOR, ANCHOR_SHOWN = 0x00700004, 0x00700014, 0x00700015
FILL = 0.35  # a filled graphic hides what it marks, so it is drawn as a tint with its outline


@dataclass(frozen=True, slots=True, kw_only=True)
class Graphics:
    """What is drawn. filled: the outlines that are filled. notes: what is not drawn, a sentence each."""

    outlines: tuple[Outline, ...]
    filled: tuple[Outline, ...]
    texts: tuple[GraphicText, ...]
    notes: tuple[str, ...]

    def fills(self, rows: int, cols: int) -> tuple[Layer, ...]:
        """The filled shapes as label maps over an image of rows x cols."""
        return tuple(
            Layer(
                codes=Polygon(points_px=line.points_px).inside(rows, cols).view(np.uint8),
                colors=(line.color,),
                fill=FILL,
            )
            for line in self.filled
        )


def read_graphics(
    header: Header, sop_instance_uid: str, frame_index: int, *, area: tuple[Area, bool], colors: dict[str, str]
) -> Graphics:
    """Everything a state draws on one frame. area: the displayed area, as `area_point` takes it. colors: of layers."""
    outlines: list[Outline] = []
    filled: list[Outline] = []
    texts: list[GraphicText] = []
    notes: list[str] = []
    order = list(colors)
    annotations = [a for a in header.items(ANNOTATIONS) if applies_to(a, sop_instance_uid, frame_index)]
    for annotation in sorted(annotations, key=lambda a: _rank(a.text(LAYER), order)):
        color = colors.get(annotation.text(LAYER), GRAPHIC_COLOR)
        for graphic in annotation.items(OBJECTS):
            line = _outline(graphic, color, area)
            if line is None:
                notes.append("One of its graphics cannot be drawn.")
                continue
            outlines.append(line)
            if line.closed and graphic.text(FILLED).upper() == "Y":
                filled.append(line)
        texts += [text for item in annotation.items(TEXTS) if (text := _text(item, color, area)) is not None]
        if annotation.items(COMPOUND):
            notes.append("It has compound graphics (rulers, arrows, crosshairs), which are not drawn.")
    return Graphics(
        outlines=tuple(outlines), filled=tuple(filled), texts=tuple(texts), notes=tuple(dict.fromkeys(notes))
    )


def _rank(layer: str, order: list[str]) -> int:
    return order.index(layer) if layer in order else -1


def _outline(graphic: Header, color: str, area: tuple[Area, bool]) -> Outline | None:
    kind = graphic.text(KIND).upper()
    points = _points(graphic.numbers(DATA), graphic.text(UNITS), area)
    if points is None or not points:
        return None
    ring: Points | None = None
    closed = len(points) > 3 and points[0] == points[-1]
    if kind == "POINT":
        return Outline(points_px=points[:1], color=color, closed=False, width_px=CONTOUR_WIDTH_PX)
    if kind == "POLYLINE" and len(points) >= 2:
        ring = points[:-1] if closed else points
    elif kind == "INTERPOLATED" and len(points) >= 2:
        ring = curve_points(points[:-1] if closed else points, closed=closed)
    elif kind == "CIRCLE" and len(points) == 2:
        ring, closed = circle_points(points[0], points[1]), True
    elif kind == "ELLIPSE" and len(points) == 4:
        ring, closed = ellipse_points(points[:2], points[2:]), True
    if ring is None:
        return None
    return Outline(points_px=ring, color=color, closed=closed, width_px=CONTOUR_WIDTH_PX)


def _text(item: Header, color: str, area: tuple[Area, bool]) -> GraphicText | None:
    lines = tuple(line.rstrip() for line in item.text(TEXT).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    start = _points(item.numbers(BOX_START), item.text(BOX_UNITS), area)
    end = _points(item.numbers(BOX_END), item.text(BOX_UNITS), area)
    anchor = _points(item.numbers(ANCHOR), item.text(ANCHOR_UNITS), area)
    if not any(lines) or (not (start and end) and not anchor):
        return None
    return GraphicText(
        lines=lines,
        color=color,
        box_px=(*start[0], *end[0]) if start and end else None,
        align=item.text(ALIGN).lower() or "left",
        anchor_px=anchor[0] if anchor else None,
        shows_anchor=item.text(ANCHOR_SHOWN).upper() == "Y",
    )


def _points(numbers: Sequence[float], units: str, area: tuple[Area, bool]) -> Points | None:
    """Pairs of column and row as image points: PIXEL counts as we do, DISPLAY is a fraction of the displayed area."""
    pairs = tuple(zip(numbers[0::2], numbers[1::2]))
    if units.upper() in ("PIXEL", ""):
        return pairs
    if units.upper() == "DISPLAY":
        return tuple(area_point(area, x, y) for x, y in pairs)
    return None  # MATRIX counts over the tiles of a whole slide
