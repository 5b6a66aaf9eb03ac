"""All runs of the project in a table: found, sorted, chosen, named, compared."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.jobs.run_query import KEYS, RunQuery, read_run_query
from viewer.ui.flows.run_edits import Written, write_on
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import EmptyState, Paragraph, text_label
from viewer.ui.look.filter_field import FilterField
from viewer.ui.look.on_screen import is_out_of_sight
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_table.model import RUN, RunTableModel
from viewer.ui.run_table.view import RunTableView

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

EMPTY = "No runs yet. The Train menu starts one from a snapshot."
NONE_FITS = "No run fits what is typed above: Esc there shows all of them again."
FILTER_TIP = (
    f"Such as tag:best state:finished. Words, or {', '.join(f'{key}:' for key in KEYS)}; a comma between two values "
    "means either"
)


class RunTablePage(QWidget):
    """A field to find runs by, the table, and how many there are."""

    title = "All runs"
    menu_asked = Signal(QPoint)
    command_asked = Signal(str)
    row_commands = (
        "train.rename", "train.tags", "train.note", "", "train.review", "train.evaluate", "train.report",
        "train.external", "train.compare", "train.compare_several", "train.learning_curve", "", "train.clone",
        "train.cancel",
        "train.resume", "train.delete",
    )  # fmt: skip

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session, self._watch = session, session.jobs
        self._marking = False
        self.model = RunTableModel()
        self.model.setParent(self)
        self.table = RunTableView(session, self.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_head())
        self.problem = Paragraph("err")
        self.problem.setContentsMargins(12, 0, 12, 6)
        self.problem.hide()
        column.addWidget(self.problem)
        self.stack = QStackedWidget()
        self.empty = EmptyState(session.icons, "train", EMPTY)
        self.none = EmptyState(session.icons, "filter", NONE_FITS)
        for widget in (self.table, self.empty, self.none):
            self.stack.addWidget(widget)
        column.addWidget(self.stack, 1)
        self._connect()
        self._take_runs(self._watch.runs)

    def _build_head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        self.filter = FilterField("Find runs", "Find runs")
        set_tip(self.filter, FILTER_TIP)
        self.filter.the_list = self.table
        self.setFocusProxy(self.table)
        row.addWidget(self.filter, 1)
        self.count = text_label("", "rowmid")
        row.addWidget(self.count)
        icons = self._session.icons
        self.compare = KeyButton(icons, "Compare…", icon="compare", height_px=26)
        self.columns = KeyButton(icons, "Columns…", icon="layout", height_px=26)
        set_tip(self.columns, "Which columns the table has: settings of the recipe, figures, notes")
        for button in (self.compare, self.columns):
            button.setAutoDefault(False)
            row.addWidget(button)
        return head

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._on_filter)
        self.compare.clicked.connect(lambda: self.command_asked.emit("train.compare_several"))
        self.columns.clicked.connect(self._on_columns)
        self.table.menu_asked.connect(self.menu_asked)
        self.table.delete_asked.connect(lambda: self.command_asked.emit("train.delete"))
        self.table.note_asked.connect(lambda: self.command_asked.emit("train.note"))
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        self.model.typed.connect(self._on_typed)
        self.model.arranged.connect(self._mark)
        self._watch.runs_changed.connect(self._on_runs)
        self._watch.run_selected.connect(self._mark)
        self._tell_chosen()

    # Rows

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_runs(self._watch.runs)

    def _on_runs(self, runs: "tuple[RunState, ...]") -> None:
        if not is_out_of_sight(self):
            self._take_runs(runs)

    def _take_runs(self, runs: "tuple[RunState, ...]") -> None:
        self.model.set_runs(runs)
        self._tell()

    def _on_filter(self, text: str) -> None:
        """What cannot be asked for is said, and what was found before stays."""
        try:
            query = read_run_query(text)
        except AppError as error:
            set_text(self.problem, str(error))
            self.problem.show()
            return
        self.problem.hide()
        self.model.set_query(query if text.strip() else RunQuery())
        self._tell()

    def _tell(self) -> None:
        shown, every = len(self.model.shown), len(self.model.every)
        set_text(self.count, counted(every, "run") if shown == every else f"{shown} of {counted(every, 'run')}")
        self.stack.setCurrentWidget(self.table if shown else self.none if every else self.empty)

    # Choosing

    def _on_chosen(self, _now: QItemSelection, _before: QItemSelection) -> None:
        if self._marking:
            return
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        runs = [self.model.shown[row] for row in rows]
        current = self.table.currentIndex()
        first = current.data(RUN) if current.isValid() and current.row() in rows else None
        ids = [run.run_id for run in runs]
        if first is not None:
            ids.sort(key=lambda run_id: run_id != first.run_id)
        if ids:
            self._watch.select_several(ids)

    def _tell_chosen(self) -> None:
        """Whether there are several to compare; why not, where there are not."""
        several = len(self._watch.chosen) > 1
        self.compare.setEnabled(several)
        why = "" if several else "\nChoose two or more runs first: with Ctrl or Shift and a click"
        set_tip(self.compare, f"Settings that differ, curves over each other, paired differences{why}")

    def _mark(self, *_: object) -> None:
        """The rows of the runs that commands are about, wherever they were chosen."""
        self._tell_chosen()
        wanted = {run.run_id for run in self._watch.chosen}
        model = self.table.selectionModel()
        chosen = {self.model.shown[index.row()].run_id for index in model.selectedRows()}
        if wanted == chosen:
            return
        selected = self._watch.selected
        self._marking = True
        whole = QItemSelection()
        for place, run in enumerate(self.model.shown):
            if run.run_id in wanted:
                whole.select(self.model.index(place, 0), self.model.index(place, self.model.columnCount() - 1))
        model.select(whole, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        place = -1 if selected is None else self.model.place_of(selected.run_id)
        if place >= 0:
            index = self.model.index(place, max(0, self.table.currentIndex().column()))
            model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._marking = False

    @property
    def menu_title(self) -> str:
        """What the context menu is about."""
        chosen = self._watch.chosen
        return run_title(chosen[0]) if len(chosen) == 1 else counted(len(chosen), "run")

    # Writing

    def _on_typed(self, run: "RunState", column: str, text: str) -> None:
        try:
            written = _written(column, text)
        except AppError as error:
            self._session.announce_failure(error)
            return
        write_on(self._session, [(run, written)])

    def _on_columns(self) -> None:
        from viewer.ui.dialogs.run_columns import RunColumnsDialog

        RunColumnsDialog(self._session, self.table.shown_columns, self.table.keep_columns, self.window()).open()


def _written(column: str, text: str) -> Written:
    """What a cell's text is on a run. Raises BadRequest."""
    from viewer.jobs.run_marks import tags_typed

    if column == "tags":
        return Written(tags=tags_typed(text))
    return Written(title=text) if column == "name" else Written(note=text)
