"""A layout that fills rows from the left and wraps, for chips."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QScrollArea, QSizePolicy, QWidget

QWIDGETSIZE_MAX = (1 << 24) - 1  # as Qt has it


class FlowLayout(QLayout):
    """Items side by side at their own size, with `gap_px` between them, wrapped at the width there is."""

    def __init__(self, gap_px: int = 6) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap_px = gap_px

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def _place(self, rect: QRect, *, move: bool) -> int:
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        x, y, row_height = inner.x(), inner.y(), 0
        for item in self._items:
            size = item.sizeHint()
            size.setWidth(min(size.width(), max(0, inner.width())))
            if x > inner.x() and x + size.width() > inner.right() + 1:
                x, y, row_height = inner.x(), y + row_height + self._gap_px, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap_px
            row_height = max(row_height, size.height())
        return y + row_height - rect.y() + margins.bottom()

    def rows_px(self, rows: int, row_px: int) -> int:
        """The height of so many rows of chips that are `row_px` high."""
        margins = self.contentsMargins()
        return rows * row_px + (rows - 1) * self._gap_px + margins.top() + margins.bottom()


class FlowArea(QScrollArea):
    """Chips that take the height they need at the width there is, up to `most_px`; more are scrolled to.

    least_px: what they have from the first one on, so that what stands below does not move when the next one wraps.
    """

    def __init__(self, flow: FlowLayout) -> None:
        super().__init__()
        self._flow, self.least_px, self.most_px = flow, 0, QWIDGETSIZE_MAX
        host = QWidget()
        host.setProperty("surface", "panel")
        host.setLayout(flow)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(host)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def fit(self) -> None:
        """Take the height that the chips need now.

        Where all have room there is no scroll bar: one that stood there a moment takes the width for which they wrap
        into more rows, and would stay because of these.
        """
        policy = Qt.ScrollBarPolicy
        has_all = self._flow.heightForWidth(self.width()) <= self.most_px
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if has_all else policy.ScrollBarAsNeeded)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        need = min(max(self._flow.heightForWidth(self.width()), self.least_px), self.most_px)
        return QSize(self._flow.minimumSize().width(), need)

    def minimumSizeHint(self) -> QSize:
        """Room for what there is; what is kept for more is no reason to scroll."""
        return QSize(self._flow.minimumSize().width(), self.least_px_at(self.width()))

    def least_px_at(self, width_px: int) -> int:
        """The height that the chips need at a width."""
        return min(self._flow.heightForWidth(width_px), self.most_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A height that were set from here would leave the viewport as high as it was before.
        if event.size().width() != event.oldSize().width():
            self.fit()
