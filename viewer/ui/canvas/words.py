"""Text on pixels: crisp, with a black halo, drawn once and kept."""

import re
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from viewer.ui.look.plain_text import draw_words, elide, words_width

TEXT_COLOR = "#E3E7EA"
FAULT_COLOR = "#F0B849"  # the token `warn` of the dark theme: the image area is black in both
SEPARATOR = " · "
SENTENCE_LETTERS = 40
NARROW_PX = 280  # of a view: below twice this, letters twice as large would leave the image no room
_SPACE = re.compile(r" (?!of \d)(?<!\d of )")  # where a line may be broken


@lru_cache(maxsize=64)
def image_font(height_px: int, weight: int = QFont.Weight.Medium) -> QFont:
    """Inter with digits of one width. height_px: device pixels."""
    font = QFont("Inter")
    font.setPixelSize(max(height_px, 6))
    font.setWeight(QFont.Weight(weight))
    if hasattr(font, "setFeature"):  # Qt 6.7 and later
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setFeature(QFont.Tag("ss02"), 1)
    return font


@lru_cache(maxsize=1024)
def _haloed(text: str, height_px: int, color: str) -> QImage:
    font = image_font(height_px)
    metrics = QFontMetrics(font)
    edge = _edge(height_px)
    width, height = words_width(metrics, text) + 2 * edge + 1, metrics.height() + 2 * edge
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setFont(font)
    base = QPoint(edge, edge + metrics.ascent())
    # Offset copies make a sharper halo than a stroked outline and keep the hinting of the letters.
    step = max(1, round(height_px / 12))
    for reach, alpha in ((2 * step, 45), (step, 150)):
        painter.setPen(QColor(0, 0, 0, alpha))
        for dx in (-reach, 0, reach):
            for dy in (-reach, 0, reach):
                if dx or dy:
                    draw_words(painter, base + QPoint(dx, dy), text)
    painter.setPen(QColor(color))
    draw_words(painter, base, text)
    painter.end()
    return image


def _edge(height_px: int) -> int:
    return 2 * max(1, round(height_px / 12)) + 1


@lru_cache(maxsize=1024)
def text_size(text: str, height_px: int) -> tuple[int, int]:
    """(width, height) in device pixels, the halo not counted."""
    metrics = QFontMetrics(image_font(height_px))
    return words_width(metrics, text), metrics.height()


def draw_haloed(painter: QPainter, x: int, y: int, text: str, height_px: int, color: str = TEXT_COLOR) -> None:
    """Draw `text` with its upper left corner at (x, y), device pixels."""
    edge = _edge(height_px)
    painter.drawImage(x - edge, y - edge, _haloed(text, height_px, color))


