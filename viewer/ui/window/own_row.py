"""A row of words that changes with every move of the mouse, and lays out nothing but itself."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

MARGIN_PX, GAP_PX = 10, 14


class OwnRow(QWidget):
    """Widgets beside each other: each as wide as its words, the first gives way, the last takes what is left.

    They are in no layout, which would pass each other width on, and Qt would lay out the whole window for each value
    under the mouse. The row keeps room for the widest that it has held at this size of text.
    """

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._widgets, self._least_px = widgets, 0
        for widget in widgets:
            widget.setParent(self)
            widget.setVisible(True)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(self._least_px, max(one.sizeHint().height() for one in self._widgets))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._least_px = 0
            self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # one of them says something else
            self._arrange()
            return True
        return super().event(event)

    def _arrange(self) -> None:
        first, *middle, last = (one for one in self._widgets if not one.isHidden())
        gaps_px = GAP_PX * (len(middle) + 1)
        middle_px = sum(one.sizeHint().width() for one in middle)
        need_px = 2 * MARGIN_PX + gaps_px + first.minimumSizeHint().width() + middle_px
        if need_px > self._least_px:
            self._least_px = need_px
            self.updateGeometry()
        left_px = max(0, self.width() - 2 * MARGIN_PX - gaps_px - middle_px)
        first_px = min(first.sizeHint().width(), left_px)
        widths = [first_px, *(one.sizeHint().width() for one in middle), left_px - first_px]
        x = MARGIN_PX
        for widget, width in zip((first, *middle, last), widths, strict=True):
            widget.setGeometry(x, 0, width, self.height())
            x += width + GAP_PX
