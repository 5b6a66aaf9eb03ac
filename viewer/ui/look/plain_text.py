"""The one place through which text reaches Qt, as text.

Qt guesses: a tool tip, a label, a message box or an item view that is given `<img src="file:///dev/zero">` takes it for
HTML and reads the file, or asks a network for it. It takes `&` for a key, and shows what turns a line round. Text comes
from files, so every other module of the window hands it to these functions; `tests/test_text_contract.py` finds the
bare calls. Text that is a literal of our own may go straight to Qt.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QUrl
from PySide6.QtGui import QAction, QFontMetrics, QFontMetricsF, QGuiApplication, QImage, QPainter, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTabBar,
    QTextBrowser,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from viewer.core.text.shown_text import all_lines, one_line, some_lines

DISPLAY, TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole
FACTS = " · "  # between the facts of one line
TIP_LINE = 120  # a plain tool tip is as wide as its longest line
TITLE_LIMIT, LABEL_LIMIT = 160, 2000
ROUNDED_PX = 2  # by which Qt may make a table wider than its page
WORD_JOINER = "\N{WORD JOINER}"  # no width, no break
BREAK = "\N{ZERO WIDTH SPACE}"  # where a long word may be broken


# Tool tips and what screen readers say


@lru_cache(maxsize=2000)
def tip_text(text: str) -> str:
    """A tool tip that Qt cannot take for HTML, in lines that fit a screen."""
    lines = [piece for line in some_lines(text).split("\n") for piece in _pieces(line)]
    shown = "\n".join(lines)
    if Qt.mightBeRichText(shown):
        # Qt looks for a tag or `&lt;`; a character of no width behind the bracket makes it neither.
        shown = shown.replace("<", f"<{WORD_JOINER}").replace("&", f"&{WORD_JOINER}")
    return shown


def _pieces(line: str) -> list[str]:
    """A line cut at spaces, and inside a word where that alone is too long."""
    return re.findall(rf".{{1,{TIP_LINE}}}(?:\s+|$)|.{{1,{TIP_LINE}}}", line) or [""]


def set_tip(thing: QWidget | QAction | QTreeWidgetItem, text: str, column: int = 0) -> None:
    """Give a widget, an action or a column of a row its tool tip."""
    if isinstance(thing, QTreeWidgetItem):
        thing.setToolTip(column, tip_text(text))
    elif thing.toolTip() != (tip := tip_text(text)):  # Qt tells the widget and whoever watches it of the same one too
        thing.setToolTip(tip)


def set_name(widget: QWidget, text: str) -> None:
    """What a screen reader calls a widget."""
    widget.setAccessibleName(one_line(text))


def set_description(widget: QWidget, text: str) -> None:
    """What a screen reader says of a widget beside its name."""
    widget.setAccessibleDescription(one_line(text))


# Labels, buttons, fields, titles


class PlainLabel(QLabel):
    """A label that shows text as text, whatever it is given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)


def plain_label(text: str = "", parent: QWidget | None = None) -> PlainLabel:
    """The same with its text."""
    label = PlainLabel(parent)
    set_text(label, text)
    return label


def set_text(thing: Any, text: str) -> None:
    """What a label, a button, an action or a plot's word shows. On buttons and actions `&` is no key."""
    if isinstance(thing, QLabel):
        thing.setTextFormat(Qt.TextFormat.PlainText)
        # A label of one line stays one: a break in a name would push away what stands beside it.
        words = some_lines(text) if thing.wordWrap() else one_line(text, LABEL_LIMIT)
        thing.setText(breakable(words) if thing.property("breaks") else words)
    elif isinstance(thing, (QAbstractButton, QAction)):
        thing.setText(button_text(text))
    else:  # pyqtgraph's TextItem.setText is plain; its setHtml is not
        thing.setText(some_lines(text))


def breakable(text: str) -> str:
    """A sentence that can be wrapped within words too, as a name joined by "_" must be; short words stay whole."""
    return re.sub(r"\S{41,}", lambda word: re.sub(r"(\W|_|[^\W_]{30})", rf"\1{BREAK}", word[0]), text)


def button_text(text: str) -> str:
    """Text for a button or a menu in which `&` is a letter."""
    return one_line(text).replace("&", "&&")


def set_field(field: QLineEdit | QPlainTextEdit, text: str) -> None:
    """The content of a field that a person may go on editing: a path must come out of it as it went in."""
    if isinstance(field, QLineEdit):
        field.setText(text)
    else:
        field.setPlainText(all_lines(text))


def set_command(field: QPlainTextEdit, command: str) -> None:
    """A command to be read. Qt breaks a line behind every hyphen, and "-- seed" looks like two words: a character of no
    width holds them together. `CommandField` leaves it out of what is copied."""
    field.setPlainText(all_lines(command).replace("-", f"-{WORD_JOINER}"))


def show_tip(at: QPoint, text: str, widget: QWidget) -> None:
    """Show a tool tip now, of something that is painted and no widget. at: on the screen."""
    QToolTip.showText(at, tip_text(text), widget)


def set_hint(field: QLineEdit, text: str) -> None:
    """What stands in an empty field; its tool tip says it whole where the field is narrow and has no other."""
    field.setPlaceholderText(one_line(text))
    if not field.toolTip():
        set_tip(field, text)


def set_title(window: QDialog | QMainWindow, text: str) -> None:
    """A window's title, in which Qt's own mark for a changed document is a text like any other."""
    window.setWindowTitle(one_line(text, TITLE_LIMIT).replace("[*]", "[*][*]"))


# Lists


