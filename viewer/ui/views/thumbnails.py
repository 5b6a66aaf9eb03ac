"""Thumbnails of series: made in the background, one at a time, kept in memory."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from viewer.ui.canvas.series_picture import series_picture

if TYPE_CHECKING:
    from viewer.reading.series import Series
    from viewer.ui.flows.closing import Closed
    from viewer.ui.flows.desk import Desk

THUMBNAIL_PX = 62


class Thumbnails(QObject):
    """Small pictures by series. The middle image through its file's own window."""

    made = Signal()

    def __init__(self, session: "Desk") -> None:
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

        self._session.run_in_background(lambda: series_picture(series, 2 * THUMBNAIL_PX), done, failed, at_rest=True)
