"""What of a window's text has no room, and which of its widgets lie on each other or outside their place.

Text is measured by the widget's own font against the room that the style gives it there, so the answer holds for
whatever font is installed. `faults` walks what is visible now and returns a line for each fault.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QStyleOptionTab,
    QTabBar,
    QToolBar,
    QWidget,
)

from viewer.ui.canvas.view import ImageView
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.window.banner import Banner
from viewer.ui.window.palette import Palette

SLACK_PX = 1
NUMBER = re.compile(r"\d")
# A field whose content is written by a person may be longer than its box: it scrolls. Of these only hints are judged.
CELL_MARGIN_PX = 3  # Qt's own, left and right of an item's text


def faults(root: QWidget) -> list[str]:
    """Every fault of a widget and of what is visible in it."""
    found = [*_text_faults(root), *_place_faults(root), *_painted_faults(root)]
    return list(dict.fromkeys(found))


def named(widget: QWidget) -> str:
    """Where a widget stands: the names or kinds from the window down to it."""
    parts: list[str] = []
    one: QWidget | None = widget
    while one is not None and len(parts) < 4:
        parts.append(one.objectName() or type(one).__name__)
        one = one.parentWidget()
    return " < ".join(parts)


def _seen(root: QWidget, kind: type[Any] = QWidget) -> list[Any]:
    every = [*([root] if isinstance(root, kind) else []), *root.findChildren(kind)]
    return [
        one
        for one in every
        if one is root or (one.isVisible() and QWidget.window(one) is QWidget.window(root) and not _aside(one))
    ]


def _aside(widget: QWidget) -> bool:
    """In a dock or tab bar that a main window keeps out of sight: Qt moves what is behind a tab off its left edge."""
    one = widget
    while one is not None and not one.isWindow():
        if isinstance(one.parentWidget(), QMainWindow) and (one.x() + one.width() < 0 or one.y() + one.height() < 0):
            return True
        one = one.parentWidget()
    return isinstance(widget.parentWidget(), QMainWindow) and widget.objectName().startswith("qt_qmainwindow")


# Text


def _text_faults(root: QWidget) -> Iterator[str]:
    for label in _seen(root, QLabel):
        yield from _of_label(label)
    for button in _seen(root, QAbstractButton):
        yield from _of_button(button)
    for field in _seen(root, QLineEdit):
        yield from _of_field(field)
    for combo in _seen(root, QComboBox):
        yield from _of_combo(combo)
    for bar in _seen(root, QTabBar):
        yield from _of_tabs(bar)
    for view in _seen(root, QAbstractItemView):
        if isinstance(view, QHeaderView):
            yield from _of_header(view)
        else:
            yield from _of_cells(view)
    for bar in _seen(root, QToolBar):
        more = bar.findChild(QWidget, "qt_toolbar_ext_button")
        if more is not None and more.isVisible():
            yield f"{named(bar)}: not every button has room"


def _of_label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if not text:
        return
    room, metrics = label.contentsRect(), label.fontMetrics()
    if isinstance(label, ElidedLabel):
        if metrics.horizontalAdvance(text) > room.width() + SLACK_PX and not _tip_has(label, text):
            yield f"{named(label)}: {text!r} ends in dots, and no tool tip has it whole"
        return
    if label.wordWrap():
        asked = label.heightForWidth(label.width())
        if asked > label.height() + SLACK_PX:
            yield f"{named(label)}: {text[:60]!r} needs {asked} px of height and has {label.height()}"
        longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
        if longest > room.width() + SLACK_PX:
            yield f"{named(label)}: a word of {text[:60]!r} needs {longest} px and has {room.width()}"
        return
    wide = max(metrics.horizontalAdvance(line) for line in text.split("\n"))
    high = metrics.ascent() + (text.count("\n")) * metrics.lineSpacing()
    if wide > room.width() + SLACK_PX and not (text.endswith("…") and _tip_has(label, text.rstrip("…"))):
        yield f"{named(label)}: {text[:60]!r} needs {wide} px and has {room.width()}"
    if high > room.height() + SLACK_PX:
        yield f"{named(label)}: {text[:60]!r} needs {high} px of height and has {room.height()}"


def _tip_has(widget: QWidget, text: str) -> bool:
    one: QWidget | None = widget
    while one is not None:
        if text.strip()[:40] in one.toolTip().replace("\n", " "):
            return True
        one = one.parentWidget()
    return False


def _of_button(button: QAbstractButton) -> Iterator[str]:
    if type(button).paintEvent is not _qt_paint(button) or not button.text():
        # What our own painting writes is judged where it is painted; but of itself it says how little it can do with.
        least = button.minimumSizeHint().width()
        if least > button.width() + SLACK_PX:
            yield f"{named(button)}: the button {button.text()!r} needs {least} px and has {button.width()}"
        return
    asked = button.sizeHint()
    if asked.width() > button.width() + SLACK_PX:
        yield f"{named(button)}: the button {button.text()!r} asks for {asked.width()} px and has {button.width()}"
    if button.fontMetrics().ascent() > button.height():
        yield f"{named(button)}: the button {button.text()!r} is lower than its text"


def _qt_paint(button: QAbstractButton) -> Any:
    kind = next(one for one in type(button).__mro__ if one.__module__.startswith("PySide6"))
    return kind.paintEvent  # type: ignore[attr-defined]


def _of_field(field: QLineEdit) -> Iterator[str]:
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
    margins = field.textMargins()
    wide = room.width() - margins.left() - margins.right() - 4  # QLineEdit keeps 2 px left and right of its text
    text, metrics = field.displayText(), field.fontMetrics()
    is_number = isinstance(field.parentWidget(), QAbstractSpinBox) or re.fullmatch(r"[\s\d.,+\-−e%]+", text or "x")
    shown = text if text and is_number else "" if text else field.placeholderText()
    if isinstance(field.parentWidget(), QComboBox):
        return
    if metrics.horizontalAdvance(shown) > wide + SLACK_PX and (text or not _tip_has(field, shown)):
        yield f"{named(field)}: {shown!r} needs {metrics.horizontalAdvance(shown)} px and has {wide}"
    if metrics.ascent() > room.height():
        yield f"{named(field)}: {shown!r} is higher than its field"


def _of_combo(combo: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, combo)
    wide = combo.fontMetrics().horizontalAdvance(combo.currentText())
    if wide > room.width() + SLACK_PX and not _tip_has(combo, combo.currentText()):
        yield f"{named(combo)}: the choice {combo.currentText()!r} needs {wide} px and has {room.width()}"


def _of_tabs(bar: QTabBar) -> Iterator[str]:
    for place in range(bar.count()):
        rect, text = bar.tabRect(place), bar.tabText(place)
        option = QStyleOptionTab()
        bar.initStyleOption(option, place)
        if option.text != text:
            yield f"{named(bar)}: the tab {text!r} became {option.text!r} in {rect.width()} px"
        if rect.right() > bar.width() and not bar.usesScrollButtons():
            yield f"{named(bar)}: the tab {text!r} lies outside its bar"


def _of_header(header: QHeaderView) -> Iterator[str]:
    if header.orientation() != Qt.Orientation.Horizontal:
        return
    model = header.model()
    for place in range(header.count()):
        if header.isSectionHidden(place):
            continue
        text = str(model.headerData(place, header.orientation()) or "")
        wide = header.fontMetrics().horizontalAdvance(text)
        if text and wide > header.sectionSize(place) + SLACK_PX:
            yield f"{named(header)}: the header {text!r} needs {wide} px and has {header.sectionSize(place)}"
        right = header.sectionViewportPosition(place) + header.sectionSize(place)
        if right > header.viewport().width() + SLACK_PX and not _scrolls(header.parentWidget()):
            yield f"{named(header)}: the column {text!r} ends at {right} px of {header.viewport().width()}"


def _scrolls(view: QWidget | None) -> bool:
    return isinstance(view, QAbstractScrollArea) and view.horizontalScrollBar().isVisible()


def _of_cells(view: QAbstractItemView) -> Iterator[str]:
    """What Qt's own delegate draws: numbers are whole, what else ends in dots has a tool tip."""
    if type(view.itemDelegate()).__module__.startswith("viewer"):
        return
    model = view.model()
    if model is None:
        return
    root, metrics = view.rootIndex(), view.fontMetrics()
    for row in range(min(60, model.rowCount(root))):
        for column in range(model.columnCount(root)):
            index = model.index(row, column, root)
            rect = view.visualRect(index)
            if rect.isEmpty() or not rect.intersects(view.viewport().rect()):
                continue
            text = str(index.data() or "")
            wide = max((metrics.horizontalAdvance(line) for line in text.split("\n")), default=0)
            if wide <= rect.width() - 2 * CELL_MARGIN_PX + SLACK_PX:
                continue
            tip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            if NUMBER.search(text) and len(text) < 12:
                yield f"{named(view)}: the number {text!r} needs {wide} px and has {rect.width()}"
            elif text.strip()[:40] not in tip.replace("\n", " "):
                yield f"{named(view)}: the cell {text[:60]!r} ends in dots, and no tool tip has it whole"


