"""The banner over the views: what is wrong, what still works, what to do. Never a dialog.

It is 36 px high, and higher where a sentence needs more lines: the end of a sentence says what to do. It lies over the
lower edge of what is there, whose patient stands above: an image that made room would move under the hand.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from viewer.ui.look.chips import IconButton, IconLabel
from viewer.ui.look.plain_text import button_text, plain_label, set_text, set_tip
from viewer.ui.state.announcing import OVER

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
HEIGHT_PX, AROUND_PX, MOST_LINES = 36, 16, 4


class Banner(QWidget):
    """Shows the newest sentence that was announced. An info goes by itself, the others stay until closed.

    host: over whose lower edge it lies, from side to side; it moves nothing there.
    """

    report_asked = Signal()
    retry_asked = Signal()
    run_report_asked = Signal()

    def __init__(self, session: "Desk", host: QWidget) -> None:
        super().__init__(host)
        self._session, self._host = session, host
        host.installEventFilter(self)
        self._level = "info"
        self._sentence = ""
        self._project: object = None  # the one that was open when the sentence came
        self._was_blocked = False
        self.setFixedHeight(HEIGHT_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(10)
        self._icon = IconLabel(session.icons)
        self._text = plain_label()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._report = self._link("", self.report_asked)
        self._retry = self._link("Try again", self.retry_asked)
        self._run_report = self._link("Open the report", self.run_report_asked)
        self._close = IconButton(session.icons, "close")
        self._close.setToolTip("Close")
        self._close.clicked.connect(self.hide)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for widget in (self._retry, self._report, self._run_report, self._close):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.hide)
        session.announced.connect(self.announce)
        session.theme_changed.connect(self._colour)
        session.edits.blocked_changed.connect(self._on_blocked)
        session.image_shown.connect(self._on_image_shown)
        session.project_opened.connect(self._on_project_opened)
        session.closing.closed.connect(lambda _: self.hide())  # what it says may be of what was closed
        for signal in (session.opening.superseded, session.project_entered):
            signal.connect(self._on_told_past)
        self.hide()

    def _on_project_opened(self, project: object) -> None:
        """What was said of another project is past; what is said of this one comes behind this."""
        if self._project is not None and project is not self._project and self._level in ("warn", "error", "done"):
            self.hide()

    def _on_told_past(self) -> None:
        if self.sentence == self._session.opening.told[0]:
            self.hide()

    def _on_image_shown(self, _shown: object) -> None:
        if self._level == "busy":
            self.hide()

    def _link(self, text: str, signal: object) -> QPushButton:
        button = QPushButton(button_text(text))
        button.setProperty("kind", "link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
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
        set_tip(self._text, sentence)
        told, files = self._session.opening.told
        set_text(self._report, f"Report: {files} file{'s' if files != 1 else ''}")
        self._report.setVisible(files > 0 and sentence == told)
        self._run_report.setVisible(level == "done" and sentence == self._session.jobs.told_report[0])
        self._retry.setVisible(self._session.edits.blocked)
        self.show()
        self._fit()
        if level == "info":
            self._timer.start()
        else:
            self._timer.stop()

    def _colour(self, *_: object) -> None:
        """The ground goes by the level and the theme; words of another size need another height."""
        icon, token, ground = ICONS[self._level]
        theme = self._session.theme
        self._icon.show_icon(icon, token)
        self.setStyleSheet(f"Banner {{ background: {theme.hex(ground)}; border-top: 1px solid {theme.hex('line')}; }}")
        if not self.isHidden():
            QTimer.singleShot(0, self, self._fit)  # once the words have their new size

    def _fit(self) -> None:
        """As high as the sentence needs in this width, up to a few lines; what has no room ends in dots."""
        self._lie()
        layout = self.layout()
        if layout is not None:
            layout.activate()
        width = max(1, self._text.width())
        most = MOST_LINES * self._text.fontMetrics().lineSpacing()
        set_text(self._text, self._sentence)
        shown = self._text.text()
        while self._text.heightForWidth(width) > most and len(shown) > MOST_LINES:
            shown = shown[: len(shown) * 9 // 10]
            set_text(self._text, f"{shown}…")
        self.setFixedHeight(max(HEIGHT_PX, self._text.heightForWidth(width) + AROUND_PX))
        self._lie()

    def _lie(self) -> None:
        """Over the lower edge, above whatever came after it."""
        self.setGeometry(0, self._host.height() - self.height(), self._host.width(), self.height())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._lie()
        return super().eventFilter(watched, event)

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
