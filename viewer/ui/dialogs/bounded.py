"""What every dialog is: no larger than its screen with its frame, and with one button at most for Return."""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QScrollArea, QWidget

from viewer.ui.dialogs.tab_order import tab_in_reading_order
from viewer.ui.look.on_screen import fitted, screen_room

# What a window manager lays around a dialog, which is known only after it was shown.
FRAME = QSize(12, 40)
LEAST_BODY_PX = 120


class Body(QScrollArea):
    """The part of a dialog between its heading and its buttons: it scrolls where the screen is too small for it."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self._inner = inner
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Whether it scrolls is said by the dialog: a bar that comes by itself makes the words narrower and so higher.
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inner)
        inner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._inner and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    @property
    def wanted_px(self) -> int:
        """The height at which nothing of it scrolls, at its width now."""
        inner = self._inner
        least = max(inner.minimumSizeHint().height(), inner.minimumHeight())
        return max(least, inner.heightForWidth(self.viewport().width()))

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        least = self._inner.minimumSizeHint()
        return QSize(least.width() + self.verticalScrollBar().sizeHint().width(), min(least.height(), LEAST_BODY_PX))


class BoundedDialog(QDialog):
    """As high as its words need, and no larger than the screen: there its body scrolls and its buttons stay. What a
    person folds away takes its room along (`fit_again`), unless a hand made the dialog as high as it is.

    Closed it goes, once whoever asked has read its answer: a hundred that were closed made each change of theme or text
    size dress them all.
    """

    _settling = False
    _opened_px = 0  # how high it was when it was first shown
    _by_hand = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked_px = [0]  # the heights that it was given here
        self.finished.connect(self.deleteLater)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle()
        self._opened_px = self._opened_px or self.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = event.size().height()
        if not event.spontaneous():
            self._asked_px.append(height)
        elif self._opened_px and not self._is_answer(height):
            self._by_hand = True
        self._say_what_scrolls()

    def _is_answer(self, height: int) -> bool:
        """Whether the window system gives what was asked for, also where that is past already, or as much of it as its
        screen has; else a hand did it."""
        cut = height < self._asked_px[-1] and height >= screen_room(self).height() - 2 * FRAME.height()
        return height in self._asked_px or cut

    def fit_again(self) -> None:
        """Go back to the height that it was shown with, or to what it needs now where that is more."""
        layout = self.layout()
        if layout is not None and self._opened_px and not self._by_hand and not self.isMaximized():
            layout.activate()
            self.resize(self.width(), min(self.height(), self._opened_px))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible() and not self._settling:
            self._settling = True
            self._settle()
            self._settling = False
        return done

    def _settle(self) -> None:
        self._leave_one_default()
        layout = self.layout()
        if layout is None or self.isMaximized():
            return
        layout.activate()
        edges = (self.frameGeometry().size() - self.size()).expandedTo(FRAME)
        room = screen_room(self)
        most = room.size() - edges
        lacking = sum(max(0, body.wanted_px - body.height()) for body in self.findChildren(Body))
        size = QSize(self.width(), self.height() + lacking).boundedTo(most)
        if size != self.size():
            self.resize(size)
        self._say_what_scrolls()
        tab_in_reading_order(self)
        whole = QRect(self.frameGeometry().topLeft(), self.size() + edges)
        if not room.contains(whole):
            self.move(fitted(whole, room).topLeft())

    def _say_what_scrolls(self) -> None:
        policies = Qt.ScrollBarPolicy
        for body in self.findChildren(Body):
            scrolls = body.wanted_px > body.height()
            policy = policies.ScrollBarAlwaysOn if scrolls else policies.ScrollBarAlwaysOff
            if body.verticalScrollBarPolicy() != policy:
                body.setVerticalScrollBarPolicy(policy)

    def _leave_one_default(self) -> None:
        """Return presses the button that shows it. Qt lets every other one take it once a field has the focus."""
        for button in self.findChildren(QPushButton):
            if button.autoDefault() and not button.isDefault():
                button.setAutoDefault(False)