# Places


def _place_faults(root: QWidget) -> Iterator[str]:
    for parent in _seen(root):
        if isinstance(parent, (ImageView, QComboBox, QAbstractSpinBox, QLineEdit, QTabBar, QHeaderView)):
            continue
        children = [
            one for one in parent.children()
            if isinstance(one, QWidget) and one.isVisible() and not one.isWindow() and not one.geometry().isEmpty()
            and not _aside(one)
        ]  # fmt: skip
        yield from _of_children(parent, children)
    for widget in _seen(root):
        least, above = widget.minimumSizeHint(), widget.parentWidget()
        if widget.layout() is None or widget is root or isinstance(above, QAbstractScrollArea | QToolBar):
            continue
        if isinstance(widget, QToolBar):  # its buttons are lower where it is; whether all have room is asked above
            continue
        if widget.width() < least.width() - SLACK_PX or widget.height() < least.height() - SLACK_PX:
            yield (
                f"{named(widget)}: {widget.width()} x {widget.height()} px, and its parts need "
                f"{least.width()} x {least.height()}"
            )


def _of_children(parent: QWidget, children: list[QWidget]) -> Iterator[str]:
    scrolled = isinstance(parent.parentWidget(), QAbstractScrollArea)
    for child in children:
        inside = parent.rect().adjusted(-SLACK_PX, -SLACK_PX, SLACK_PX, SLACK_PX)
        if scrolled:
            area = parent.parentWidget()
            assert isinstance(area, QAbstractScrollArea)
            if isinstance(area, QScrollArea) and child.width() > parent.width() + SLACK_PX:
                yield f"{named(child)}: {child.width()} px wide in {parent.width()}"
        elif not inside.contains(child.geometry()):
            yield f"{named(child)}: {_words(child.geometry())} lies outside of {_words(parent.rect())}"
    if isinstance(parent.parentWidget(), QAbstractScrollArea) or isinstance(parent, QAbstractScrollArea):
        return
    for one, other in combinations(children, 2):
        both = one.geometry().intersected(other.geometry())
        if both.width() > 2 and both.height() > 2 and not (_is_over(one) or _is_over(other)):
            name = other.objectName() or type(other).__name__
            yield f"{named(one)} and {name}: overlap by {both.width()} x {both.height()} px"


