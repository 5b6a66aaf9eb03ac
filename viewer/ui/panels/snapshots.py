"""Snapshots: the data sets that training reads; each never changes once made."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QShowEvent
from PySide6.QtWidgets import QStyleOptionViewItem

from viewer.ui.flows.snapshot_words import SnapshotRow, snapshot_rows
from viewer.ui.look.chips import EmptyState
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, words_width
from viewer.ui.look.row_painting import draw_icon, draw_row, draw_text, low
from viewer.ui.panels.list_panel import Index, ListPanel, RowDelegate

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.situation import Situation

EMPTY = "No snapshot yet. Complete some cases, then choose Dataset, New snapshot."


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
        row = self.rows[index.row()]
        if role in (DISPLAY, TIP):
            tip = f"{row.task_words}\n{row.detail}\n{row.id}"
            return role_text(role, f"{row.task} {row.id[:8]}, {row.detail}", tip)
        return row if role == Qt.ItemDataRole.UserRole else None


class SnapshotDelegate(RowDelegate):
    """Icon, task and hash, day; counts below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: SnapshotRow = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state, line=False)
        left, right = rect.left() + 36, rect.right() - 10
        room_px = icons.theme.room
        upper, lower, half = rect.top() + room_px(13), rect.top() + room_px(30), room_px(9)
        draw_icon(icons, painter, rect.left() + 11, rect.center().y(), "dataset", low(state))
        day = QRect(right - 60, upper - half, 60, 2 * half)
        width = draw_text(icons, painter, day, row.day, token=low(state), right=True, whole=True)
        title = QRect(left, upper - half, right - left - width - 8, 2 * half)
        used = draw_text(icons, painter, title, row.task, px=12.5, weight=500)
        beside = title.adjusted(used + 8, 0, 0, 0)
        if beside.width() >= words_width(QFontMetrics(icons.theme.font(11)), row.id[:8]):  # half a name is none
            draw_text(icons, painter, beside, row.id[:8], px=11, token=low(state))
        draw_text(icons, painter, QRect(left, lower - half, right - left, 2 * half), row.detail, token=low(state))


class SnapshotsPanel(ListPanel):
    """The list at the left of Train, below the runs."""

    title = "Snapshots"
    area = "left"
    workspaces = ("train",)
    title_commands = ("dataset.snapshot",)

    def __init__(self, session: "Desk") -> None:
        self._session = session
        self._model = SnapshotModel()
        super().__init__(self._model, SnapshotDelegate(session), EmptyState(session.icons, "dataset", EMPTY))
        session.project_opened.connect(lambda _: self.reload())
        session.workspace_changed.connect(lambda name: self.reload() if name == "train" else None)
        session.situation_changed.connect(self._on_situation)
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the cards again, off the window's thread."""
        project = self._session.project
        if project is None:
            self._show([])
            return
        folder = project.folder
        self._session.run_in_background(lambda: snapshot_rows(folder), self._show, self._session.announce_failure)

    def _show(self, rows: list[SnapshotRow]) -> None:
        self._model.set_rows(rows)
        self.show_count(len(rows))

    def _on_situation(self, situation: "Situation") -> None:
        if situation.has("snapshot_made"):
            self._session.set_fact("snapshot_made", holds=False)
            self.reload()
