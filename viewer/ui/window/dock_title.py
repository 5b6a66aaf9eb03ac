"""The title of a dock."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QToolButton, QWidget

from viewer.ui.look.chips import text_label

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk

TITLE_PX, MOST_ICON_PX, EDGE_PX = 28, 20, 6  # of the title; of an icon in a button, and what is round it


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
        self._count = text_label("", "rowlow")
        row.addWidget(self._count)
        row.addStretch(1)
        for command_id in getattr(panel, "title_commands", ()):
            if command_id in book.rows:
                row.addWidget(_title_button(session, book.row(command_id).icon or "more", book.actions[command_id]))
        close = _title_button(session, "close", None)
        close.setToolTip("Close this panel; Window brings it back")
        close.clicked.connect(dock.close)
        row.addWidget(close)
        if hasattr(panel, "count_changed"):
            panel.count_changed.connect(self._count.setText)

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
