"""The title of a dock."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QToolButton, QWidget

from viewer.ui.look.chips import ElidedLabel, text_label
from viewer.ui.look.plain_text import set_text

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk

TITLE_PX, MOST_ICON_PX, EDGE_PX = 28, 20, 6  # of the title; of an icon in a button, and what is round it


class TitleCount(QWidget):
    """How many things a panel lists. It keeps room for the longest that it has said at this size of text: Qt lays out
    the whole window for each other width, and a list that grows says another number with every row."""

    def __init__(self) -> None:
        super().__init__()
        self._label, self._least_px = ElidedLabel("rowlow"), 0
        self._label.setParent(self)  # in no layout, which would pass each other width on

    @property
    def words(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, words: str) -> None:
        """Another count."""
        set_text(self._label, words)
        self._keep_room()

    def _keep_room(self) -> None:
        need = self._label.sizeHint().width()
        if need > self._least_px:
            self._least_px = need
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._least_px, self._label.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.resize(event.size())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._least_px = 0
            self._keep_room()


class DockTitle(QWidget):
    """Name, count, own actions, close."""

    def __init__(self, session: "Desk", dock: QDockWidget, panel: Any, book: "CommandBook") -> None:
        super().__init__()
        self.setProperty("surface", "raise")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(TITLE_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(text_label(panel.title, "dock"))
        self.count = TitleCount()
        row.addWidget(self.count, 1)
        for command_id in getattr(panel, "title_commands", ()):
            if command_id in book.rows:
                row.addWidget(_title_button(session, book.row(command_id).icon or "more", book.actions[command_id]))
        close = _title_button(session, "close", None)
        close.setToolTip("Close this panel; Window brings it back")
        close.clicked.connect(dock.close)
        row.addWidget(close)
        if hasattr(panel, "count_changed"):
            panel.count_changed.connect(self.count.say)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        # A dock goes by this alone: with less, its panel lies over the lower part of the title.
        return self.sizeHint()


def _title_button(session: "Desk", icon: str, action: Any) -> QToolButton:
    button = QToolButton()
    if action is not None:
        button.setDefaultAction(action)

    def fit(*_: object) -> None:
        side = min(MOST_ICON_PX, session.theme.icon_px(16))
        button.setIcon(session.icons.icon(icon, side, "low"))
        button.setIconSize(QSize(side, side))
        button.setFixedSize(side + EDGE_PX, side + EDGE_PX)

    fit()
    session.theme_changed.connect(fit)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
