"""What stands round the pixels of a cell: the title bar over them, the scroll strip beside them."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import draw_words, elide, elide_last, set_tip

MOST_ICON_PX = 18  # in a button of 20


class TitleBar(QWidget):
    """26 px: what is shown, position, faults of the series; the active one has a 2 px line over it."""

    pressed = Signal()
    double_clicked = Signal()

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self.active = False
        self.title, self.position, self.note, self.fault = "", "", "", ""
        self.setFixedHeight(26)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 4, 0)
        row.setSpacing(2)
        row.addStretch(1)
        self._row = row
        self._icons: dict[QToolButton, str] = {}
        # A method of this widget, not a lambda: it is disconnected when the cell goes.
        session.theme_changed.connect(self._on_theme_changed)

    def _on_theme_changed(self, _theme: object) -> None:
        for button, icon in self._icons.items():
            self._fit(button, icon)

    def _fit(self, button: QToolButton, icon: str) -> None:
        side = min(MOST_ICON_PX, self._session.theme.icon_px(16))
        button.setIcon(self._session.icons.icon(icon, side))
        button.setIconSize(QSize(side, side))

    def add_button(self, icon: str, tip: str) -> QToolButton:
        """A tool at the right end."""
        button = QToolButton()
        self._icons[button] = icon
        self._fit(button, icon)
        button.setFixedSize(22, 20)
        set_tip(button, tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row.addWidget(button)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._session.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("accbg" if self.active else "panel"))
        painter.fillRect(0, 0, self.width(), 2 if self.active else 1, theme.color("acc" if self.active else "line"))
        x, end = 9.0, self.width() - 78
        for text, token, weight, cut in (
            # Names of files and series differ in their ends; whole they stand in the tool tip.
            (self.title, "hi", 600, Qt.TextElideMode.ElideMiddle),
            (self.position, "acctx" if self.active else "mid", 400, Qt.TextElideMode.ElideRight),
            # Before the note: in a narrow cell the fault must not be the part that is cut off.
            (self.fault, "warn", 500, Qt.TextElideMode.ElideRight),
            (self.note, "mid" if self.active else "low", 400, Qt.TextElideMode.ElideMiddle),
        ):
            if not text or x > end - 20:
                continue
            painter.setFont(theme.font(12, weight))
            metrics, room_px = painter.fontMetrics(), int(end - x)
            in_the_middle = cut is Qt.TextElideMode.ElideMiddle
            shown = elide_last(metrics, text, room_px) if in_the_middle else elide(metrics, text, cut, room_px)
            painter.setPen(theme.color(token))
            draw_words(painter, QRectF(x, 2, end - x, 24), Qt.AlignmentFlag.AlignVCenter, shown)
            x += painter.fontMetrics().horizontalAdvance(shown) + 10
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.double_clicked.emit()


class ScrollStrip(QWidget):
    """14 px at the right of the pixels: where in the series this image stands."""

    moved = Signal(int)

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self._index, self._count = 0, 1
        self.setFixedWidth(14)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_position(self, index: int, count: int) -> None:
        """Show a position."""
        self._index, self._count = index, max(1, count)
        self.setVisible(count > 1)
        self.update()

    def _thumb(self) -> QRectF:
        height = max(22.0, self.height() / self._count)
        room = self.height() - height
        return QRectF(4, room * self._index / max(1, self._count - 1), 6, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._session.theme
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(0, 0, 1, self.height(), theme.color("line"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line2"))
        painter.drawRoundedRect(self._thumb(), 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event.position().y())

    def _go(self, y: float) -> None:
        thumb = self._thumb()
        share = (y - thumb.height() / 2) / max(1.0, self.height() - thumb.height())
        self.moved.emit(round(min(1.0, max(0.0, share)) * (self._count - 1)))
