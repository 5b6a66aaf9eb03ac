"""Runs: every training of this project, whoever started it."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QShowEvent
from PySide6.QtWidgets import QStyleOptionViewItem

from ml.starts import validation_seen
from viewer.ui.flows.run_words import STATE_LOOKS, model_and_fold, row_detail, row_lines, run_title
from viewer.ui.look.chips import EmptyState
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, words_width
from viewer.ui.look.row_painting import draw_pill, draw_row, draw_text, low
from viewer.ui.panels.list_panel import Index, ListPanel, RowDelegate

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.look.theme import Theme

LINE_SIZES_PX = (12, 11)
EMPTY = "No runs yet. The Train menu starts one from a snapshot."


class RunModel(QAbstractListModel):
    """The runs, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[RunState, ...] = ()

    def set_runs(self, runs: "tuple[RunState, ...]") -> None:
        """Show other runs; the same ones keep their rows."""
        if runs and [run.run_id for run in runs] == [run.run_id for run in self.runs]:
            self.runs = runs
            self.dataChanged.emit(self.index(0), self.index(len(runs) - 1))
            return
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        run = self.runs[index.row()]
        if role in (DISPLAY, TIP):
            words = f"{run_title(run)}, {model_and_fold(run)}, {STATE_LOOKS[run.state][0]} {row_detail(run)}".strip()
            seen = validation_seen(run.notes)
            return role_text(role, f"{words}. {seen}" if seen else words)
        return run if role == Qt.ItemDataRole.UserRole else None


class RunDelegate(RowDelegate):
    """Title and state, the model and its start, how far it is or its figures: a line each, so that none is cut away by
    another."""

    row_px, line_px = 46, 18

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = max(1, len(row_lines(index.data(Qt.ItemDataRole.UserRole))))
        return QSize(200, self._session.theme.room(self.row_px + lines * self.line_px))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        run: RunState = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state)
        left, right = rect.left() + 10, rect.right() - 10
        room_px = icons.theme.room
        upper, half = rect.top() + room_px(14), room_px(9)
        word, kind = STATE_LOOKS[run.state]
        width = draw_pill(icons, painter, right, upper, word, kind)
        title = QRect(left, upper - half, right - width - 8 - left, 2 * half)
        draw_text(icons, painter, title, run_title(run), px=13, weight=600, cut=Qt.TextElideMode.ElideMiddle)
        lines = [(model_and_fold(run), low(state)), *((words, "mid") for words in row_lines(run))]
        for place, (words, token) in enumerate(lines):
            middle = rect.top() + room_px(32 + place * self.line_px)
            room = QRect(left, middle - half, right - left, 2 * half)
            draw_text(icons, painter, room, words, px=fitting_px(icons.theme, words, room.width()), token=token)


def fitting_px(theme: "Theme", words: str, room_px: int) -> float:
    """The size of a line: a little smaller where it is whole then, for an interval is no interval without its end."""
    return next((px for px in LINE_SIZES_PX if words_width(QFontMetrics(theme.font(px)), words) < room_px), 12)


class RunsPanel(ListPanel):
    """The list at the left of Train."""

    title = "Runs"
    area = "left"
    workspaces = ("train",)
    title_commands = ("train.new",)
    menu_asked = Signal(QPoint)
    row_commands = (
        "train.review", "train.evaluate", "train.report", "train.external", "train.compare", "train.learning_curve", "",
        "train.cancel", "train.resume", "train.folds_cancel", "train.folds_resume", "",
        "train.rename", "train.tags", "train.note", "train.clone", "train.delete",
    )  # fmt: skip

    def __init__(self, session: "Desk") -> None:
        self._watch = session.jobs
        self._model = RunModel()
        super().__init__(self._model, RunDelegate(session), EmptyState(session.icons, "train", EMPTY))
        self.list.setUniformItemSizes(False)  # a finished run has a line more
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self.list.menu_asked.connect(self._on_menu)
        self._watch.runs_changed.connect(self._on_runs)
        self._watch.run_selected.connect(lambda _: self._mark())
        self._on_runs(self._watch.runs)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_runs(self._watch.runs)

    def _on_runs(self, runs: "tuple[RunState, ...]") -> None:
        self._model.set_runs(runs)
        self.show_count(len(runs))
        self._mark()

    def _mark(self) -> None:
        selected = self._watch.selected
        for place, run in enumerate(self._model.runs):
            if selected is not None and run.run_id == selected.run_id:
                self.list.setCurrentIndex(self._model.index(place))

    @property
    def menu_title(self) -> str:
        """What the context menu is about."""
        selected = self._watch.selected
        return "" if selected is None else run_title(selected)

    def _on_menu(self, point: QPoint) -> None:
        """The menu is about the run of the row, which is chosen by it."""
        self._on_chosen(self.list.currentIndex())
        self.menu_asked.emit(point)

    def _on_chosen(self, index: Index) -> None:
        self._watch.select(index.data(Qt.ItemDataRole.UserRole).run_id)
