"""What a hand does at mouse, wheel and keyboard, as real events."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip


def press(window: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key, where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)


def drag(view: QWidget, start: tuple[int, int], end: tuple[int, int], button: Qt.MouseButton = LEFT) -> None:
    """start, end: x, y of the view in logical pixels."""
    QTest.mousePress(view, button, NONE, QPoint(*start))
    QTest.mouseMove(view, QPoint(*end))
    QTest.mouseRelease(view, button, NONE, QPoint(*end))


def wheel(
    view: QWidget, notches: float, at: tuple[int, int] = (200, 200), modifiers: Qt.KeyboardModifier = NONE
) -> None:
    """Positive notches turn the wheel up, away from the hand; a fine wheel sends parts of one."""
    event = QWheelEvent(
        QPointF(*at), view.mapToGlobal(QPointF(*at)), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def wheel_from_the_screen(field: QWidget, notches: int) -> None:
    """A wheel as the screen sends it, over the middle of a field: Qt decides first whether it gives it the focus."""
    window = field.window()
    at = QPointF(field.mapTo(window, field.rect().center()))
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, 120 * notches))


def drop(target: QWidget, paths: Iterable[Path | str]) -> None:
    """Files let go over a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    target.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, LEFT, NONE))
