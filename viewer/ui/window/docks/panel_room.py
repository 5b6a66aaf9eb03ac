"""What a dock holds, and how little of it a dock can do with."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

LEAST_LEFT_PX = 232
LEAST_PX = {"left": LEAST_LEFT_PX, "right": 288, "bottom": 200}
LEAST_HIGH_PX = 96  # what is left of a panel that scrolls
WIDER = 0.4  # of what the text grows by


class PanelRoom(QScrollArea):
    """What a dock holds: its panel, which scrolls where the dock is smaller than it. So no panel makes the window
    larger than its screen, and none lies on another."""

    least_changed = Signal()  # how little it can do with may be more or less now

    def __init__(self, session: "Desk", panel: QWidget, area: str) -> None:
        super().__init__()
        self._session, self._area, self._panel = session, area, panel
        self._told: tuple[QSize, QSize] | None = None  # what it wants and what it can do with, as Qt was last told
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(panel)
        panel.installEventFilter(self)
        session.theme_changed.connect(lambda _: self.updateGeometry())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._panel and event.type() == QEvent.Type.LayoutRequest:
            # Qt asks for every word that a panel changes, and would lay out the whole window for each.
            now = (self.sizeHint(), self.minimumSizeHint())
            if now != self._told:
                self._told = now
                self.updateGeometry()
                self.least_changed.emit()
            self._say_what_scrolls()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say_what_scrolls()

    def _say_what_scrolls(self) -> None:
        """Nobody scrolls for the edge below what is there, nor because of the width that the bar itself takes: one that
        stood there a moment would stay."""
        layout, policies = self._panel.layout(), Qt.ScrollBarPolicy
        edge_px = 0 if layout is None else layout.contentsMargins().bottom()
        least_px = max(self._panel.minimumSizeHint().height(), self._panel.heightForWidth(self.width()))
        if hasattr(self._panel, "least_px_at"):
            least_px = self._panel.least_px_at(self.width())
        has_all = least_px - edge_px <= self.height()
        policy = policies.ScrollBarAlwaysOff if has_all else policies.ScrollBarAsNeeded
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint().expandedTo(self.minimumSizeHint())

    def minimumSizeHint(self) -> QSize:
        theme = self._session.theme
        least = self._panel.minimumSizeHint()
        wide = dock_px(LEAST_PX[self._area], theme.font_scale)
        # A panel at the bottom goes with the views, which have room enough; at the sides it takes it from them.
        if getattr(self._panel, "keeps_whole", False):
            return QSize(wide, least.height())
        keeps_px = max(getattr(self._panel, "keeps_px", 0), theme.px(LEAST_HIGH_PX))
        return QSize(wide, min(least.height(), keeps_px))


def dock_px(width_px: int, font_scale: float) -> int:
    """A dock's width for a size of text: it grows with it, by less, so that the views keep half of the window."""
    return round(width_px * (1 + WIDER * (font_scale - 1)))
