"""Outlines and tags drawn into an RGB array with Pillow, for pictures made without a window."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import resources
from viewer.core.geometry import ViewTransform, side_letters
from viewer.core.pixels import PixelFacts
from viewer.core.placing import bounds_of, place_beside, place_words, point_cross
from viewer.core.presentation import GraphicText
from viewer.core.shapes.outlined import Points
from viewer.core.shapes.outlines import DASH, BadgeStyle, Outline, Tag

TAG_HEIGHT = 18
LETTERS_PX = 12
LETTERS_SHARE = 40  # of a large film: its letters are seen where the whole of it is
_INK = (227, 231, 234)
# Lines are drawn at this many times their size and averaged down: Pillow draws without anti-aliasing.
_FINER = 4

Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_lines_and_tags(
    rgb: NDArray[np.uint8], outlines: Sequence[Outline], tags: Iterable[Tag], transform: ViewTransform
) -> NDArray[np.uint8]:
    """A copy of rgb (row, col, 3) with outlines and tags over it, as the canvas draws them."""
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    for outline in outlines:
        points = [transform.to_view(x, y) for x, y in outline.points_px]
        if outline.under and len(points) > 1:
            _stroke(picture, points, outline, (0, 0, 0), outline.width_px + 1.5, opacity=0.55, dashed=False)
        color = _rgb(outline.color)
        if len(points) == 1:
            for line in point_cross(points[0]) if outline.under else ():
                _stroke(picture, line, outline, (0, 0, 0), outline.width_px + 1.5, opacity=0.55, dashed=False)
            for line in point_cross(points[0]):
                _stroke(picture, line, outline, color, outline.width_px, opacity=1.0, dashed=False)
            continue
        _stroke(picture, points, outline, color, outline.width_px, opacity=1.0, dashed=outline.dashed)
        for end in _ends(points) if outline.ends else ():
            _stroke(picture, end, outline, color, outline.width_px, opacity=1.0, dashed=False)
    taken: list[tuple[int, int, int, int]] = []
    for tag in tags:
        _tag(picture, tag, transform, taken)
    return np.asarray(picture)


def draw_value_boxes(
    rgb: NDArray[np.uint8], boxes: Sequence[tuple[Points, Sequence[str]]], outlines: Sequence[Outline]
) -> NDArray[np.uint8]:
    """A copy of rgb (row, col, 3) with words beside shapes, off each other and off the outlines.

    boxes: (the shape's points, its lines), in view pixels, as `outlines` are.
    """
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    font = tag_font()
    view = (0.0, 0.0, float(picture.width), float(picture.height))
    shapes = [bounds_of(outline.points_px) for outline in outlines]
    taken = [shape for shape in shapes if shape[2] * shape[3] < 0.2 * picture.width * picture.height]
    for points, lines in boxes:
        size = (max(font.getlength(line) for line in lines) + 14, 16.0 * len(lines) + 6)
        place = place_beside(bounds_of(points), size, view, taken, 16)
        taken.append(place)
        left, top = round(place[0]), round(place[1])
        _darken(picture, (left, top, left + round(size[0]), top + round(size[1])))
        pen = ImageDraw.Draw(picture)
        for number, line in enumerate(lines):
            pen.text((left + 7, top + 11 + 16 * number), line, fill=(255, 255, 255), font=font, anchor="lm")
    return np.asarray(picture)


def draw_stamps(rgb: NDArray[np.uint8], stamps: Sequence[str]) -> NDArray[np.uint8]:
    """A copy of rgb (row, col, 3) with words at the middle of its upper edge, one line each, shrunk to fit."""
    if not stamps:
        return rgb
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    font = tag_font()
    for number, text in enumerate(stamps):
        width = round(font.getlength(text)) + 10
        words = Image.new("RGB", (width, TAG_HEIGHT), (0, 0, 0))
        ImageDraw.Draw(words).text((5, TAG_HEIGHT // 2), text, fill=(255, 255, 255), font=font, anchor="lm")
        if width > picture.width:
            words = words.resize((picture.width, max(1, TAG_HEIGHT * picture.width // width)))
        picture.paste(words, ((picture.width - words.width) // 2, 4 + number * (words.height + 2)))
    return np.asarray(picture)


def draw_graphic_texts(
    rgb: NDArray[np.uint8], texts: Sequence[GraphicText], transform: ViewTransform
) -> NDArray[np.uint8]:
    """A copy of rgb (row, col, 3) with the words of a presentation state over it."""
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    font = tag_font()
    pen = ImageDraw.Draw(picture)
    for text in texts:
        size = (max(font.getlength(line) for line in text.lines), 16.0 * len(text.lines))
        place = place_words(text, size, transform)
        if place.leader is not None:
            pen.line(place.leader, fill=_rgb(text.color), width=1)
        for number, (line, x) in enumerate(zip(text.lines, place.starts(font.getlength(line) for line in text.lines))):
            at = (round(x), round(place.top) + 8 + 16 * number)
            pen.text(at, line, fill=_rgb(text.color), font=font, anchor="lm", stroke_width=1, stroke_fill=(0, 0, 0))
    return np.asarray(picture)


def draw_film_letters(
    picture: NDArray[np.uint8], film: str, facts: PixelFacts, transform: ViewTransform
) -> NDArray[np.uint8]:
    """A copy of a picture, (row, col) or (row, col, 3), with what the file says of side and view, where the window has
    it: `film`, such as "L CC", at the upper right, and the letters of the sides at the edges.

    Of a slice whose place in the patient is known the window has other letters, and nothing is drawn here.
    """
    if facts.plane is not None or not (film or any(facts.sides)):
        return picture
    made = Image.fromarray(np.ascontiguousarray(picture))
    wide, high = made.size
    font, pen = _font(max(LETTERS_PX, min(wide, high) // LETTERS_SHARE)), ImageDraw.Draw(made)
    ink, halo = (_INK, (0, 0, 0)) if made.mode == "RGB" else (_INK[0], 0)
    edge = 8
    left, right, top, bottom = side_letters(facts.sides, transform)
    for text, at, anchor in (
        (film, (wide - edge, edge), "ra"), (left, (edge, high // 2), "lm"), (right, (wide - edge, high // 2), "rm"),
        (top, (wide // 2, edge), "ma"), (bottom, (wide // 2, high - edge), "md"),
    ):  # fmt: skip
        if text:
            pen.text(at, text, fill=ink, font=font, anchor=anchor, stroke_width=1, stroke_fill=halo)
    return np.asarray(made)


def tag_font() -> Font:
    """Inter Medium at 12 px from the resources; Pillow's own where it is missing."""
    return _font(LETTERS_PX)


@lru_cache(maxsize=8)
def _font(height_px: int) -> Font:
    try:
        return ImageFont.truetype(resources.path("fonts/Inter-Medium.otf"), height_px)
    except (FileNotFoundError, OSError):
        return ImageFont.load_default(height_px)


def _ends(points: list[Point]) -> list[list[Point]]:
    """Cross strokes at both ends of a line, square to it."""
    strokes: list[list[Point]] = []
    for (x, y), beside in ((points[0], points[1]), (points[-1], points[-2])):
        size = max(float(np.hypot(beside[0] - x, beside[1] - y)), 1e-6)
        across_x, across_y = -(beside[1] - y) * 5 / size, (beside[0] - x) * 5 / size
        strokes.append([(x - across_x, y - across_y), (x + across_x, y + across_y)])
    return strokes


def _stroke(
    picture: Image.Image,
    points: list[Point],
    outline: Outline,
    color: tuple[int, int, int],
    width_px: float,
    *,
    opacity: float,
    dashed: bool,
) -> None:
    closed = [*points, points[0]] if outline.closed else points
    reach = width_px + 2
    left = max(0, int(min(x for x, _ in points) - reach))
    top = max(0, int(min(y for _, y in points) - reach))
    right = min(picture.width, int(max(x for x, _ in points) + reach) + 1)
    bottom = min(picture.height, int(max(y for _, y in points) + reach) + 1)
    if right <= left or bottom <= top:
        return
    cover = Image.new("L", ((right - left) * _FINER, (bottom - top) * _FINER), 0)
    pen = ImageDraw.Draw(cover)
    # Pillow counts pixel centres as whole numbers, hence the half.
    fine = [((x - left) * _FINER - 0.5, (y - top) * _FINER - 0.5) for x, y in closed]
    wide = max(1, round(width_px * _FINER))
    for piece in _dashes(fine) if dashed else [fine]:
        pen.line(piece, fill=round(255 * opacity), width=wide, joint="curve")
    if outline.closed and not dashed:
        half = wide / 2
        x, y = fine[0]
        pen.rectangle((x - half, y - half, x + half - 1, y + half - 1), fill=round(255 * opacity))
    cover = cover.resize((right - left, bottom - top), Image.Resampling.BOX)
    picture.paste(Image.new("RGB", cover.size, color), (left, top), cover)


def _dashes(points: list[Point]) -> list[list[Point]]:
    """A line cut into dashes, 7 on and 4 off in view pixels."""
    on, off = DASH[0] * _FINER, DASH[1] * _FINER
    pieces: list[list[Point]] = []
    drawn, left = True, on
    current = [points[0]]
    for start, end in pairwise(points):
        size = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        gone = 0.0
        while size - gone > left:
            gone += left
            share = gone / size
            here = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            if drawn:
                pieces.append([*current, here])
            current, drawn, left = [here], not drawn, off if drawn else on
        left -= size - gone
        current.append(end)
    if drawn and len(current) > 1:
        pieces.append(current)
    return pieces


def _tag(picture: Image.Image, tag: Tag, transform: ViewTransform, taken: list[tuple[int, int, int, int]]) -> None:
    font = tag_font()
    text_width = round(font.getlength(tag.text))
    badge_width = round(font.getlength(tag.badge)) + 10 if tag.badge else 0
    width = 3 + 12 + text_width + (badge_width + 4 if tag.badge else 0)
    corners = [transform.to_view(x, y) for x in (tag.x_px, tag.right_px) for y in (tag.top_px, tag.bottom_px)]
    top = round(min(y for _, y in corners)) - TAG_HEIGHT - 3
    if top < 0:
        top = round(max(y for _, y in corners)) + 3
    left = round(min(max(min(x for x, _ in corners), 0), max(picture.width - width, 0)))
    while any(_overlap((left, top, width, TAG_HEIGHT), t) for t in taken) and top + 2 * TAG_HEIGHT < picture.height:
        top += TAG_HEIGHT + 1
    taken.append((left, top, width, TAG_HEIGHT))
    _darken(picture, (left, top, left + width, top + TAG_HEIGHT))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((left, top, left + 2, top + TAG_HEIGHT - 1), fill=_rgb(tag.color))
    middle = top + TAG_HEIGHT // 2
    pen.text((left + 9, middle), tag.text, fill=(255, 255, 255), font=font, anchor="lm")
    if not tag.badge:
        return
    x = left + 15 + text_width
    box = (x, top + 2, x + badge_width - 1, top + TAG_HEIGHT - 3)
    is_score = tag.badge_style is BadgeStyle.SCORE
    if is_score:
        pen.rectangle(box, fill=(236, 239, 241))
    else:
        pen.rectangle(box, outline=(236, 239, 241))
    pen.text((x + 5, middle), tag.badge, fill=(16, 18, 20) if is_score else _INK, font=font, anchor="lm")


def _darken(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Black at 74 % over a rectangle (right and bottom half-open)."""
    part = picture.crop(box)
    picture.paste(Image.blend(part, Image.new("RGB", part.size, (0, 0, 0)), 0.74), box[:2])


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
