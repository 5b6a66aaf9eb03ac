"""What a painter was asked to write: text is compared as text, so no test rests on the fonts of a machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from viewer.ui.canvas import marks, words
from viewer.ui.canvas.view import ImageView


@dataclass(frozen=True, slots=True)
class Written:
    """One text a painter drew.

    color: of its pen, "#rrggbb". height_px: of the letters, 0 where the font says points. at: x, y of the upper left
    corner of text on an image, device pixels; None elsewhere.
    """

    text: str
    color: str
    height_px: int
    at: tuple[float, float] | None = None


@contextmanager
def writing() -> Iterator[list[Written]]:
    """Every text that our own painting draws inside the block; not what Qt's own labels and item views draw."""
    written: list[Written] = []
    haloed: dict[int, Written] = {}
    tagged: dict[int, list[Written]] = {}
    draw_text, draw_image, make = QPainter.drawText, QPainter.drawImage, words._haloed
    make_tag = marks.tag_picture.__wrapped__  # a kept one is not written again
    pictures: list[QImage] = []  # held, so that no other picture gets the same id

    def picture(text: str, height_px: int, color: str) -> QImage:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(QPainter, "drawText", draw_text)
            made = make(text, height_px, color)
        pictures.append(made)
        haloed[id(made)] = Written(text, color.lower(), height_px)
        return made

    def tag(*facts: Any) -> QImage:
        before = len(written)
        made = make_tag(*facts)
        pictures.append(made)
        tagged[id(made)] = written[before:]
        del written[before:]
        return made

    def place(painter: QPainter, *arguments: Any) -> None:
        image = next((one for one in arguments if isinstance(one, QImage)), None)
        known = haloed.get(id(image))
        if known is not None:
            x, y = (float(one) for one in arguments[:2])
            written.append(Written(known.text, known.color, known.height_px, (x, y)))
        written.extend(tagged.get(id(image), ()))
        draw_image(painter, *arguments)

    def write(painter: QPainter, *arguments: Any) -> Any:
        text = next(one for one in reversed(arguments) if isinstance(one, str))
        written.append(Written(text, painter.pen().color().name(), max(0, painter.font().pixelSize())))
        return draw_text(painter, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_haloed", picture)
        patch.setattr(marks, "tag_picture", tag)
        patch.setattr(QPainter, "drawImage", place)
        patch.setattr(QPainter, "drawText", write)
        yield written


def words_on(view: ImageView, *, color: str = "", without_patient_text: bool = True) -> list[str]:
    """The texts on a view in their order, each once; of one colour when that is named."""
    with writing() as written:
        view.grab_view(without_patient_text=without_patient_text)
    return list(dict.fromkeys(one.text for one in written if not color or one.color == color.lower()))


def words_of(widget: QWidget) -> list[str]:
    """The texts that a widget of ours and its delegates draw."""
    with writing() as written:
        widget.grab()
    return [one.text for one in written]
