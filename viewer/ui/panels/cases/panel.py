"""Cases: what there is to annotate, how far it is, and the way from one to the next."""

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.case_acts import shown_counts
from viewer.core.edits import CaseStatusChange, Edit, LabelChange
from viewer.core.errors import NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.case_query import read_query
from viewer.project.said.orders import AS_FILED
from viewer.ui.flows.cases.listing import LISTED_FACT, CaseList, CaseModel
from viewer.ui.flows.cases.pictures import CasePictures
from viewer.ui.flows.projects import project_words
from viewer.ui.look.chips import ElidedLabel, EmptyState, Paragraph, separator, text_label
from viewer.ui.look.filter_field import FilterField
from viewer.ui.look.plain_text import set_field, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.cases.asked import AskedCases, answered_words
from viewer.ui.panels.cases.foot import case_foot
from viewer.ui.panels.cases.part import FILTER_TIP, PartsLine
from viewer.ui.panels.cases.progress import ProgressBar, StatusChoice, progress_words
from viewer.ui.panels.cases.rows import CaseDelegate
from viewer.ui.panels.cases.said import (
    OrderChoice,
    needs_search,
    said_of,
    search,
    spoken,
    why_none,
)
from viewer.ui.panels.missing_pictures import MissingPictures
from viewer.ui.panels.reading_line import over_reading
from viewer.ui.state.announcing import announce_here
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.records import CaseRow
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

Index = QModelIndex | QPersistentModelIndex
OR_IMPORT = "or import labels together with their images (menu Dataset, Ctrl+I)."
NO_CASES = f"No cases yet. Open a folder and annotate an image, {OR_IMPORT}"
FILTER_DELAY_MS = 150
FOOT_EDGE_PX = 12  # round the keys at the foot: nobody scrolls for it
MOST_ROWS = 50  # of one edit; one that changes more is read anew as a whole


