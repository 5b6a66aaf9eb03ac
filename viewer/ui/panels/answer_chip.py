"""A whole-image label in the Labels panel: its key, its mark, its name and its answer in a word."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from viewer.core.labels import Label, Verdict
from viewer.ui.flows.label_edits import excluding_words
from viewer.ui.look.chips import chip_width, paint_chip
from viewer.ui.look.plain_text import elide, set_name, set_tip, words_width
from viewer.ui.look.row_painting import draw_icon, draw_swatch, draw_text

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

LEAST_CHIP_PX = 96
CHIP_PX = 24  # high
SWATCH_ROOM_PX = 12
CHIP_MENU = "Right click: rename, colour, move or remove it"
# Verdict: mark before the name and word behind it; colour only repeats it.
VERDICT_MARKS = {
    None: ("", ""),
    Verdict.YES: ("accept", "yes"),
    Verdict.NO: ("reject", "no"),
    Verdict.UNCERTAIN: ("", "uncertain"),
    Verdict.NOT_ASSESSED: ("", "not assessed"),
}


class AnswerChip(QAbstractButton):
    """One whole-image label: its key, its mark, its name and its answer in a word."""

    edit_asked = Signal()
    unsure = Signal()

    def __init__(self, session: "Desk", label: Label) -> None:
        super().__init__()
        self._session = session
        self.label = label
        self.verdict: Verdict | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)  # a long name gives way
        self.set_verdict(None)

    def set_verdict(self, verdict: Verdict | None) -> None:
        """Show another answer."""
        self.verdict = verdict
        self.tell()
        word = verdict.value if verdict is not None else "not said"
        set_name(self, f"{self.label.name}: {word}")
        self.updateGeometry()
        self.update()

    def tell(self) -> None:
        """What is said, what a press says next, and of which labels besides: a task may exclude others meanwhile."""
        verdict = self.verdict
        word = verdict.value if verdict is not None else "not said"
        key = f" ({self.label.shortcut})" if self.label.key else ""
        set_tip(
            self,
            f"{self.label.name}: {word}. Press again: yes, no, not assessed{key}; with Ctrl: uncertain. "
            f"{excluding_words(self._session.at_hand, self.label.name)}{CHIP_MENU}",
        )

    @property
    def words(self) -> str:
        """What stands on the chip."""
        word = VERDICT_MARKS[self.verdict][1]
        return f"{self.label.name} · {word}" if word else self.label.name

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.edit_asked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not (held and event.button() is Qt.MouseButton.LeftButton and self.isDown()):
            super().mouseReleaseEvent(event)
            return
        self.setDown(False)
        if self.rect().contains(event.position().toPoint()):
            self.unsure.emit()

    def _key_words(self) -> str:
        return f"⇧{self.label.key}" if self.label.key else ""

    def sizeHint(self) -> QSize:
        theme = self._session.theme
        width = words_width(QFontMetrics(theme.font(12, 500)), self.words) + 20 + SWATCH_ROOM_PX
        width += round(chip_width(self._key_words(), theme)) + 6 if self.label.key else 0
        return QSize(width + (18 if VERDICT_MARKS[self.verdict][0] else 0), theme.room(CHIP_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), LEAST_CHIP_PX), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, icons = self._session.theme, self._session.icons
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        yes = self.verdict is Verdict.YES
        pen = QPen(theme.color("acc" if yes or self.hasFocus() else "line2"), 2 if self.hasFocus() else 1)
        if self.verdict is not None and not self.verdict.tells:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color("accbg" if yes else "ctl" if self.underMouse() else "panel"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        token = "acctx" if yes else "hi" if self.verdict is None else "mid"
        x, middle = 9, self.height() // 2
        draw_swatch(icons, painter, QRect(x - 2, middle - 4, 8, 8), self.label.color)
        x += SWATCH_ROOM_PX
        if self.label.key:
            x += round(paint_chip(painter, x, middle, self._key_words(), theme, theme.color(token))) + 6
        mark = VERDICT_MARKS[self.verdict][0]
        if mark:
            draw_icon(icons, painter, x - 1, middle, mark, token)
            x += 18
        rect = QRect(x, 0, self.width() - x - 4, self.height())
        metrics, answer = QFontMetrics(theme.font(12, 500)), self.words.removeprefix(self.label.name)
        words = self.words
        if words_width(metrics, words) > rect.width():  # a long name gives way, never its answer
            room = rect.width() - words_width(metrics, answer)
            words = elide(metrics, self.label.name, Qt.TextElideMode.ElideRight, room) + answer
        draw_text(icons, painter, rect, words, weight=500, token=token, strike=False)
        painter.end()
