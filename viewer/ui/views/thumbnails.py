"""Thumbnails of series: made in the background, one at a time, kept in memory."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap

from viewer.ui.canvas.words import draw_haloed, elided, text_size

if TYPE_CHECKING:
    from viewer.reading.series import Series
    from viewer.ui.flows.closing import Closed
    from viewer.ui.state.session import Session

THUMBNAIL_PX = 62
KEPT_PX = 360  # of the picture kept for the welcome page
LETTERS_SHARE, LEAST_LETTERS_PX = 6, 8  # a picture's side by the height of its letters; smaller ones cannot be read


class Thumbnails(QObject):
    """Small pictures by series. The middle image through its file's own window."""

    made = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._pixmaps: dict[str, QPixmap | None] = {}
        self._waiting: list[Series] = []
        self._busy = False
        session.closing.closed.connect(self._on_closed)

    def _on_closed(self, closed: "Closed") -> None:
        """Small pictures go with their series; they are made again when it is opened again."""
        gone = closed.series_ids
        self._waiting = [series for series in self._waiting if series.series_id not in gone]
        self._pixmaps = {name: picture for name, picture in self._pixmaps.items() if name not in gone}

    def get(self, series: "Series") -> QPixmap | None:
        """A series' thumbnail, asked for when it is not there yet."""
        if series.series_id not in self._pixmaps:
            self._pixmaps[series.series_id] = None
            self._waiting.append(series)
            self._next()
        return self._pixmaps[series.series_id]

    def _next(self) -> None:
        if self._busy or not self._waiting:
            return
        # What came on the screen last is looked at now.
        series = self._waiting.pop()
        self._busy = True

        def done(image: QImage) -> None:
            self._busy = False
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(2.0)
            if series.series_id in self._pixmaps:  # else it was closed meanwhile
                self._pixmaps[series.series_id] = pixmap
            self.made.emit()
            self._next()

        def failed(_error: Exception) -> None:
            # The reason is told when the series is opened; here its place stays black.
            self._busy = False
            self._next()

        self._session.run_in_background(lambda: series_picture(series, 2 * THUMBNAIL_PX), done, failed)


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
