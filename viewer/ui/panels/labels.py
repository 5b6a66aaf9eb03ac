"""Labels: the catalogue with its digit keys, and the whole-image answers of the image that is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    Edit,
    ImageLabelChange,
    LabelChange,
)
from viewer.core.labels import LABEL_COLORS, Label, Verdict
from viewer.ui.flows.label_edits import labels_of, turn_image_label
from viewer.ui.look.chips import EmptyState, paint_chip, text_label
from viewer.ui.look.even_rows import EvenList
from viewer.ui.look.flow_layout import FlowArea, FlowLayout
from viewer.ui.look.on_screen import is_out_of_sight
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text
from viewer.ui.look.row_painting import (
    KeyButton,
    SectionTitle,
    draw_row,
    draw_swatch,
    draw_text,
    low,
    tool_button,
)
from viewer.ui.look.theme import Theme
from viewer.ui.panels.answer_chip import CHIP_PX, AnswerChip
from viewer.ui.panels.panel import follow_shown
from viewer.ui.panels.readers_said import ReadersSaid
from viewer.ui.panels.said_here import SaidOfImage
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 26
LEAST_ROWS, MOST_ROWS = 3, 10  # of region labels: more are scrolled to
ADD_ROW_PX = 6  # above and below the button that adds a label
LEAST_CHIP_ROWS, MOST_CHIP_ROWS = 2, 6  # of whole-image labels: more are scrolled to


class LabelModel(QAbstractListModel):
    """The region labels with the number of objects that carry each."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: list[Label] = []
        self.counts: dict[str, int] = {}

    def set_labels(self, labels: list[Label], counts: dict[str, int]) -> None:
        """Show other labels or counts."""
        if [label.name for label in labels] == [label.name for label in self.labels]:
            self.labels, self.counts = labels, counts
            self.dataChanged.emit(self.index(0), self.index(max(0, len(labels) - 1)))
            return
        self.beginResetModel()
        self.labels, self.counts = labels, counts
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        label = self.labels[index.row()]
        if role in (DISPLAY, TIP):
            return role_text(role, label.name, f"{label.name}: press {label.key} to draw it" if label.key else "")
        return label if role == Qt.ItemDataRole.UserRole else None


class LabelDelegate(QStyledItemDelegate):
    """Key chip, swatch, name, count."""

    def __init__(self, session: "Desk", model: LabelModel) -> None:
        super().__init__()
        self._session = session
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        label: Label = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state, line=False)
        middle = rect.center().y()
        if label.key:
            paint_chip(painter, rect.left() + 10, middle, label.key, icons.theme, icons.theme.color("mid"))
        swatch = QRect(rect.left() + 34, middle - 5, 12, 12)
        draw_swatch(icons, painter, swatch, label.color, hatched=label.position >= len(LABEL_COLORS))
        count = str(self._model.counts.get(label.name, 0))
        room = QRect(rect.right() - 70, rect.top(), 60, rect.height())
        width = draw_text(icons, painter, room, count, token=low(state), right=True)
        name = QRect(rect.left() + 54, rect.top(), rect.width() - 54 - width - 20, rect.height())
        draw_text(icons, painter, name, label.name, px=13, token="hi")


class LabelList(EvenList):
    """As high as its rows; in a low dock it scrolls, so that the whole-image labels below it are seen."""

    def __init__(self, theme: Callable[[], Theme]) -> None:
        super().__init__()
        self._theme, self.rows = theme, LEAST_ROWS

    def _rows_px(self, rows: int) -> int:
        return rows * self._theme().room(ROW_PX) + 4

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._rows_px(self.rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._rows_px(LEAST_ROWS))