def _is_over(widget: QWidget) -> bool:
    """Meant to lie on others: the palette, the banner, and what lets the mouse through."""
    return isinstance(widget, Palette | Banner) or widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def _words(rect: QRect) -> str:
    return f"{rect.x()},{rect.y()} {rect.width()} x {rect.height()}"


# What our own painting writes


@dataclass(frozen=True, slots=True)
class _Text:
    """text: as written. room: the rectangle it was given. ink: where it goes, both in the widget's own pixels."""

    widget: Any
    text: str
    room: QRectF
    ink: QRectF
    high: float


def _painted_faults(root: QWidget) -> Iterator[str]:
    texts, dotted = _painted(root)
    for one in texts:
        where = named(one.widget)
        if one.ink.width() > one.room.width() + SLACK_PX:
            yield f"{where}: painted {one.text!r} needs {one.ink.width():.0f} px and has {one.room.width():.0f}"
        if one.high > one.room.height() + SLACK_PX:
            yield f"{where}: painted {one.text!r} is {one.high:.0f} px high and has {one.room.height():.0f}"
        if one.ink.left() < -SLACK_PX or one.ink.right() > one.widget.width() + SLACK_PX:
            yield f"{where}: painted {one.text!r} lies outside of the widget"
    for one, other in combinations(texts, 2):
        if one.widget is other.widget and one.text.strip() and other.text.strip():
            both = one.ink.intersected(other.ink)
            if both.width() > 2 and both.height() > 3:
                yield f"{named(one.widget)}: painted {one.text!r} and {other.text!r} lie on each other"
    chosen = {combo.currentText() for combo in _seen(root, QComboBox)}  # whole in the tip, as asked above
    for text, cut in dotted:
        if text not in chosen and NUMBER.search(text) and len(text) <= 14:
            yield f"painted {text!r} became {cut!r}"


def _painted(root: QWidget) -> tuple[list[_Text], list[tuple[str, str]]]:
    texts: list[_Text] = []
    dotted: list[tuple[str, str]] = []
    draw, elided, elided_f = QPainter.drawText, QFontMetrics.elidedText, QFontMetricsF.elidedText

    def write(painter: QPainter, *arguments: Any) -> Any:
        place, text = arguments[0], next(one for one in reversed(arguments) if isinstance(one, str))
        flags = next((one for one in arguments[1:] if isinstance(one, Qt.AlignmentFlag | Qt.TextFlag | int)), 0)
        device = painter.device()
        if isinstance(place, QRect | QRectF) and isinstance(device, QWidget):
            metrics = QFontMetricsF(painter.font())
            room = QRectF(place)
            wide, high = metrics.horizontalAdvance(text), metrics.tightBoundingRect(text or " ").height()
            x = room.left()
            if int(flags) & int(Qt.AlignmentFlag.AlignRight):
                x = room.right() - wide
            elif int(flags) & int(Qt.AlignmentFlag.AlignHCenter):
                x = room.center().x() - wide / 2
            ink = QRectF(x, room.center().y() - high / 2, wide, high)
            if not int(flags) & int(Qt.TextFlag.TextWordWrap):
                move = painter.worldTransform()
                texts.append(_Text(device, text, room, move.mapRect(ink), high))
        return draw(painter, *arguments)

    def shorten(metrics: Any, text: str, mode: Any, width: Any, *more: Any) -> str:
        cut = (elided_f if isinstance(metrics, QFontMetricsF) else elided)(metrics, text, mode, width, *more)
        if cut != text:
            dotted.append((text, cut))
        return cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QPainter, "drawText", write)
        patch.setattr(QFontMetrics, "elidedText", shorten)
        patch.setattr(QFontMetricsF, "elidedText", shorten)
        root.grab()
    return texts, dotted
