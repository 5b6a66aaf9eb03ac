"""What list rows and panels of the work share beyond `chips`: pills, swatches, score and share bars, buttons with keys.

Delegates call the paint functions; each takes the session's `Icons`, which knows the theme.
"""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from viewer.core.text.shown_text import one_line
from viewer.ui.look.chips import chip_width, key_text, paint_chip, text_label
from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import draw_words, elide, set_name, set_text, set_tip, words_width
from viewer.ui.look.theme import face

ICON_GAP_PX = 6  # from the icon of a button to its words
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
PILL_TOKENS = {"acc": ("accbg", "acctx"), "ok": ("okbg", "ok"), "warn": ("warnbg", "warn"), "err": ("errbg", "err")}
PART_COLORS = ("#5F94D3", "#B4C3D3", "#F0B849")  # train, validation, test: light enough for dark text on top


def draw_icon(
    icons: Icons, painter: QPainter, x: int, middle_y: int, name: str, token: str = "mid", *, size_px: int = 16
) -> None:
    """An icon whose left edge is at x."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(x, middle_y - size_px // 2, icons.pixmap(name, token, size_px, ratio))


def draw_text(
    icons: Icons, painter: QPainter, rect: QRect, text: str, *, px: float = 12, weight: int = 400,
    token: str = "hi", right: bool = False, strike: bool = False, whole: bool = False,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:  # fmt: skip
    """One line in the middle of `rect`, elided at its end or where `cut` says; returns the width in px that it took.

    whole: a number, date or state is not cut: it reaches over the rectangle's left edge, where other words give way.
    """
    font = icons.theme.font(px, weight)
    if strike:
        font.setStrikeOut(True)
    if whole:
        rect = rect.adjusted(min(0, rect.width() - line_px(icons, text, px=px, weight=weight) - 1), 0, 0, 0)
    if rect.width() <= 0:
        return 0
    shown, width_px = _fitted(text, icons.theme.px(px), weight, cut, rect.width())
    if not shown:
        return 0
    painter.setFont(font)
    painter.setPen(icons.theme.color(token))
    draw_words(painter, rect, RIGHT if right else LEFT, shown)
    return width_px


@lru_cache(maxsize=2000)
def _fitted(text: str, px: int, weight: int, cut: Qt.TextElideMode, room_px: int) -> tuple[str, int]:
    """What of a line has room, and how wide that is: worked out once, for rows are painted again and again."""
    metrics = QFontMetrics(face(px, weight))
    shown = elide(metrics, text, cut, room_px)
    return shown, metrics.horizontalAdvance(shown)


def line_px(icons: Icons, text: str, *, px: float = 12, weight: int = 400) -> int:
    """How wide a whole line is that `draw_text` draws."""
    return _whole_px(text, icons.theme.px(px), weight)


@lru_cache(maxsize=2000)
def _whole_px(text: str, px: int, weight: int) -> int:
    return words_width(QFontMetrics(face(px, weight)), text)


def pill_px(icons: Icons, text: str) -> int:
    """How wide a state word is on its ground."""
    return line_px(icons, text, px=11, weight=500) + 16


def draw_pill(icons: Icons, painter: QPainter, right_x: int, middle_y: int, text: str, kind: str) -> int:
    """A state word on a tinted ground that ends at right_x; kind: acc, ok, warn, err or mute. Returns its width."""
    back, front = PILL_TOKENS.get(kind, ("ctl", "mid"))
    width, high = pill_px(icons, text), icons.theme.room(18)
    rect = QRectF(right_x - width, middle_y - high / 2, width, high)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(icons.theme.color(back))
    painter.drawRoundedRect(rect, 9, 9)
    painter.setFont(icons.theme.font(11, 500))
    painter.setPen(icons.theme.color(front))
    draw_words(painter, rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width


def draw_badge(icons: Icons, painter: QPainter, right_x: int, middle_y: int, text: str, *, outlined: bool) -> int:
    """`AI 0.93` (white) or `from AI` (outlined) that ends at right_x; returns its width in px."""
    font = icons.theme.font(11, 600)
    width = words_width(QFontMetrics(font), text) + 12
    high = icons.theme.room(17)
    rect = QRectF(right_x - width + 0.5, middle_y - high / 2, width - 1, high)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(icons.theme.color("line2"), 1) if outlined else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(QBrush(Qt.BrushStyle.NoBrush) if outlined else QColor("#ECEFF1"))
    painter.drawRoundedRect(rect, 3, 3)
    painter.setFont(font)
    painter.setPen(icons.theme.color("hi") if outlined else QColor("#101214"))
    draw_words(painter, rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width


def draw_swatch(
    icons: Icons, painter: QPainter, rect: QRect, color: str, *, dashed: bool = False, hatched: bool = False
) -> None:
    """A label's colour: filled for a person's work, a dashed outline for a proposal, hatched past the twelfth label."""
    line = icons.theme.hex("swatchline")
    ratio = painter.device().devicePixelRatioF()
    pixmap = _swatch(color, line, rect.width(), rect.height(), ratio, dashed=dashed, hatched=hatched)
    painter.drawPixmap(rect.left() - 1, rect.top() - 1, pixmap)


@lru_cache(maxsize=200)
def _swatch(color: str, line: str, wide: int, high: int, ratio: float, *, dashed: bool, hatched: bool) -> QPixmap:
    """Drawn once, with 1 px around it for the half of its line that lies outside."""
    pixmap = QPixmap(round((wide + 2) * ratio), round((high + 2) * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    rect = QRectF(1, 1, wide, high)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if dashed:
        pen = QPen(QColor(color), 2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([2.2, 1.6])
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(1, 1, -1, -1))
    else:
        painter.setPen(QPen(QColor(line), 1))
        painter.setBrush(QBrush(QColor(color), Qt.BrushStyle.BDiagPattern if hatched else Qt.BrushStyle.SolidPattern))
        painter.drawRoundedRect(rect, 2, 2)
    painter.end()
    return pixmap


def draw_score(icons: Icons, painter: QPainter, rect: QRect, score: float, token: str = "hi") -> None:
    """A bar of a probability in 0..1."""
    painter.fillRect(rect, icons.theme.color("ctlh"))
    filled = QRect(rect)
    filled.setWidth(round(rect.width() * min(1.0, max(0.0, score))))
    painter.fillRect(filled, icons.theme.color(token))


def draw_shares(
    icons: Icons, painter: QPainter, rect: QRect, shares: Sequence[float], colors: Sequence[str] = PART_COLORS
) -> None:
    """One bar cut by `shares`, which add up to at most 1; the rest stays groove."""
    painter.fillRect(rect, icons.theme.color("ctlh"))
    left = float(rect.left())
    for share, color in zip(shares, colors):
        width = rect.width() * share
        if width > 0:
            painter.fillRect(QRectF(left, rect.top(), max(1.0, width - 1), rect.height()), QColor(color))
        left += width


def draw_row(icons: Icons, painter: QPainter, rect: QRect, state: QStyle.StateFlag, *, line: bool = True) -> None:
    """A row's ground: selected accbg with 2 px accent at its left, hovered raise, a line below."""
    if state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, icons.theme.color("accbg"))
        painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), icons.theme.color("acc"))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, icons.theme.color("raise"))
    if line:
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), icons.theme.color("line"))


