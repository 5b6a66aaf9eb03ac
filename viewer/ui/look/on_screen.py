"""What the screen leaves to a window, a rectangle laid into it, and a part that never becomes a window itself."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget


def screen_room(widget: QWidget) -> QRect:
    """What the screen that a widget lies on leaves to windows: without task bars, in device-independent pixels."""
    screen = widget.screen() or QApplication.primaryScreen()
    return screen.availableGeometry()


def fitted(wanted: QRect, room: QRect) -> QRect:
    """A rectangle of the wanted size, no larger than the room, moved into it."""
    size = wanted.size().boundedTo(room.size())
    x = min(max(wanted.x(), room.x()), room.x() + room.width() - size.width())
    y = min(max(wanted.y(), room.y()), room.y() + room.height() - size.height())
    return QRect(x, y, size.width(), size.height())


def show_inside(part: QWidget, *, on: bool) -> None:
    """Show or hide a part of a window; one that is in none yet is shown with it, or Qt would make it a window."""
    if not on or part.parentWidget() is not None:
        part.setVisible(on)


def is_out_of_sight(panel: QWidget) -> bool:
    """Whether a panel is hidden in a window that is seen: what it shows is worked out when it comes into sight."""
    return not panel.isVisible() and panel.window().isVisible()
