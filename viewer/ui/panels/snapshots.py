"""Snapshots: the data sets that training reads; each never changes once made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QShowEvent
from PySide6.QtWidgets import QStyleOptionViewItem

from viewer.core.text.titles import short_id
from viewer.ui.flows.snapshots import SnapshotRow, when_made
from viewer.ui.look.chips import EmptyState
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, words_width
from viewer.ui.look.row_painting import draw_icon, draw_row, draw_text, low
from viewer.ui.panels.list_panel import Index, ListPanel, RowDelegate

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

ROWS = Qt.ItemDataRole.UserRole + 1  # all of them
GAP_PX = 8
EMPTY = "No snapshot yet. Complete some cases, then choose Dataset, New snapshot."


def fitting(metrics: QFontMetrics, words: Sequence[str], room_px: int) -> str:
    """The first of these that is not cut in this room; the last one where all are."""
    return next((one for one in words if words_width(metrics, one) < room_px), words[-1])


class SnapshotModel(QAbstractListModel):
    """The snapshots, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[SnapshotRow] = []

    def set_rows(self, rows: list[SnapshotRow]) -> None:
        """Show other snapshots."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == ROWS:
            return self.rows
        row = self.rows[index.row()]
        if role in (DISPLAY, TIP):
            tip = f"{row.task_words}\n{row.detail}\n{row.id}\n{row.day} {row.time}".strip()
            return role_text(role, f"{row.task} {short_id(row.id)}, {row.detail}", tip)
        return row if role == Qt.ItemDataRole.UserRole else None


class SnapshotDelegate(RowDelegate):
    """Icon, task and hash; counts and day below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: SnapshotRow = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state, line=False)
        left, right = rect.left() + 36, rect.right() - 10
        room_px = icons.theme.room
        upper, lower, half = rect.top() + room_px(13), rect.top() + room_px(30), room_px(9)
        draw_icon(icons, painter, rect.left() + 11, rect.center().y(), "dataset", low(state))
        small = QFontMetrics(icons.theme.font(11))
        when, named = when_made(row, index.data(ROWS)), short_id(row.id)
        when_px, named_px = words_width(small, when) + 4, words_width(small, named) + 4
        room = right - left - named_px - GAP_PX
        title = QRect(left, upper - half, room, 2 * half)
        used = min(room, draw_text(icons, painter, title, row.task, px=12.5, weight=500))
        beside = QRect(left + used + GAP_PX, upper - half, named_px, 2 * half)
        draw_text(icons, painter, beside, named, px=11, token=low(state), whole=True)
        # When it was made tells it from others as its name does: what was counted gives way to both.
        day = QRect(right - when_px, lower - half, when_px, 2 * half)
        draw_text(icons, painter, day, when, px=11, token=low(state), right=True, whole=True)
        room = right - left - when_px - GAP_PX
        words = fitting(QFontMetrics(icons.theme.font(12)), row.details, room)
        draw_text(icons, painter, QRect(left, lower - half, room, 2 * half), words, token=low(state))


class SnapshotsPanel(ListPanel):
    """The list at the left of Train, below the runs. The row that is chosen is the snapshot whose parts the cases show
    and which the commands are about; a double click or Return trains on it."""

    title = "Snapshots"
    area = "left"
    workspaces = ("train",)
    title_commands = ("dataset.snapshot",)
    row_commands = ("dataset.train_on", "", "dataset.test_cases", "dataset.card", "dataset.leaks")
    menu_asked = Signal(QPoint)

    def __init__(self, session: "Desk") -> None:
        self._session, self._snapshots = session, session.snapshots
        self._model, self._marks = SnapshotModel(), False
        super().__init__(self._model, SnapshotDelegate(session), EmptyState(session.icons, "dataset", EMPTY))
        self.list.selectionModel().currentChanged.connect(lambda index, _: self._on_current(index))
        self.list.activated.connect(self._on_activated)
        self.list.menu_asked.connect(self.menu_asked)
        self._snapshots.rows_changed.connect(self._show)
        self._snapshots.parts_changed.connect(self._mark)
        self._show(self._snapshots.rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._snapshots.read()

    @property
    def menu_title(self) -> str:
        """What the context menu is about."""
        row = self._snapshots.chosen
        return "" if row is None else row.name

    def _show(self, rows: list[SnapshotRow]) -> None:
        self._model.set_rows(rows)
        self.show_count(len(rows))
        self._mark()

    def _mark(self) -> None:
        chosen = self._snapshots.chosen
        place = next((n for n, row in enumerate(self._model.rows) if chosen is not None and row.id == chosen.id), None)
        if place is not None and self.list.currentIndex().row() != place:
            self._marks = True
            self.list.setCurrentIndex(self._model.index(place))
            self._marks = False

    def _on_current(self, index: Index) -> None:
        if index.isValid() and not self._marks:  # that the newest one is marked is nobody's choice
            self._snapshots.choose(index.data(Qt.ItemDataRole.UserRole).id)

    def _on_activated(self, index: Index) -> None:
        from viewer.ui.dialogs.train import TrainDialog

        self._on_current(index)
        TrainDialog(self._session, snapshot_id=index.data(Qt.ItemDataRole.UserRole).id, parent=self.window()).open()
