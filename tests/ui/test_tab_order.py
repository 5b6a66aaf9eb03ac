"""Tab goes through a dialog as it is read, and never to what is not seen; the button that Enter presses shows it."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QScrollArea, QWidget

from tests.ui.scenes import Scenes, program_fonts, scenes
from tests.waiting import handled
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.look.row_painting import KeyButton

__all__ = ["program_fonts", "scenes"]  # fixtures
MOST = 80  # no dialog has as many stops


def walked(dialog: QDialog) -> list[QWidget]:
    """Where Tab stops, once around, from what it comes to first; what is stopped at is seen then."""
    dialog.activateWindow()
    handled()
    found: list[QWidget] = []
    for _ in range(MOST):
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None and now.isVisible() and not now.visibleRegion().isEmpty(), (dialog, now)
        if now in found:
            break
        found.append(now)
    return found


def places(one: QWidget, other: QWidget, dialog: QDialog) -> tuple[QRect, QRect]:
    """Of two stops, in the innermost part that holds both; of one in a part that scrolls, that part's."""

    def outwards(widget: QWidget) -> list[QWidget]:
        above, now = [widget], widget.parentWidget()
        while now is not None and now is not dialog:
            scrolls = isinstance(now, QScrollArea)
            above += [now] if scrolls else []
            now = now.parentWidget()
        return above

    shared = [area for area in outwards(one) if area in outwards(other)]
    frame = shared[0] if shared else dialog
    found = []
    for widget in (one, other):
        above = outwards(widget)
        shown = above[above.index(frame) - 1] if frame in above else above[-1]
        base = frame.widget() if isinstance(frame, QScrollArea) else frame
        found.append(QRect(shown.mapTo(base, QPoint(0, 0)), shown.size()))
    return found[0], found[1]


def strays(dialog: QDialog) -> list[str]:
    """Steps of Tab, but for the one back to the first, that go upwards, or to the left in one row."""
    stops = walked(dialog)
    wrong = []
    for before, after in zip(stops, [*stops[1:], stops[0]], strict=True):
        one, other = places(before, after, dialog)
        if other.bottom() < one.top() or (other.top() <= one.bottom() and other.right() < one.left()):
            wrong.append(f"{type(dialog).__name__}: {before.accessibleName()!r} to {after.accessibleName()!r}")
    return wrong[1:] if len(wrong) == 1 and len(stops) > 1 else wrong


def without_its_key(dialog: QDialog) -> list[str]:
    """Default buttons that do not show Enter; of a page or a warning, whose way out is the default, Esc."""
    default = [button for button in dialog.findChildren(QPushButton) if button.isDefault()]
    shown = [isinstance(button, KeyButton) and any(key in button.key for key in ("↵", "Esc")) for button in default]
    return [
        f"{type(dialog).__name__}: {button.text()}" for button, seen in zip(default, shown, strict=True) if not seen
    ]


def test_tab_goes_as_a_dialog_is_read_and_the_default_button_shows_its_key(scenes: Scenes) -> None:
    wrong, silent = [], []
    for _, dialog in scenes.dialogs(as_they_come=True):
        wrong += strays(dialog)
        silent += without_its_key(dialog)
        if isinstance(dialog, ImportDialog):  # what is shown late has its place among the others
            link = next(one for one in dialog.findChildren(QPushButton) if one.text().startswith("More settings"))
            link.click()
            handled()
            wrong += strays(dialog)
    assert wrong == [] and silent == []
