"""Buttons of the tool bars: icon, word and key chip, driven by a command."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from viewer.ui.commands.book import CommandBook
from viewer.ui.flows.desk import Desk
from viewer.ui.look.chips import chip_width, key_text, paint_chip
from viewer.ui.look.plain_text import draw_words, set_name

ICON_PX, MOST_ICON_PX = 20, 26  # the bar is 32 px high, and with large text as full as before
EDGE_PX = 5.0


class CommandButton(QToolButton):
    """One command on a tool bar. text: its name beside the icon. Where there is little room the chip is left out
    (`compact`), then the name too (`wordless`)."""

    def __init__(self, session: Desk, book: CommandBook, command_id: str, *, text: str = "") -> None:
        super().__init__()
        self._session, self._row, self._text = session, book.row(command_id), text
        self.compact = self.wordless = False
        self._widths: dict[tuple[bool, bool, float], int] = {}
        self.setObjectName(f"button:{command_id}")
        self.setDefaultAction(book.actions[command_id])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_name(self, self._row.plain_text)
        session.theme_changed.connect(lambda _: self.update())

    def set_compact(self, *, compact: bool, wordless: bool = False) -> None:
        """Leave the key chip, or chip and name, out when there is little room."""
        self.compact, self.wordless = compact, wordless
        self.updateGeometry()
        self.update()

    def _chip(self) -> str:
        # Only keys that are pressed alone: chords stand in the tool tip.
        key = self._row.shortcuts[0] if self._row.shortcuts and not self.compact else ""
        return "" if "Ctrl+" in key else key_text(key)

    def _icon_px(self) -> int:
        return min(MOST_ICON_PX, self._session.theme.icon_px(ICON_PX))

    def sizeHint(self) -> QSize:
        # Kept: the main window asks every button again whenever a word in the status bar changes.
        key = (self.compact, self.wordless, self._session.theme.font_scale)
        if key not in self._widths:
            self._widths[key] = self._width()
        return QSize(self._widths[key], 32)

    def _width(self) -> int:
        theme = self._session.theme
        width = EDGE_PX + self._icon_px() + 6
        if self._text and not self.wordless:
            width += QFontMetricsF(theme.font(13, 500)).horizontalAdvance(self._text) + 6
        if self._chip():
            width += chip_width(self._chip(), theme) + 3
        return round(width)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._session.theme, QPainter(self)
        on, over = self.isChecked(), self.underMouse() and self.isEnabled()
        token = "acctx" if on else "hi" if over else "mid"
        _paint_ground(painter, self, on=on, over=over)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        x, middle = EDGE_PX, self.height() / 2
        ratio = self.devicePixelRatioF()
        side = self._icon_px()
        painter.drawPixmap(
            round(x), round(middle - side / 2), self._session.icons.pixmap(self._row.icon, token, side, ratio)
        )
        x += side + 6
        if self._text and not self.wordless:
            painter.setFont(theme.font(13, 500))
            painter.setPen(theme.color(token))
            width = painter.fontMetrics().horizontalAdvance(self._text)
            draw_words(painter, QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)
            x += width + 6
        if self._chip():
            paint_chip(painter, x, middle, self._chip(), theme, theme.color("acctx" if on else "low"))
        painter.end()


class RailButton(CommandButton):
    """On the tool rail: the key stands below the icon."""

    def sizeHint(self) -> QSize:
        return QSize(40, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._session.theme, QPainter(self)
        on, over = self.isChecked(), self.underMouse() and self.isEnabled()
        token = "acctx" if on else "hi" if over else "mid"
        _paint_ground(painter, self, on=on, over=over)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        pixmap = self._session.icons.pixmap(self._row.icon, token, ICON_PX, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - ICON_PX) // 2, 6, pixmap)
        painter.setFont(theme.font(11, 500))
        painter.setPen(theme.color(token))
        draw_words(painter, QRectF(0, 26, self.width(), 16), Qt.AlignmentFlag.AlignCenter, self._chip())
        painter.end()


def _paint_ground(painter: QPainter, button: CommandButton, *, on: bool, over: bool) -> None:
    theme = button._session.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    if on:
        painter.setBrush(theme.color("accbg"))
        painter.setPen(theme.color("acc"))
    elif over:
        painter.setBrush(theme.color("ctl"))
    elif button.hasFocus():
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if on or over:
        painter.drawRoundedRect(box, 4, 4)
    if button.hasFocus():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = painter.pen()
        pen.setColor(theme.color("acc"))
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setWidth(2)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(button.rect()).adjusted(1, 1, -1, -1), 4, 4)


class Segments(QFrame):
    """Work spaces in one frame, one of them chosen."""

    def __init__(self, buttons: list[CommandButton], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "segments")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 1, 2, 1)
        row.setSpacing(2)
        self.buttons = buttons
        for button in buttons:
            row.addWidget(button)
