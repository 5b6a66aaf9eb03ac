"""Studies: patient, study, series with thumbnails; double click shows, drag puts into a cell."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.look.chips import EmptyState, IconButton, text_label
from viewer.ui.look.filter_field import FilterField
from viewer.ui.look.plain_text import set_text
from viewer.ui.panels.studies_rows import ROLE, StudiesTree, date_text
from viewer.ui.views.thumbnails import Thumbnails

if TYPE_CHECKING:
    from viewer.reading.scan import Patient, ScanResult
    from viewer.reading.series import Series
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage


class StudiesPanel(QWidget):
    """What was opened."""

    title = "Studies"
    area = "left"
    workspaces = ("read",)
    title_commands = ("file.open_folder",)
    row_commands = ("studies.close_row", "studies.forget_row")
    count_changed = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._thumbnails = Thumbnails(session)
        self._shown: Series | None = None
        self._of_project: tuple[Patient, ...] = ()  # shown, though no scan of this session has found it
        self.tree = StudiesTree(session, self._thumbnails)
        self.field = FilterField("Patient, study, series", "Filter studies")
        self.field.the_list = self.tree
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(session.icons, "folder", "No studies yet. Open a folder: Ctrl+O, or drop one here.")
        )
        self._stack.addWidget(self.tree)
        self._foot = self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 10, 8)
        top.addWidget(self.field)
        column.addLayout(top)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot)
        self.field.textChanged.connect(self._filter)
        self.tree.chosen.connect(session.open_series)
        self._thumbnails.made.connect(self.tree.viewport().update)
        session.scan_finished.connect(self._on_scan_finished)
        session.series_found.connect(self._fill)
        session.closing.closed.connect(lambda _: self._refill())
        session.image_gone.connect(self._on_image_gone)
        self.tree.currentItemChanged.connect(lambda item, _before: self._on_row(item))
        self.tree.close_asked.connect(session.closing.close_row)
        self.tree.menu_asked.connect(self.menu_asked)
        session.scan_progressed.connect(self._on_scan_progressed)
        session.image_shown.connect(self._on_image_shown)
        session.names_hidden_changed.connect(lambda _: self.tree.viewport().update())
        session.theme_changed.connect(self._on_theme_changed)
        self.tree.resized.connect(self._reveal)
        self._fill()

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(10, 8, 6, 10)
        column.setSpacing(4)
        row = QHBoxLayout()
        self._progress_text = text_label("Looking for files", "rowmid")
        self._progress_share = text_label("", "rowmid")
        stop = IconButton(self._session.icons, "close")
        stop.setToolTip("Stop opening; what is open stays")
        stop.clicked.connect(self._session.opening.cancel)
        row.addWidget(self._progress_text, 1)
        row.addWidget(self._progress_share)
        row.addWidget(stop)
        column.addLayout(row)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        column.addWidget(self._bar)
        foot.setVisible(self._session.opening.scanning)
        return foot

    def _on_scan_progressed(self, done: int, total: int) -> None:
        self._foot.setVisible(total >= 0)
        if total > 0 and not done:
            set_text(self._progress_text, f"Looking for files: {total} so far")
        else:
            set_text(self._progress_text, f"Reading {total - done} more files" if total > 0 else "Looking for files")
        set_text(self._progress_share, f"{round(100 * done / total)} %" if total > 0 else "")
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)

    def _on_scan_finished(self, _result: "ScanResult") -> None:
        self._foot.hide()
        self._fill()

    def _on_image_shown(self, shown: "ShownImage") -> None:
        series, doubts = shown.series, shown.frame.facts.doubts
        if series is not None and self.tree.note(series.series_id, doubts):
            self.tree.viewport().update()
        # Rows tell the series on the screen, not the image: they are painted anew where that changes.
        if shown.series is not self._shown:
            self._shown = shown.series
            self._follow_project()
            self._reveal()
            self.tree.viewport().update()

    def _on_image_gone(self) -> None:
        self._shown = None
        self._follow_project()
        self.tree.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_project()
        self._reveal()

    def _follow_project(self) -> None:
        """After a restart the project's own image is shown, and no scan has found it: its study is listed too."""
        if not self.isVisible():
            return  # asked for each case that is stepped over
        if _series_of(self._session.closing.project_patients()) != _series_of(self._of_project):
            self._refill()

    def _on_row(self, item: QTreeWidgetItem | None) -> None:
        """What "close" means now: the current row's patient or study, or the study of a series."""
        level = 0 if item is None else _level_of(item)
        row = item.parent() if item is not None and level == 2 else item
        top = row.parent() if row is not None and level >= 1 else row
        # Only what was opened can be closed; what the project shows by itself goes with its case.
        is_open = top is not None and top.data(0, ROLE) not in self._of_project
        self._session.closing.choose(row.data(0, ROLE) if row is not None and is_open else None)

    def _on_theme_changed(self, _theme: object) -> None:
        self.tree.scheduleDelayedItemsLayout()  # larger text makes higher rows
        self._reveal()

    def _shown_rows(self) -> list[QTreeWidgetItem]:
        """The rows of patient, study and series that are on the screen; none where the series is not listed."""
        for top in _children(self.tree.invisibleRootItem()):
            for study in _children(top) if self._holds_shown(top.data(0, ROLE)) else ():
                for row in _children(study):
                    if self.tree.is_on_screen(row.data(0, ROLE)):
                        return [top, study, row]
        return []

    def _reveal(self) -> None:
        """The row of the series on the screen is in view, unfolded with its patient and study."""
        rows = self._shown_rows()
        if not rows or rows[-1].isHidden():
            return
        top, study, row = rows
        if not top.isExpanded():
            top.setExpanded(True)
            self.tree.scrollToItem(top, QTreeWidget.ScrollHint.PositionAtTop)
        study.setExpanded(True)
        self.tree.scrollToItem(row)

    def _is_in_view(self) -> bool:
        rows = self._shown_rows()
        return bool(rows) and self.tree.viewport().rect().intersects(self.tree.visualItemRect(rows[-1]))

    def _refill(self) -> None:
        """List what is still open; what a person unfolded and where they looked stays."""
        in_view = self._is_in_view()
        folded = {_key(top): not top.isExpanded() for top in _children(self.tree.invisibleRootItem())}
        place = self.tree.verticalScrollBar().value()
        self._fill()
        for top in _children(self.tree.invisibleRootItem()):
            if _key(top) in folded:
                top.setExpanded(not folded[_key(top)])
        self.tree.verticalScrollBar().setValue(place)
        if in_view:  # rows above it have come or gone
            self._reveal()

    def _fill(self) -> None:
        self.tree.clear()
        self._of_project = self._session.closing.project_patients()
        patients = [*self._session.opening.patients, *self._of_project]
        for number, patient in enumerate(patients):
            top = _item(self.tree.invisibleRootItem(), patient)
            for study in patient.studies:
                below = _item(top, study)
                for series in study.series:
                    leaf = _item(below, series)
                    leaf.setFlags(leaf.flags() | Qt.ItemFlag.ItemIsDragEnabled)
                below.setExpanded(True)
            few = len(patients) <= 3
            top.setExpanded(few or number == 0 or self._holds_shown(patient))
        count = len(patients)
        self.count_changed.emit(f"{count} patients" if count > 1 else "")
        self._stack.setCurrentIndex(1 if count else 0)
        self._filter(self.field.text())
        self._reveal()

    def _holds_shown(self, patient: "Patient") -> bool:
        return any(self.tree.is_on_screen(series) for study in patient.studies for series in study.series)

    def _filter(self, text: str) -> None:
        """Keep rows that hold the text, with what is above and below them."""
        low = text.strip().lower()
        for top in _children(self.tree.invisibleRootItem()):
            patient = top.data(0, ROLE)
            any_study = False
            head = f"{patient.patient_id} {patient.patient_name}".lower()
            for below in _children(top):
                study = below.data(0, ROLE)
                words = head + f" {study.description} {study.study_date} {date_text(study.study_date)}".lower()
                any_series = False
                for leaf in _children(below):
                    series = leaf.data(0, ROLE)
                    keep = low in words + f" {series.description} {series.modality} {series.part}".lower()
                    leaf.setHidden(not keep)
                    any_series |= keep
                below.setHidden(not any_series)
                any_study |= any_series
            top.setHidden(not any_study)
            if low and any_study:
                top.setExpanded(True)


def _item(parent: QTreeWidgetItem, thing: object) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent)
    item.setData(0, ROLE, thing)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def _series_of(patients: "tuple[Patient, ...]") -> list[int]:
    """The series of patients, by identity: rows tell the one on the screen so."""
    return [id(series) for patient in patients for study in patient.studies for series in study.series]


def _key(top: QTreeWidgetItem) -> tuple[str, str]:
    patient: Patient = top.data(0, ROLE)
    return patient.source, patient.patient_id


def _level_of(item: QTreeWidgetItem) -> int:
    level, above = 0, item.parent()
    while above is not None:
        level, above = level + 1, above.parent()
    return level


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    every = (item.child(place) for place in range(item.childCount()))
    return [child for child in every if child is not None]
