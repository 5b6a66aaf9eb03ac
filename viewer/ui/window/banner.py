"""The banner below the views: what is wrong, what still works, what to do. Never a dialog.

It has a room of its own, 36 px high and higher with larger text, which is kept while it says nothing: it lies over no
image and no button, and nothing moves when it comes and goes. Of a sentence that needs more than two lines the rest is
read by a press on *More*.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewer.ui.look.chips import IconButton, IconLabel, text_label
from viewer.ui.look.plain_text import button_text, plain_label, set_text, set_tip
from viewer.ui.state.announcing import OVER
from viewer.ui.views.spoken import spoken

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

# "busy" stays until the next sentence or image, "done" until the next sentence; "info" goes by itself.
ICONS = {
    "busy": ("info", "acc", "raise"),
    "info": ("info", "acc", "raise"),
    "done": ("report", "acc", "raise"),
    "warn": ("warning", "warn", "warnbg"),
    "error": ("error", "err", "errbg"),
}
INFO_MS = 8000
HEIGHT_PX, AROUND_PX, MOST_LINES = 36, 4, 2


class Banner(QWidget):
    """Shows the newest sentence that was announced. An info goes by itself, the others stay until closed."""

    report_asked = Signal()
    retry_asked = Signal()
    run_report_asked = Signal()
    back_asked = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.second_told = ""  # the sentence with which a second read ended
        self._level = "info"
        self._sentence = self._spoken = ""  # as it was said, and as it may be shown
        self._project: object = None  # the one that was open when the sentence came
        self._was_blocked = False
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(10)
        self._icon = IconLabel(session.icons)
        self._text = plain_label()
        self._text.setWordWrap(True)
        self._text.installEventFilter(self)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = self._link("More", None)
        self._whole.setToolTip("Show the whole message")
        self._whole.clicked.connect(self._turn_whole)
        self._over: QFrame | None = None  # the whole message, while it is shown
        self._report = self._link("", self.report_asked)
        self._retry = self._link("Try again", self.retry_asked)
        self._run_report = self._link("Open the report", self.run_report_asked)
        self._back = self._link("Back to the reading before", self.back_asked)
        self._back.setToolTip("Leave the second read: the reading that was open before it, by the same name")
        self._close = IconButton(session.icons, "close")
        self._close.setToolTip("Close")
        self._close.clicked.connect(self.hide)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for widget in (self._whole, self._retry, self._report, self._run_report, self._back, self._close):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.hide)
        session.announced.connect(self.announce)
        session.theme_changed.connect(self._colour)
        session.names_hidden_changed.connect(lambda _: self._tell())
        session.edits.blocked_changed.connect(self._on_blocked)
        session.image_shown.connect(self._on_image_shown)
        session.project_opened.connect(self._on_project_opened)
        session.closing.closed.connect(lambda _: self.hide())  # what it says may be of what was closed
        for signal in (session.opening.superseded, session.project_entered):
            signal.connect(self._on_superseded)
        self._colour()
        self.hide()

    def _on_project_opened(self, project: object) -> None:
        """What was said of another project is past; what is said of this one comes behind this."""
        if self._project is not None and project is not self._project and self._level in ("warn", "error", "done"):
            self.hide()

    def _on_superseded(self) -> None:
        if self.sentence == self._session.opening.told[0]:
            self.hide()

    def _on_image_shown(self, _shown: object) -> None:
        if self._level == "busy":
            self.hide()

    def _link(self, text: str, signal: object) -> QPushButton:
        button = QPushButton(button_text(text))
        button.setProperty("kind", "link")
        button.hide()  # until it is offered: the banner keeps its room while it is hidden
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    @property
    def sentence(self) -> str:
        """What stands there now, "" when it is closed."""
        return self._sentence if not self.isHidden() else ""

    def announce(self, level: str, sentence: str) -> None:
        """Show a sentence; level: info, done, warn, error, busy; "over" takes it away when it still stands there."""
        if level == OVER:
            if self.sentence == sentence:
                self.hide()
            return
        if level == "info" and not self.isHidden() and self._level == "error" and self._session.edits.blocked:
            return
        self._level, self._sentence = level, sentence
        self._project, self._was_blocked = self._session.project, self._session.edits.blocked
        self._colour()
        self._tell()
        told, files = self._session.opening.told
        set_text(self._report, f"Report: {files} file{'s' if files != 1 else ''}")
        self._report.setVisible(files > 0 and sentence == told)
        self._run_report.setVisible(level == "done" and sentence == self._session.jobs.told_report[0])
        self._back.setVisible(level == "done" and bool(sentence) and sentence == self.second_told)
        self._retry.setVisible(self._session.edits.blocked)
        self.show()
        self._fit()
        if level == "info":
            self._timer.start()
        else:
            self._timer.stop()

    def _tell(self) -> None:
        self._spoken = spoken(self._session, self._sentence)
        set_tip(self._text, self._spoken)
        if not self.isHidden():
            self._fit()

    def _colour(self, *_: object) -> None:
        """The ground goes by the level and the theme; words of another size need another height."""
        icon, token, ground = ICONS[self._level]
        theme = self._session.theme
        self._icon.show_icon(icon, token)
        self.setStyleSheet(f"Banner {{ background: {theme.hex(ground)}; border-top: 1px solid {theme.hex('line')}; }}")
        self.ensurePolished()
        self._text.ensurePolished()
        self.setFixedHeight(max(HEIGHT_PX, MOST_LINES * self._text.fontMetrics().lineSpacing() + AROUND_PX))
        QTimer.singleShot(0, self, self._fit)  # once the words have their new size

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Words of another size are fitted before they are painted; their links have theirs a moment later."""
        if watched is self._text and event.type() == QEvent.Type.FontChange and not self.isHidden():
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """As much of the sentence as two lines hold; what has no room ends in dots, and the whole is offered."""
        metrics = self._text.fontMetrics()
        self.setFixedHeight(max(HEIGHT_PX, MOST_LINES * metrics.lineSpacing() + AROUND_PX))
        self._whole.hide()
        self._drop_whole()
        if self._cut(self._spoken) != self._spoken:
            self._whole.show()
            set_text(self._text, self._cut(self._spoken))

    def _cut(self, sentence: str) -> str:
        """What of it has room beside the links that are shown."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        # Half a line of slack: a label asks for a little more than its lines.
        width, most = max(1, self._text.width()), (MOST_LINES + 0.5) * self._text.fontMetrics().lineSpacing()
        set_text(self._text, sentence)
        shown = sentence
        while self._text.heightForWidth(width) > most and len(shown) > MOST_LINES:
            shown = shown[: len(shown) * 9 // 10]
            set_text(self._text, f"{shown}…")
        return self._text.text()

    def _turn_whole(self) -> None:
        """The whole sentence above the banner, as long as somebody wants it there."""
        if self._over is not None:
            self._drop_whole()
            return
        self._over = whole = QFrame(self.window())
        whole.setProperty("surface", "raise")
        column = QVBoxLayout(whole)
        column.setContentsMargins(12, 10, 12, 10)
        words = text_label(self._spoken, wrap=True)
        words.setFixedWidth(self.width() - 24)
        column.addWidget(words)
        whole.adjustSize()
        whole.move(self.mapTo(self.window(), QPoint(0, -whole.height())))
        whole.show()
        set_text(self._whole, "Less")

    def _drop_whole(self) -> None:
        if self._over is not None:
            self._over.hide()
            self._over.deleteLater()
            self._over = None
        set_text(self._whole, "More")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._drop_whole()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and not self.isHidden():
            self._fit()

    def _on_blocked(self) -> None:
        blocked = self._session.edits.blocked
        self._retry.setVisible(blocked)
        if self._was_blocked and not blocked and self._level == "error":
            self.hide()  # the gesture that could not be kept is kept now
        self._was_blocked = blocked
