"""Small marks used all over: key chips, swatches, pills, captions, empty states."""

from math import ceil

from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import BREAK, PlainLabel, draw_words, elide, plain_label, set_text
from viewer.ui.look.theme import Theme

# How Qt's names read on a key.
_KEY_NAMES = {
    "PgUp": "PgUp", "PgDown": "PgDn", "Return": "↵", "Backspace": "⌫", "Space": "Space", "Del": "Del", "Escape": "Esc",
    "Shift": "Shift", "Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "Comma": ",", "Period": ".",
}  # fmt: skip


def key_text(shortcut: str) -> str:
    """A shortcut as it stands on a chip: "Ctrl+Shift+O" is "Ctrl Shift O"."""
    parts = [part for part in shortcut.replace("++", "+Plus").split("+") if part]
    return " ".join(_KEY_NAMES.get(part, "+" if part == "Plus" else part) for part in parts)


def chip_width(text: str, theme: Theme) -> float:
    """Width in px that `paint_chip` needs."""
    return max(15.0, QFontMetricsF(theme.font(10.5, 500)).horizontalAdvance(text) + 7)


def paint_chip(painter: QPainter, x: float, center_y: float, text: str, theme: Theme, color: QColor) -> float:
    """Draw a key chip (16 px high at 100 %) with 1 px border, 2 px below; returns its width."""
    width, height = chip_width(text, theme), max(14, theme.px(14))
    box = QRectF(x + 0.5, center_y - height / 2 - 0.5, width - 1, height)
    line = QColor(color)
    line.setAlphaF(line.alphaF() * 0.6)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    painter.drawLine(QLineF(box.left() + 3, box.bottom() + 1, box.right() - 3, box.bottom() + 1))
    painter.setPen(color)
    painter.setFont(theme.font(10.5, 500))
    draw_words(painter, box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width


class KeyChip(QWidget):
    """A key beside a control."""

    def __init__(self, shortcut: str, icons: Icons, parent: QWidget | None = None, *, token: str = "low") -> None:
        super().__init__(parent)
        self._text, self._icons, self._token = key_text(shortcut), icons, token
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(self.sizeHint())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.setFixedSize(self.sizeHint())  # the text size may be another one

    def sizeHint(self) -> QSize:
        theme = self._icons.theme
        return QSize(ceil(chip_width(self._text, theme)) + 1, max(18, theme.px(14) + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._icons.theme
        paint_chip(painter, 0, self.height() / 2, self._text, theme, theme.color(self._token))
        painter.end()


class IconLabel(PlainLabel):
    """A drawn icon in a token's colour, whatever theme comes. grows: with the text, which it stands beside."""

    def __init__(
        self, icons: Icons, name: str = "", token: str = "mid", size_px: int = 16, *, grows: bool = True
    ) -> None:
        super().__init__()
        self._icons, self._name, self._token, self._size_px = icons, name, token, size_px
        self._grows = grows
        self._draw()

    def show_icon(self, name: str, token: str) -> None:
        """Another icon, or another colour."""
        self._name, self._token = name, token
        self._draw()

    def _draw(self) -> None:
        if self._name:
            side = self._icons.theme.icon_px(self._size_px) if self._grows else self._size_px
            self.setPixmap(self._icons.pixmap(self._name, self._token, side, 2.0))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()


class IconButton(QToolButton):
    """A small button with a drawn icon, whatever theme comes."""

    def __init__(self, icons: Icons, name: str, size_px: int = 16) -> None:
        super().__init__()
        self._icons, self._name, self._size_px = icons, name, size_px
        self._fit()

    def _fit(self) -> None:
        side = self._icons.theme.icon_px(self._size_px)
        self.setIcon(self._icons.icon(self._name, side))
        self.setIconSize(QSize(side, side))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()


def text_label(text: str, role: str = "body", parent: QWidget | None = None, *, wrap: bool = False) -> QLabel:
    """A label in one of the theme's roles."""
    label = plain_label("", parent)
    label.setProperty("role", role)
    label.setWordWrap(wrap)
    label.setProperty("breaks", wrap and role in ("title", "second"))  # questions, and what they say of a name
    set_text(label, text)
    return label


class Paragraph(PlainLabel):
    """Wrapped words that keep room for their last line: of a plain QLabel that is shown late, Qt's box layout goes on
    believing in the height of an earlier width."""

    def __init__(self, role: str = "body") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setProperty("breaks", True)  # a path in a sentence is no wider than the room
        self.setWordWrap(True)

    def text(self) -> str:
        """What it says, without the marks where a long word may be broken."""
        return super().text().replace(BREAK, "")

    def hasHeightForWidth(self) -> bool:
        return False

    def sizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), max(0, self.heightForWidth(self.width())))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


LEAST_CUT = 4  # letters with the dots, of a text that is cut


class ElidedLabel(PlainLabel):
    """One line that gives way: cut with dots where there is less room than its words need, whole in the tool tip.

    mode: where the dots stand; in the middle for names that differ in their ends.
    """

    def __init__(self, role: str = "body", *, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._mode = mode
        self.setProperty("role", role)

    def set_role(self, role: str) -> None:
        """What its words are is another now, such as a doubt."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        words = elide(self.fontMetrics(), self.text(), self._mode, self.width())
        if words != self.text() and len(words) < LEAST_CUT:
            words = "…"  # a letter and dots say nothing
        painter.setPen(self.palette().color(self.foregroundRole()))
        draw_words(painter, self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


def pill(text: str, kind: str, parent: QWidget | None = None) -> QLabel:
    """A word on a tinted ground; kind: acc, ok, warn, err, mute."""
    label = plain_label(text, parent)
    label.setProperty("pill", kind)
    return label


def separator(parent: QWidget | None = None) -> QFrame:
    """A 1 px horizontal line."""
    line = QFrame(parent)
    line.setProperty("surface", "line")
    line.setFixedHeight(1)
    return line


NOTHING_SHOWN = "No image is shown."
EMPTY_PX, LOW_EMPTY_PX = 16, 2  # around the sentence in a panel's place; above and below it where that is low


class EmptyState(QWidget):
    """One sentence and at most one button in the middle of a panel. Where it is low the picture gives way to them."""

    def __init__(self, icons: Icons, icon: str, sentence: str, button: QPushButton | None = None) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[EMPTY_PX] * 4)
        layout.setSpacing(8)
        layout.addStretch(1)
        self._layout, self._button, self._sentence = layout, button, sentence
        self._picture = IconLabel(icons, icon, "low", 28, grows=False)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._picture)
        self._label = text_label(sentence, "second", wrap=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._label)
        if button is not None:
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(button)
            row.addStretch(1)
            layout.addLayout(row)
        layout.addStretch(2)

    def set_sentence(self, sentence: str) -> None:
        """Say something else."""
        if sentence != self._sentence:  # else each answer would have the panel laid out again
            self._sentence = sentence
            set_text(self._label, sentence)
            self._make_room()
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:  # the text size may be another one
            self._make_room()
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return False  # what is around the words, and the picture, is no reason to scroll

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._said_px + 2 * LOW_EMPTY_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    @property
    def _said_px(self) -> int:
        """The height of the sentence, and of the button below it, at the width there is."""
        words_px = self._label.heightForWidth(max(1, self.width() - 2 * EMPTY_PX))
        return words_px + (0 if self._button is None else self._layout.spacing() + self._button.sizeHint().height())

    def _make_room(self) -> None:
        gap = self._layout.spacing()
        need = self._said_px + 2 * gap + 2 * EMPTY_PX
        self._picture.setVisible(self.height() >= need + self._picture.sizeHint().height() + gap)
        around_px = EMPTY_PX if self.height() >= need else LOW_EMPTY_PX
        self._layout.setContentsMargins(EMPTY_PX, around_px, EMPTY_PX, around_px)
