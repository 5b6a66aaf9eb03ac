"""The list of cases: its rows, and a view that stays quick over thousands of them."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView

from viewer.core.shapes.annotations import CaseStatus
from viewer.ui.look.even_rows import CountedRows, EvenList
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand
    from viewer.project.records import CaseRow, ImageRecord
    from viewer.ui.flows.snapshots import Snapshots

Index = QModelIndex | QPersistentModelIndex
LISTED_FACT = "cases_listed"  # the list shows a case
# Status: word, icon, token. Word and icon tell it, colour only repeats them; in a narrow list the icon alone, and the
# word in the tool tip.
STATUS_LOOKS = {
    CaseStatus.TO_DO: ("To do", "more", "low"),
    CaseStatus.IN_PROGRESS: ("In progress", "brush", "acc"),
    CaseStatus.COMPLETE: ("Complete", "accept", "ok"),
    CaseStatus.NEEDS_REVIEW: ("Needs review", "eye", "warn"),
    CaseStatus.APPROVED: ("Approved", "trust", "ok"),
    CaseStatus.RETURNED: ("Returned", "undo", "err"),
}


class CaseModel(CountedRows):
    """The filtered cases; the rows are values, so 5,000 cost nothing until they are seen."""

    def __init__(
        self, snapshots: "Snapshots", answered: "Callable[[CaseRow], str]" = lambda _: "",
        spoken: "Callable[[CaseRow], str]" = lambda _: "",
    ) -> None:  # fmt: skip
        """answered: what the tool tip says of a model's answers. spoken: the same in a few words."""
        super().__init__()
        self._snapshots, self._answered, self._spoken = snapshots, answered, spoken
        self.rows: list[CaseRow] = []
        self._names_hidden = False
        self._places: dict[str, int] = {}

    def set_rows(self, rows: "list[CaseRow]") -> None:
        """Show other cases."""
        self.rows = rows
        self._places = {row.case_id: place for place, row in enumerate(rows)}
        self.lay_rows(len(rows))

    def replace(self, row: "CaseRow") -> None:
        """One case changed."""
        place = self._places.get(row.case_id)
        if place is not None:
            self.rows[place] = row
            index = self.index(place)
            self.dataChanged.emit(index, index)

    def set_names_hidden(self, *, hidden: bool) -> None:
        """Call cases by their place in the list, or by their patients and files."""
        self._names_hidden = hidden
        self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def tell_parts(self) -> None:
        """The cases are in other parts than before."""
        self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    @property
    def case_ids(self) -> list[str]:
        """In the order of the rows."""
        return list(self._places)

    def place(self, case_id: str | None) -> int | None:
        """The row of a case."""
        return self._places.get(case_id or "")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role in (DISPLAY, TIP):
            title = place_title(index.row()) if self._names_hidden else row.title
            words, part = f"{title}, {STATUS_LOOKS[row.status][0]}", self._snapshots.word(row.case_id)
            said = f"{words}: {row.comment}" if row.comment else words
            told = (said, self._snapshots.tip(row.case_id), self._answered(row))
            tip = "\n".join(filter(None, told))
            return role_text(role, ", ".join(filter(None, (words, part, self._spoken(row)))), tip)
        return row if role == Qt.ItemDataRole.UserRole else None


class CaseList(EvenList):
    """The list of cases."""

    menu_asked = Signal(QPoint)  # in global coordinates, about the rows that are chosen
    chosen_changed = Signal(list)  # case ids

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    @property
    def chosen(self) -> list[str]:
        """The cases of the rows that are chosen, in the order of the list."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.model().index(row, 0).data(Qt.ItemDataRole.UserRole).case_id for row in rows]

    def choose_alone(self, index: QModelIndex) -> None:
        """Choose one row and show it, whatever key is held: with Ctrl+Enter it would be added to what is chosen."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def paint_of(self, image_ids: Collection[str]) -> None:
        """Paint the rows again whose first image is one of these, as far as they are in sight."""
        port, model = self.viewport().rect(), self.model()
        first, last = self.indexAt(port.topLeft()), self.indexAt(port.bottomLeft())
        rows = model.rowCount()
        for place in range(max(0, first.row()), (last.row() if last.isValid() else rows - 1) + 1):
            index = model.index(place, 0)
            if index.data(Qt.ItemDataRole.UserRole).first_image_id in image_ids:
                self.update(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_in_view()

    def doItemsLayout(self) -> None:
        super().doItemsLayout()
        self._keep_in_view()

    def _keep_in_view(self) -> None:
        """Larger text makes higher rows, and a list that is filled before it has its height is scrolled by another."""
        index = self.currentIndex()
        if index.isValid() and self.selectionModel().isSelected(index):
            self.scrollTo(index)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.chosen_changed.emit(self.chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).isValid():  # beside them it would unmark the shown case
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is event.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        if not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)
        below = self.visualRect(index).bottomLeft() + QPoint(26, 0)
        self.menu_asked.emit(self.viewport().mapToGlobal(below) if by_key else event.globalPos())


def short_title(row: "CaseRow") -> str:
    """The patient's id where the case has one, else its file's name; the rest of its title stands below."""
    who, _, rest = row.title.partition(" · ")
    return who if row.patient_id or not rest else rest


def spoken_title(row: "CaseRow", *, names_hidden: bool) -> str:
    """A case within a sentence: patient and film, since one patient may have several."""
    return "This case" if names_hidden else row.title


def place_title(place: int) -> str:
    """What a case is called while names are hidden: ids and names of files may tell who it is."""
    return f"Case {place + 1}"


def case_detail(row: "CaseRow", record: "ImageRecord", *, names_hidden: bool = False) -> str:
    """The second line: what kind of image it is, as far as the file says, and how many."""
    rest = [part for part in row.title.split(" · ", 1) if part != short_title(row)]
    parts = [
        *([] if names_hidden else rest),
        record.modality,
        record.tags.get("ViewPosition", ""),
        f"{record.cols} × {record.rows}",
    ]
    if row.images > 1:
        parts.append(f"{row.images} images")
    return " · ".join(part for part in parts if part)


def case_label_colors(at_hand: "AtHand", row: "CaseRow") -> tuple[str, ...]:
    """The colours of the region labels a case holds, in catalogue order, at most six."""
    used = at_hand.cases.drawn.get(row.case_id, ())
    found = [label.color for label in at_hand.labels if label.scope == "region" and label.name in used]
    return tuple(found[:6])