def low(state: QStyle.StateFlag) -> str:
    """The hint colour of a row: `low`, on selected rows `mid` to stay readable."""
    return "mid" if state & QStyle.StateFlag.State_Selected else "low"


class KeyButton(QPushButton):
    """A button with an icon, its verb and its key, painted over the style's own ground.

    Where there is little room the key gives way, and then the words to `short`; both stand in the tool tip.
    """

    def __init__(
        self, icons: Icons, text: str, *, key: str = "", icon: str = "", kind: str = "plain", height_px: int = 28,
        short: str = "", beside_px: int = 24,
    ) -> None:  # fmt: skip
        super().__init__()
        self._beside_px = beside_px  # left and right of what it says, together
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # Qt's own never gives way
        self._words, self._short = one_line(text), short
        set_text(self, text)
        self._icons, self._key, self._icon = icons, key_text(key) if key else "", icon
        self.setProperty("kind", kind)
        self.setFixedHeight(height_px)
        set_name(self, f"{text} ({self._key})" if key else text)
        set_tip(self, f"{text}  {self._key}" if key else text)

    @property
    def key(self) -> str:
        """The key that presses it, as it is shown."""
        return self._key

    def set_words(self, text: str, icon: str = "") -> None:
        """Say something else, with another icon."""
        before, self._icon, self._words = (self._icon, self._words), icon or self._icon, one_line(text)
        if before == (self._icon, self._words):
            return  # each button would have its whole window laid out again
        set_text(self, text)
        set_name(self, f"{text} ({self._key})" if self._key else text)
        set_tip(self, f"{text}  {self._key}" if self._key else text)
        self.updateGeometry()

    def _icon_px(self) -> int:
        """As large as its words, as far as it is high enough."""
        return min(self._icons.theme.icon_px(16), self.maximumHeight() - 6)

    def _font_weight(self) -> int:
        return 600 if self.property("kind") == "primary" else 500

    def _parts_width(self, key: str, words: str) -> int:
        width = QFontMetrics(self._icons.theme.font(13, self._font_weight())).horizontalAdvance(words)
        width += self._icon_px() + ICON_GAP_PX if self._icon else 0
        return width + (round(chip_width(key, self._icons.theme)) + 8 if key else 0)

    def sizeHint(self) -> QSize:
        return QSize(self._parts_width(self._key, self._words) + self._beside_px, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._parts_width("", self._short or self._words) + 12, self.height())

    def wide_enough(self, size: QSize, *words: str) -> QSize:
        """A size that it asks for, with the room that the longest of these words would need in place of its own."""
        own = self._parts_width("", self._words)
        more = max(self._parts_width("", one) for one in words) - own
        return QSize(size.width() + max(0, more), size.height())

    def _shown(self) -> tuple[str, str]:
        """The key and the words that there is room for."""
        if self._parts_width(self._key, self._words) + 8 <= self.width():
            return self._key, self._words
        if self._short and self._parts_width("", self._words) + 8 > self.width():
            return "", self._short
        return "", self._words

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        if self.isChecked() and self.property("kind") == "quiet":
            self._paint_chosen(painter)
        token = "onacc" if self.property("kind") == "primary" else "hi"
        if self.isChecked():
            token = "acctx"
        if not self.isEnabled():
            token = "hi"
            painter.setOpacity(0.4)
        middle = self.height() // 2
        key, words = self._shown()
        x = max(6, (self.width() - self._parts_width(key, words)) // 2)
        if self._icon:
            draw_icon(self._icons, painter, x, middle, self._icon, token, size_px=self._icon_px())
            x += self._icon_px() + ICON_GAP_PX
        rect = QRect(x, 0, self.width() - x, self.height())
        width = draw_text(self._icons, painter, rect, words, px=13, weight=self._font_weight(), token=token)
        if key:
            color = self._icons.theme.color(token)
            paint_chip(painter, x + width + 8, middle, key, self._icons.theme, color)
        painter.end()

    def _paint_chosen(self, painter: QPainter) -> None:
        """One of several: the style leaves quiet buttons without a ground."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._icons.theme.color("acc"), 1))
        painter.setBrush(self._icons.theme.color("accbg"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class SectionTitle(QFrame):
    """A 28 px title inside a dock: a name, a count in mid, and small widgets at its right."""

    def __init__(self, text: str, *widgets: QWidget) -> None:
        super().__init__()
        self.setProperty("surface", "raise")
        self.setFixedHeight(28)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(text_label(text, "dock"))
        self.detail = text_label("", "caption")
        row.addWidget(self.detail)
        row.addStretch(1)
        for widget in widgets:
            row.addWidget(widget)


def tool_button(icons: Icons, icon: str, tip: str) -> QPushButton:
    """A quiet 24 px button with only an icon; the tip says what it does."""
    button = _SmallButton(icons, icon)
    button.setProperty("kind", "small")
    set_tip(button, tip)
    set_name(button, tip)
    return button


class _SmallButton(QPushButton):
    def __init__(self, icons: Icons, icon: str) -> None:
        super().__init__()
        self._icons, self._icon = icons, icon
        self._fit()

    def _fit(self) -> None:
        """In the title of a dock, which is 28 px high, whatever the size of text is."""
        side = min(28, self._icons.theme.room(24))
        icon = side - 8
        self.setIcon(self._icons.icon(self._icon, icon))
        self.setIconSize(QSize(icon, icon))
        if self.maximumWidth() != side:
            self.setFixedSize(side, side)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:  # another theme: its icon in the new colours and size
            self._fit()
