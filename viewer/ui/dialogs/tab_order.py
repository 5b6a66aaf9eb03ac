"""Tab goes through a dialog as it is read: row by row from the top, in a row from the left; never to what is not seen.

Qt goes in the order in which the widgets were made, and stops at the frame of a part that scrolls.
"""

from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QScrollArea, QWidget

Stop = tuple[QRect, list[QWidget]]  # where it is in what is gone through; itself, or all that is inside of it


def tab_in_reading_order(dialog: QWidget) -> None:
    """Order what takes the keys. Call it again when something was shown, hidden or moved."""
    stops = reading_order(dialog)
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def reading_order(within: QWidget) -> list[QWidget]:
    """What is shown inside of a widget and takes the keys, as it is read."""
    return [widget for _, widgets in _rows(_stops(within, within)) for widget in widgets]


def _stops(parent: QWidget, within: QWidget) -> list[Stop]:
    found: list[Stop] = []
    for child in parent.children():
        if not isinstance(child, QWidget) or child.isWindow():
            continue
        if not child.isVisibleTo(parent) or child.size().isEmpty():
            continue
        place = QRect(child.mapTo(within, QPoint(0, 0)), child.size())
        takes = _takes_keys(child)
        if isinstance(child, QScrollArea):
            content = child.widget()
            inner = [] if content is None else reading_order(content)
            if content is not None and _takes_keys(content):
                inner.insert(0, content)
            if inner:  # its frame is no stop: it scrolls to what takes the keys
                child.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if inner or takes:
                found.append((place, inner or [child]))
        elif takes:
            found.append((place, [child]))
            if not isinstance(child, QComboBox | QAbstractSpinBox):
                found += _stops(child, within)
        else:
            found += _stops(child, within)
    return found


def _takes_keys(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _rows(stops: list[Stop]) -> list[Stop]:
    """Those whose middle is beside the first of a row are in it."""
    ordered: list[Stop] = []
    left = sorted(stops, key=lambda stop: (stop[0].top(), stop[0].left()))
    while left:
        first = left[0][0]
        beside = [stop for stop in left if first.top() <= stop[0].center().y() <= first.bottom() or stop[0] is first]
        ordered += sorted(beside, key=lambda stop: (stop[0].left(), stop[0].top()))
        left = [stop for stop in left if not any(stop is one for one in beside)]
    return ordered