class LabelsPanel(QWidget):
    """The catalogue at the right of Annotate."""

    title = "Labels"
    area = "right"
    workspaces = ("annotate",)
    title_commands = ("annotate.add_label", "annotate.edit_label")
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._model = LabelModel()
        self._counts = Latest(session, self._show_counts, self)
        self.answers: dict[str, AnswerChip] = {}
        self._sizes: list[tuple[str, QSize]] = []  # of the chips, as they were laid out
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.list = LabelList(lambda: session.theme)
        self.list.setModel(self._model)
        self.list.setItemDelegate(LabelDelegate(session, self._model))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Labels")
        # What is highlighted is what is armed, whichever button or key has brought the highlight there.
        for chosen in (self.list.clicked, self.list.activated, self.list.selectionModel().currentChanged):
            chosen.connect(lambda index, *_: self._arm(index))
        self.empty = EmptyState(session.icons, "label", "No labels yet. Add what you want to draw.")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack, 1)
        self.add = KeyButton(session.icons, "Add a label…", icon="plus", kind="quiet")
        self.add.clicked.connect(lambda: self._ask_new("region"))
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, ADD_ROW_PX - 2)
        row.addWidget(self.add)
        row.addStretch(1)
        layout.addLayout(row)
        self.add_answer = tool_button(session.icons, "plus", "Add a whole-image label")
        self.add_answer.clicked.connect(lambda: self._ask_new("image"))
        self.said = SaidOfImage(session)
        self._build_whole(layout)
        layout.addWidget(self.said)
        self.readers = ReadersSaid(session)
        layout.addWidget(self.readers)
        session.project_opened.connect(lambda _: self.reload())
        follow_shown(self, session, self._show_answers)
        session.work_changed.connect(self._on_work_changed)
        session.label_changed.connect(self._mark)
        session.theme_changed.connect(self._fit)
        self.reload()

    def _build_whole(self, layout: QVBoxLayout) -> None:
        """The answers of the whole image, a chip each, below their title."""
        self._whole_title = SectionTitle("Whole image", self.said.ask, self.add_answer)
        layout.addWidget(self._whole_title)
        self._flow = FlowLayout()
        self._flow.setContentsMargins(10, 8, 10, 10)
        self._chips = FlowArea(self._flow)
        layout.addWidget(self._chips)
        self.no_answers = text_label("No whole-image labels yet.", "caption")
        self.no_answers.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self.no_answers)

    @property
    def keeps_px(self) -> int:
        """How high it is at least: a row of whole-image labels is seen and clicked below the region labels."""
        above_px = self.list.minimumSizeHint().height() + self.add.height() + ADD_ROW_PX + self._whole_title.height()
        return above_px + self._flow.rows_px(1, self._session.theme.room(CHIP_PX))

    def least_px_at(self, width_px: int) -> int:
        """The height below which it scrolls at a width, for which the chips may wrap otherwise than now."""
        least_px = self.minimumSizeHint().height()
        if self._chips.isHidden():
            return least_px
        return least_px - self._chips.minimumSizeHint().height() + self._chips.least_px_at(width_px)

    @property
    def counts(self) -> dict[str, int]:
        """Objects by region label, as shown."""
        return dict(self._model.counts)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the catalogue and the counts again."""
        project, at_hand = self._session.project, self._session.at_hand
        may_add = project is not None and not project.read_only
        self.add.setEnabled(may_add)
        self.add_answer.setEnabled(may_add)
        labels = labels_of(at_hand, "region")
        self._model.set_labels(labels, self._model.counts if project is not None else {})
        self._counts.ask(_region_counts)
        self.list.rows = min(MOST_ROWS, max(LEAST_ROWS, len(labels)))
        self._fit()
        self.stack.setCurrentWidget(self.list if labels else self.empty)
        self._build_answers(labels_of(at_hand, "image"))
        self.count_changed.emit(str(len(labels)) if labels else "")
        self._mark(self._session.label)

    def _fit(self, *_: object) -> None:
        """Room for the rows at this size of text; chips of another size wrap elsewhere."""
        self.list.updateGeometry()
        self._flow.invalidate()
        row_px = self._session.theme.room(CHIP_PX)
        self._chips.least_px = self._flow.rows_px(LEAST_CHIP_ROWS, row_px)
        self._chips.most_px = self._flow.rows_px(MOST_CHIP_ROWS, row_px)
        self.no_answers.setMinimumHeight(self._chips.least_px)
        self._chips.fit()

    def _build_answers(self, labels: list[Label]) -> None:
        if [chip.label for chip in self.answers.values()] != labels:
            while self._flow.count():
                item = self._flow.takeAt(0)
                widget = None if item is None else item.widget()
                if widget is not None:
                    widget.deleteLater()
            self.answers = {}
            for label in labels:
                chip = AnswerChip(self._session, label)
                chip.clicked.connect(lambda _=False, name=label.name: self._turn(name))
                chip.unsure.connect(lambda name=label.name: self._turn(name, uncertain=True))
                chip.edit_asked.connect(lambda name=label.name: self._ask_edit(name))
                self.answers[label.name] = chip
                self._flow.addWidget(chip)
        self.no_answers.setVisible(not labels)  # in the place of the chips, as high as them
        self._chips.setVisible(bool(labels))
        self._show_answers()

    def _turn(self, name: str, *, uncertain: bool = False) -> None:
        self._session.edits.wait()
        shown = self._session.shown
        if shown is not None and shown.image_id is not None:
            edit = turn_image_label(self._session.at_hand, shown.image_id, name, uncertain=uncertain)
            self._session.edit_words.keep_answer(edit)

    def _show_answers(self) -> None:
        shown = self._session.shown
        said: dict[str, Verdict] = {}
        if shown is not None and shown.image_id is not None:
            said = self._session.at_hand.work.image_labels(shown.image_id)
        for name, chip in self.answers.items():
            chip.setEnabled(shown is not None)
            if chip.verdict is not said.get(name):
                chip.set_verdict(said.get(name))
            else:
                chip.tell()
        sizes = [(name, chip.sizeHint()) for name, chip in self.answers.items()]
        if sizes != self._sizes:  # else they wrap as they did, and the window need not be laid out again
            self._sizes = sizes
            self._flow.invalidate()
            self._chips.fit()
        self.said.reload()

    def _arm(self, index: QModelIndex) -> None:
        """Draw with the label of a row; its row is highlighted also where the click has taken that away."""
        label = index.data(Qt.ItemDataRole.UserRole)
        if label is None:
            return  # the list is being filled anew
        if label.name != self._session.label:
            self._session.set_label(label.name)
        else:
            self._mark(label.name)

    def _mark(self, name: str) -> None:
        for place, label in enumerate(self._model.labels):
            if label.name == name:
                self.list.setCurrentIndex(self._model.index(place))
                return
        self.list.clearSelection()

    def _on_work_changed(self, edit: Edit) -> None:
        if is_out_of_sight(self):
            return  # it is read when it is shown
        if edit.has(LabelChange, AttributeChange):
            self.reload()
        elif edit.has(ImageLabelChange, AnswerChange):
            self._show_answers()
        elif edit.has(AnnotationChange):
            self._counts.ask(_region_counts)

    def _show_counts(self, counts: dict[str, int]) -> None:
        self._model.set_labels(self._model.labels, counts)

    def _ask_edit(self, name: str) -> None:
        from viewer.ui.dialogs.labels import LabelDialog

        project = self._session.project
        label = next((one for one in labels_of(self._session.at_hand, "image") if one.name == name), None)
        if project is not None and label is not None and not project.read_only:
            LabelDialog(self._session, scope="image", label=label, parent=self).exec()

    def _ask_new(self, scope: str) -> None:
        from viewer.ui.dialogs.labels import LabelDialog

        LabelDialog(self._session, scope=scope, parent=self.window()).exec()


def _region_counts(project: "Project") -> dict[str, int]:
    """How often each region label was drawn. The database library is loaded here, not before the first paint."""
    from viewer.project.counts import label_counts

    return label_counts(project, "region")
