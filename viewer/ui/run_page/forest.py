"""The intervals of groups as bars on the run's page, as large as they are drawn or as there is room."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui.look.plain_text import set_name

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

LEAST_SHARE = 0.6  # of its size: smaller, its words are none to read, and the rows below it say the same


class Forest(QWidget):
    """Hidden where no group has a figure, and where there is too little room."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._groups: Mapping[str, Any] | None = None
        self._of_all: float | None = None
        self.image = QImage()
        self._size = QSize()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        set_name(self, "The interval of each group")
        session.theme_changed.connect(lambda _: self._draw())
        self.hide()

    def show_groups(self, groups: Mapping[str, Any], of_all: float | None) -> None:
        """Those of a report. of_all: the figure of all cases."""
        if groups == self._groups and of_all == self._of_all:
            return
        self._groups, self._of_all = groups, of_all
        self._draw()

    def _draw(self) -> None:
        if self._groups is None:
            return
        from ml.evaluation.subgroups.forest_picture import forest_rows
        from viewer.ui.look.curve_image import forest_image, forest_size

        there = bool(forest_rows(self._groups))
        self.setVisible(there)
        if there:
            self.image = forest_image(self._groups, self._of_all, self._session.theme)
            self._size = QSize(*forest_size(self._groups, self._session.theme))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return self._size

    def heightForWidth(self, width: int) -> int:
        share = self._share(width)
        return round(self._size.height() * share) if share >= LEAST_SHARE else 0

    def _share(self, width: int) -> float:
        return min(1.0, width / max(1, self._size.width()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        share = self._share(self.width())
        if self.image.isNull() or share < LEAST_SHARE:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = QRect(0, 0, round(self._size.width() * share), round(self._size.height() * share))
        painter.drawImage(room, self.image)
        painter.end()