def draw_lines(
    painter: QPainter,
    rect: QRect,
    lines: tuple[str, ...],
    corner: Qt.AlignmentFlag,
    height_px: int,
    color: str = TEXT_COLOR,
    *,
    names_nobody: bool = True,
) -> int:
    """Lines in one corner of `rect`, a third higher than the letters apart. Returns the height they took.

    names_nobody: they may be broken at any space, so that no unit and no "not" is cut off; a name stays whole.
    """
    pitch = round(height_px * 4 / 3)
    lines = tuple(part for line in lines for part in wrapped(line, height_px, rect.width(), names_nobody=names_nobody))
    bottom = bool(corner & Qt.AlignmentFlag.AlignBottom)
    top = rect.bottom() + 1 - pitch * len(lines) if bottom else rect.top()
    for number, line in enumerate(lines):
        shown = elided(line, height_px, rect.width())
        width, height = text_size(shown, height_px)
        right = bool(corner & Qt.AlignmentFlag.AlignRight)
        x = rect.right() + 1 - width if right else rect.left()
        draw_haloed(painter, x, top + number * pitch + (pitch - height) // 2, shown, height_px, color)
    return pitch * len(lines)


def lines_size(
    lines: tuple[str, ...], height_px: int, width_px: int, *, names_nobody: bool = True
) -> tuple[int, int]:  # fmt: skip
    """(width, height) in device pixels that `draw_lines` takes for them in a corner so wide."""
    parts = [part for line in lines for part in wrapped(line, height_px, width_px, names_nobody=names_nobody)]
    widest = max((text_size(elided(part, height_px, width_px), height_px)[0] for part in parts), default=0)
    return widest, round(height_px * 4 / 3) * len(parts)


@lru_cache(maxsize=1024)
def wrapped(text: str, height_px: int, width_px: int, *, names_nobody: bool = False) -> tuple[str, ...]:
    """`text` in as many lines as a narrow view needs, broken at its middle dots: who it is must not be cut off.

    A sentence, such as what is wrong with the pixels, is broken at its spaces too, and so is all that names nobody.
    """
    lines: list[str] = []
    least = 0 if names_nobody else SENTENCE_LETTERS
    parts = [piece for part in text.split(SEPARATOR) for piece in _sentence_lines(part, height_px, width_px, least)]
    for part in parts:
        longer = lines[-1] + SEPARATOR + part if lines else part
        if lines and text_size(longer, height_px)[0] <= width_px:
            lines[-1] = longer
        else:
            lines.append(part)
    return tuple(lines)


def _sentence_lines(text: str, height_px: int, width_px: int, least: int) -> list[str]:
    """A text too long for a line, as lines broken at spaces; one of fewer letters than `least` may be a name, and stays
    whole."""
    if len(text) < least or text_size(text, height_px)[0] <= width_px:
        return [text]
    lines: list[str] = []
    for word in _words(text, height_px, width_px):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_size(longer, height_px)[0] <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _words(text: str, height_px: int, width_px: int) -> list[str]:
    """The words at whose spaces a line may be broken; "1 of 24" is one word, as far as it has room."""
    words = _SPACE.split(text)
    return words if all(text_size(word, height_px)[0] <= width_px for word in words) else text.split(" ")


def shown_scale(scale: float, width_px: int) -> float:
    """How much larger letters are drawn on an image: in a narrow view less than elsewhere, or they would lie over it.

    scale: of the text that is set. width_px: of the view, logical pixels.
    """
    return min(scale, max(1.0, width_px / NARROW_PX))


def corner_widths(
    who: tuple[str, ...], source: str, beside: tuple[str, ...], height_px: int, width_px: int, gap_px: int
) -> tuple[int, int]:
    """Widths of two corners in one row, in device pixels: half each, unless who it is needs more than half.

    who: lines of which nothing may be cut; the other corner gives them what it leaves free. source: words that go from
    their ends first. beside: lines of the other corner, which are broken at their spaces last.
    """
    half, free = width_px // 2 - gap_px // 2, width_px - gap_px
    parts = [part for line in who for part in line.split(SEPARATOR)]
    need = max((text_size(part, height_px)[0] + 1 for part in parts), default=0)  # a part of a pixel is cut off too
    if need > free - max((text_size(line, height_px)[0] for line in beside), default=0):
        need = max((text_size(part.removesuffix(source), height_px)[0] + 1 for part in parts), default=0)
    least = max((text_size(word, height_px)[0] for line in beside for word in line.split(" ")), default=0)
    left = max(half, min(need, free - least))
    return left, min(half, free - left)


def without_source(line: str, source: str, height_px: int, width_px: int) -> str:
    """The line; without the words that say where an id comes from in a part that is too wide with them."""
    parts = line.split(SEPARATOR)
    fits = [part if text_size(part, height_px)[0] < width_px else part.removesuffix(source) for part in parts]
    return SEPARATOR.join(fits)


@lru_cache(maxsize=1024)
def elided(text: str, height_px: int, width_px: int) -> str:
    """`text`, cut with an ellipsis where it is wider than `width_px`."""
    return elide(QFontMetrics(image_font(height_px)), text, Qt.TextElideMode.ElideRight, width_px)
