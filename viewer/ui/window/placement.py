"""Where a window lies on its screen: never larger than it, never beside it, however it was left."""

from PySide6.QtCore import QByteArray, QRect, QSize, QTimer
from PySide6.QtWidgets import QWidget

from viewer.ui.look.on_screen import fitted, screen_room

FIRST = QSize(1600, 1000)  # the size of a window that was never closed
LEAST = QSize(1080, 640)  # below this there is no room for every tool; a smaller screen makes it less


def place(window: QWidget, geometry: QByteArray) -> None:
    """Lay a window where it was left, or in the middle; on this screen in any case.

    geometry: what `saveGeometry` told, of this screen or of another one; empty before the first close.
    """
    window.setMinimumSize(LEAST.boundedTo(screen_room(window).size()))
    if geometry.isEmpty() or not window.restoreGeometry(geometry):
        window.resize(FIRST)
    room = screen_room(window)
    window.setMinimumSize(LEAST.boundedTo(room.size()))
    if window.isMaximized() or window.isFullScreen():
        return
    whole = fitted(window.geometry(), room)
    window.setGeometry(whole)
    # Only a window that is shown knows its frame; whoever moved or sized it by then has had the last word.
    QTimer.singleShot(0, window, lambda: _mind_the_frame(window, whole))


def _mind_the_frame(window: QWidget, placed: QRect) -> None:
    frame, inner = window.frameGeometry(), window.geometry()
    room = screen_room(window)
    if inner.size() != placed.size() or room.contains(frame):
        return
    edges = frame.size() - inner.size()
    into = fitted(frame, room)
    window.setMinimumSize(LEAST.boundedTo(room.size() - edges))
    window.resize(into.size() - edges)
    window.move(into.topLeft())
