"""The middle image of a series as a view shows it, small."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from viewer.ui.canvas.words import draw_haloed, elided, text_size

if TYPE_CHECKING:
    from viewer.reading.series import Series


KEPT_PX = 360  # of the picture kept for the welcome page
LETTERS_SHARE, LEAST_LETTERS_PX = 6, 8  # a picture's side by the height of its letters; smaller ones cannot be read


def series_picture(series: "Series", most_px: int = KEPT_PX) -> QImage:
    """The middle image of a series as the view shows it, a film with the letters of its side and view, at most
    `most_px`. Reads pixels: for worker threads."""
    import numpy as np

    from viewer.core.compose import displayed, native_view
    from viewer.core.covering import cover_of
    from viewer.core.windowing import default_voi, display_table
    from viewer.reading.frames import read_frame

    frame = read_frame(series.frames[len(series.frames) // 2])
    table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False)
    cover = cover_of(frame.facts)
    view, _ = native_view(frame.stored, frame.facts, covered=None if cover is None else cover.mask)
    levels = np.ascontiguousarray(displayed(view, table))
    height, width = levels.shape[:2]
    kind, stride = (
        (QImage.Format.Format_RGB888, 3 * width) if levels.ndim == 3 else (QImage.Format.Format_Grayscale8, width)
    )
    whole = QImage(levels.data, width, height, stride, kind)
    spacing = frame.facts.spacing
    tall = height * (spacing.row_mm / spacing.col_mm if spacing is not None else frame.facts.pixel_aspect)
    smaller = min(1.0, most_px / max(width, tall))
    small = whole.scaled(
        max(1, round(width * smaller)), max(1, round(tall * smaller)), Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    return with_letters(small, "" if frame.facts.plane is not None else frame.identity.film)


def with_letters(image: QImage, film: str) -> QImage:
    """A small picture with the letters of a film's side and view, such as "L CC", where a view has them."""
    height_px = max(image.width(), image.height()) // LETTERS_SHARE
    if not film or height_px < LEAST_LETTERS_PX:
        return image
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    edge = height_px // 3
    words = elided(film, height_px, image.width() - 2 * edge)
    painter = QPainter(image)
    draw_haloed(painter, image.width() - edge - text_size(words, height_px)[0], edge, words, height_px)
    painter.end()
    return image