def role_text(role: int, text: str, tip: str = "") -> str | None:
    """What an item model answers for its text: on one line as display, `tip` or the same as tool tip, else None."""
    if role == DISPLAY:
        return one_line(text)
    return tip_text(tip or text) if role == TIP else None


def add_choice(box: QComboBox, text: str, data: object = None, tip: str = "") -> None:
    """One more row of a combo box."""
    box.addItem(one_line(text), data)
    if tip:
        box.setItemData(box.count() - 1, tip_text(tip), TIP)


def add_tab(bar: QTabBar, text: str) -> None:
    """One more tab, in whose words `&` is a letter."""
    bar.addTab(button_text(text))


def tell_choice(box: QComboBox, more: str = "") -> None:
    """The chosen row whole in the tool tip, and `more` below: the box is often narrower than what it offers."""
    set_tip(box, "\n".join(part for part in (box.currentText(), more) if part))


def add_choices(box: QComboBox, texts: Sequence[str]) -> None:
    """More rows of a combo box; each carries its text as data, which may be more than is seen."""
    for text in texts:
        add_choice(box, text, text)


def add_field_choices(box: QComboBox, texts: Sequence[str]) -> None:
    """More rows of a combo box whose text is a field: what is chosen comes out as it went in."""
    box.addItems(list(texts))


def tree_row(tree: QTreeWidget | None, texts: Sequence[str], limit: int = 400) -> QTreeWidgetItem:
    """A row of a tree, in it where one is given."""
    shown = [one_line(text, limit) for text in texts]
    return QTreeWidgetItem(shown) if tree is None else QTreeWidgetItem(tree, shown)


# Painted text


def draw_words(painter: QPainter, *place_and_text: Any) -> None:
    """`QPainter.drawText`, which never looks for HTML: a place, flags where that is a rectangle, and the text."""
    *place, text = place_and_text
    draw: Any = painter.drawText  # one name for seven signatures
    draw(*place, one_line(text))


def words_width(metrics: QFontMetrics, text: str) -> int:
    """How wide `draw_words` draws a text, in px: what a file hides in it is seen, and takes room."""
    return metrics.horizontalAdvance(one_line(text))


def elide(metrics: QFontMetrics | QFontMetricsF, text: str, mode: Qt.TextElideMode, width_px: float) -> str:
    """One line cut with dots where there is less room: at its end between facts, or between words where that would
    leave more than half of the room empty, since half a number is another number; a word that has no room alone is cut
    in itself."""
    line, width_px = one_line(text), width_px if isinstance(metrics, QFontMetricsF) else int(width_px)
    if metrics.horizontalAdvance(line) <= width_px:
        return line  # Qt would cut it for a part of a pixel, in fonts whose letters are not whole pixels wide
    if mode is Qt.TextElideMode.ElideRight:
        best = ""
        for between in (FACTS, " "):
            parts = line.split(between)
            while len(parts) > 1:
                parts.pop()
                if between == " " and not re.search(r"[^\W\d]", parts[-1]):
                    continue  # a number ends no line without its unit
                kept = between.join(parts).rstrip() + (f"{FACTS}…" if between == FACTS else "…")
                if metrics.horizontalAdvance(kept) <= width_px:
                    best = max(best, kept, key=metrics.horizontalAdvance)
                    break
            if best and 2 * metrics.horizontalAdvance(best) >= width_px:
                return best
        if best:
            return best
    cut = metrics.elidedText(line, mode, width_px)  # type: ignore[arg-type]
    return "…" if re.search(r"(^|[\s(×])[\d.,]+…$", cut) and mode is Qt.TextElideMode.ElideRight else cut


def elide_last(metrics: QFontMetrics | QFontMetricsF, text: str, width_px: float) -> str:
    """One line cut in the middle of its last fact, where all before it has room: "Heatmap · PNEU…NIA"."""
    line = one_line(text)
    before, between, last = line.rpartition(FACTS)
    room_px = width_px - metrics.horizontalAdvance(before + between)
    middle = Qt.TextElideMode.ElideMiddle
    if (
        metrics.horizontalAdvance(line) > width_px
        and before
        and room_px >= metrics.horizontalAdvance(f"{last[:2]}…{last[-2:]}")
    ):
        return before + between + elide(metrics, last, middle, room_px)
    return elide(metrics, line, middle, width_px)


# What leaves the window


def copy_text(text: str) -> None:
    """Put text on the clipboard, whole."""
    QGuiApplication.clipboard().setText(all_lines(text))


def text_to_copy(text: str) -> QMimeData:
    """What a field puts on the clipboard or drags away, whole."""
    data = QMimeData()
    data.setText(all_lines(text))
    return data


# Pages of our own


class OurPage(QTextBrowser):
    """A page of our own HTML: literals with escaped parts. It loads nothing, from no disk and no network."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self._pictures: Mapping[str, QImage] = {}
        self.horizontalScrollBar().rangeChanged.connect(self._on_width)

    def _on_width(self, _least: int, most: int) -> None:
        """Qt rounds the columns of a table up: a bar that scrolls by that one pixel is none."""
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOff if most <= ROUNDED_PX else policy.ScrollBarAsNeeded)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return self._pictures.get(name if isinstance(name, str) else name.toString(), "")

    def show_page(self, html: str, pictures: Mapping[str, QImage] | None = None) -> None:
        """Show HTML whose every part from outside went through `html_text`. pictures: drawn by us, by their names."""
        self._pictures = pictures or {}
        self.setHtml(html)


def html_text(text: str) -> str:
    """Text as a part of our own HTML."""
    return escape(one_line(text))
