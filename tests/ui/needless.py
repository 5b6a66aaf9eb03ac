"""Which scroll bars stand there although everything is seen without them."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

from tests.ui.fits import named

SEEN = (
    QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QAbstractItemView, QTextEdit,
    QPlainTextEdit,
)  # fmt: skip
MUCH_PX = 1 << 20  # of a list: it has no bar but where a row is beyond its edge
FEW_PX = 6  # beyond the edge: nobody scrolls for a margin


def needless_bars(root: QWidget) -> Iterator[str]:
    """A line for each visible scroll bar of a widget and of what is in it, beyond whose edges there is nothing."""
    for area in [one for one in root.findChildren(QAbstractScrollArea) if one.isVisible()]:
        for bar, beyond_px in (
            (area.verticalScrollBar(), _content(area).bottom() - area.viewport().height()),
            (area.horizontalScrollBar(), _content(area).right() - area.viewport().width()),
        ):
            if bar.isVisible() and beyond_px <= FEW_PX and not bar.visibleRegion().isEmpty():
                across = "" if bar.orientation() == Qt.Orientation.Vertical else "horizontal, "
                yield f"{named(area)}: {across}over {bar.maximum()} px, with {beyond_px} px beyond its edge"


def _content(area: QAbstractScrollArea) -> QRect:
    """What is to be seen in an area, as if scrolled to its beginning; in the viewport's coordinates."""
    if isinstance(area, QTextEdit):
        return QRect(0, 0, round(area.document().size().width()), round(area.document().size().height()))
    if isinstance(area, QScrollArea):
        inner = area.widget()
        parts = [inner, *inner.findChildren(QWidget)]
        shown = [one for one in parts if one.isVisible() and _says(one) and not _within_another(one, area)]
        found = QRect()
        for one in shown:
            found = found.united(QRect(one.mapTo(inner, _ink(one).topLeft()), _ink(one).size()))
        return found
    is_empty = isinstance(area, QAbstractItemView) and (area.model() is None or not area.model().rowCount())
    return QRect() if is_empty and not isinstance(area, QHeaderView) else QRect(0, 0, MUCH_PX, MUCH_PX)


def _says(widget: QWidget) -> bool:
    """Whether anything is to be seen of it itself."""
    if isinstance(widget, QLabel):
        return bool(widget.text()) or not widget.pixmap().isNull()
    painted = type(widget).paintEvent is not QWidget.paintEvent and not isinstance(widget, QAbstractScrollArea)
    return isinstance(widget, (*SEEN, QScrollArea)) or (painted and type(widget).__module__.startswith("viewer"))


def _within_another(widget: QWidget, area: QScrollArea) -> bool:
    """Whether an area within this one scrolls it."""
    above = widget.parentWidget()
    while above is not None and above is not area:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def _ink(widget: QWidget) -> QRect:
    """Where in a widget something is to be seen: of words that stand in the middle of it, not what is around them."""
    if isinstance(widget, QLabel) and widget.text():
        flags = int(widget.alignment().value)
        if widget.wordWrap():
            flags |= Qt.TextFlag.TextWordWrap.value
        return widget.fontMetrics().boundingRect(widget.contentsRect(), flags, widget.text())
    if isinstance(widget, QScrollArea):
        return widget.rect().intersected(_content(widget))
    if isinstance(widget, QAbstractItemView):
        rows = 0 if widget.model() is None else widget.model().rowCount(widget.rootIndex())
        if rows == 0:
            return QRect(0, 0, 1, 1)
        last = widget.visualRect(widget.model().index(rows - 1, 0, widget.rootIndex()))
        return QRect(0, 0, widget.width(), min(widget.height(), widget.viewport().y() + last.bottom()))
    return widget.rect()