class CasesPanel(QWidget):
    """The list at the left of Annotate and Review."""

    title = "Cases"
    area = "left"
    workspaces = ("annotate", "review")
    count_changed = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._model = CaseModel(
            session.snapshots, lambda row: answered_words(session, row), lambda row: spoken(said_of(session, row))
        )
        self._pictures = CasePictures(session)
        self._delegate = CaseDelegate(session, self._pictures)
        self._filtered_in = None if session.project is None else session.project.folder
        self._build()
        self._filter_timer = QTimer(self)
        self._filter_timer.setSingleShot(True)
        self._filter_timer.setInterval(FILTER_DELAY_MS)
        self._filter_timer.timeout.connect(self.reload)
        self.search.textChanged.connect(lambda _: self._filter_timer.start())
        self.status.currentIndexChanged.connect(lambda _: self.reload())
        self._pictures.picture_made.connect(lambda image_id: self.list.paint_of({image_id}))
        self._delegate.came.connect(self.list.paint_of)
        self.order.currentIndexChanged.connect(lambda _: self.reload())
        self.asked.answered.connect(self.list.viewport().update)
        self.asked.read.connect(self._on_read)
        session.workspace_changed.connect(lambda _: self._on_workspace())
        self._found = Latest(session, self._show_found, self)
        self.list.activated.connect(self._on_chosen)
        self.list.clicked.connect(self._on_clicked)
        self.list.menu_asked.connect(self._on_menu)
        self.list.chosen_changed.connect(session.members.choose)
        session.project_opened.connect(lambda _: self._on_project_opened())
        session.scan_finished.connect(lambda _: self.reload())
        session.cases.order = lambda: self.case_ids
        session.names_hidden_changed.connect(lambda hidden: self._model.set_names_hidden(hidden=hidden))
        self._model.set_names_hidden(hidden=session.names_hidden)
        session.snapshots.parts_changed.connect(self._on_parts)
        session.snapshots.cases_asked.connect(self._filter_by)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(lambda: self._mark(None))
        session.work_changed.connect(self._on_work_changed)
        self.reload()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QWidget()
        inner = QVBoxLayout(head)
        inner.setContentsMargins(10, 8, 10, 8)
        inner.setSpacing(6)
        self.project = ElidedLabel("caption")
        inner.addLayout(over_reading(self.project, self._session))
        line = QHBoxLayout()
        line.setSpacing(8)
        self.figure = text_label("0", "figure")
        self.of_total = text_label("", "second")
        line.addWidget(self.figure)
        line.addWidget(self.of_total)
        line.addStretch(1)
        inner.addLayout(line)
        self.bar = ProgressBar(self._session)
        inner.addWidget(self.bar)
        self.words = Paragraph("caption")
        inner.addWidget(self.words)
        self.missing = MissingPictures(self._session)
        inner.addWidget(self.missing)
        self.status, self.order = StatusChoice(), OrderChoice(self._session)
        self.search = FilterField("Filter, or part:test", "Filter cases")
        set_tip(self.search, FILTER_TIP)
        self.search.setMinimumWidth(60)
        self.parts = PartsLine(self._session)
        self.asked = AskedCases(self._session)
        for widget in (self.status, self.search, self.order, self.parts, self.asked):
            inner.addWidget(widget)
        layout.addWidget(head)
        layout.addWidget(separator())
        self.list = CaseList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Cases")
        self.search.the_list = self.list
        self.empty = self._make_empty()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack, 1)
        layout.addWidget(separator())
        layout.addWidget(self._footer())

    def _make_empty(self) -> EmptyState:
        self.add = KeyButton(self._session.icons, "Add what is open…", icon="plus", kind="primary")
        self.add.clicked.connect(lambda: self._session.person.offer_adding())
        return EmptyState(self._session.icons, "folder", NO_CASES, self.add)

    def _footer(self) -> QFrame:
        self.foot = case_foot(self._session.icons)
        return self.foot

    @property
    def case_ids(self) -> list[str]:
        """The cases in the order of the list, as it is filtered now."""
        return self._model.case_ids

    @property
    def row_commands(self) -> tuple[str, ...]:
        """The context menu of the rows that are chosen; what acts on the shown case is there of that case only."""
        alone = self.list.chosen == [self._session.cases.current]
        own = ("annotate.complete", "annotate.reopen") if alone else ()
        return (*own, "annotate.send", "annotate.approve", "annotate.return", "dataset.take_out")

    @property
    def menu_title(self) -> str:
        """What the context menu is about."""
        return self._session.members.chosen_name

    def menu_over(self) -> None:
        """The context menu is gone: one row that is chosen is the shown one again, though it could not be shown."""
        if len(self.list.chosen) == 1:
            shown = self._session.shown
            self._mark(None if shown is None else shown.case_id)

    @property
    def pictures_made(self) -> int:
        """How many small pictures are in memory."""
        return self._pictures.made

    def least_px_at(self, width_px: int) -> int:
        """How high it must be for all of it to be seen."""
        return max(self.minimumSizeHint().height(), self.heightForWidth(width_px)) - FOOT_EDGE_PX

    def focus_search(self) -> None:
        """Put the cursor into the filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_progress()

    def reload(self) -> None:
        """Read the cases again with the filters that stand."""
        query, status, order = read_query(self.search.text()), self._status(), self.order.chosen
        if needs_search(query, order):
            self._found.ask(search(self._session, query, status, order))
        else:
            self._found.forget()
            self._show_found([] if query.wrong else self._session.at_hand.cases.all(status))

    def _on_read(self) -> None:
        """What a model has said is known, or all of it was asked: until then the rows stay where they are."""
        if read_query(self.search.text()).said or self.order.is_kept:
            self.reload()

    def _on_workspace(self) -> None:
        """Where cases are labelled, no order and no choice of them tells what a model says: not for a moment."""
        query = read_query(self.search.text())
        if query.said or self.order.is_kept:
            if self._session.workspace != "review":
                self._show_found([] if query.said else self._session.at_hand.cases.all(self._status()))
            self.reload()

    def _show_found(self, rows: "list[CaseRow]") -> None:
        self._model.set_rows(self._session.snapshots.of_parts(read_query(self.search.text()), rows))
        self._session.set_fact(LISTED_FACT, holds=bool(self._model.rows))
        self._show_progress()
        shown = self._session.shown
        self._mark(shown.case_id if shown is not None else None)

    def _filter_by(self, text: str) -> None:
        """Show these cases, of any status."""
        with QSignalBlocker(self.status):
            self.status.setCurrentIndex(0)
        set_field(self.search, text)
        self.reload()

    def _on_parts(self) -> None:
        if read_query(self.search.text()).parts:
            self.reload()
        else:
            self._model.tell_parts()

    def _on_project_opened(self) -> None:
        self._delegate.forget()
        project = self._session.project
        folder = None if project is None else project.folder
        if folder != self._filtered_in:  # another project has no filter of the one before
            self._filtered_in = folder
            with QSignalBlocker(self.search), QSignalBlocker(self.status), QSignalBlocker(self.order):
                self.search.clear()
                self.status.setCurrentIndex(0)
                self.order.setCurrentIndex(0)
            self._filter_timer.stop()
        self.reload()

    def _show_progress(self) -> None:
        project = self._session.project
        set_text(self.project, project_words(project))
        set_tip(self.project, "" if project is None else f"{project_words(project)}\n{project.folder}")
        counts = {} if project is None else self._session.at_hand.cases.progress()
        self.status.show_occurring(counts)
        total = sum(counts.values())
        listed = f"{len(self._model.rows)} of {total}" if self._filtered() else str(total)
        self.count_changed.emit(listed if total else "")
        counts = self._counts_listed() or counts
        for label, words in zip((self.figure, self.of_total, self.words), progress_words(counts), strict=True):
            set_text(label, words)
        self.bar.counts = counts
        self.bar.update()
        self.stack.setCurrentWidget(self.list if self._model.rows else self.empty)
        may_add = not total and self._session.members.may_add
        self.add.setVisible(may_add)
        empty = f"No cases yet. Add the images that are open, {OR_IMPORT}" if may_add else NO_CASES
        query = read_query(self.search.text())
        why = why_none(self._session, query) or self._session.snapshots.why_none(query) or "No case fits this filter."
        self.empty.set_sentence(why if total else empty)

    def _counts_listed(self) -> dict[CaseStatus, int]:
        """How far those are that the filter asks for, of any status where that is known here: a part of the project is
        worked through, or read once more, and the rest is not to do now. Empty without a filter, and where none fits.
        """
        query, cases = read_query(self.search.text()), self._session.at_hand.cases
        if not self.search.text().strip():
            return {}
        kept = self._model.rows if needs_search(query, AS_FILED) else cases.all()
        rows = self._session.snapshots.of_parts(
            query, [cases.get(row.case_id) for row in kept if cases.has(row.case_id)]
        )
        return shown_counts(Counter(row.status for row in rows)) if rows else {}

    def _mark(self, case_id: str | None) -> None:
        place = self._model.place(case_id)
        if place is None:
            self.list.clearSelection()
            return
        index = self._model.index(place)
        self.list.choose_alone(index)

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if shown.case_id is not None and self._model.place(shown.case_id) is None and not self._filtered():
            self.reload()
        self._mark(shown.case_id)

    def _status(self) -> CaseStatus | None:
        return self.status.chosen

    def _filtered(self) -> bool:
        return self._status() is not None or bool(self.search.text().strip())

    def _on_clicked(self, index: Index) -> None:
        if len(self.list.chosen) == 1:  # more are chosen with Shift or Ctrl, to do something with all of them
            self._on_chosen(index)

    def _on_chosen(self, index: Index) -> None:
        row: CaseRow = index.data(Qt.ItemDataRole.UserRole)
        shown = self._session.shown
        if shown is None or shown.case_id != row.case_id:
            self._session.open_case(row.case_id)

    def _on_menu(self, point: QPoint) -> None:
        """A menu is about the row it was opened on, which is shown first, as by a click; several stay chosen."""
        if len(self.list.chosen) == 1:
            try:
                self._on_chosen(self.list.currentIndex())
            except NotFound as error:
                announce_here(self._session, "warn", str(error))
        self.menu_asked.emit(point)

    def _on_work_changed(self, edit: Edit) -> None:
        cases, shown = self._session.at_hand.cases, self._session.shown
        touched = {change.case_id for change in edit.of(CaseStatusChange)}
        images = edit.worked_on
        if edit.has(LabelChange) or len(images) > MOST_ROWS:
            self.list.viewport().update()
            images = ()
        # The rows of the images that were changed, on the screen or not; a case that began is of the shown image.
        worked_on = {self._session.opening.case_of(image_id) for image_id in images}
        touched |= {case_id for case_id in worked_on if case_id is not None}
        if shown is not None and shown.case_id is not None:
            touched.add(shown.case_id)
        for case_id in filter(cases.has, touched):
            if self._model.place(case_id) is None and not self._filtered():
                self.reload()
                return
            self._model.replace(cases.get(case_id))
        self._show_progress()
