"""On this image: every annotation, shape by shape, with its origin; select, hide, relabel, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.labels import LABEL_COLORS
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Annotation, Origin
from viewer.project.edit_builders import remove_annotation
from viewer.ui.commands.context_menu import MenuRow, shape_menu
from viewer.ui.gestures.changing import in_one_step
from viewer.ui.look.chips import NOTHING_SHOWN, ElidedLabel, EmptyState, KeyChip, separator
from viewer.ui.look.even_rows import CountedRows, EvenList
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, set_text
from viewer.ui.look.row_painting import draw_badge, draw_icon, draw_row, draw_swatch, draw_text, low
from viewer.ui.panels.case_buttons import CaseButtons
from viewer.ui.panels.panel import follow_shown
from viewer.ui.panels.said_here import SaidOfObject

if TYPE_CHECKING:
    from viewer.project.at_hand.objects import ObjectAtHand
    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 28
LEAST_ROWS = 2  # in the lowest dock
EYE_PX = 34
ORIGIN_BADGES = {Origin.ACCEPTED: "from AI", Origin.CORRECTED: "from AI", Origin.IMPORTED: "imported"}


def row_name(annotation: Annotation, annotations: Sequence[Annotation]) -> str:
    """Its label; numbered in the order of drawing where several objects of one image carry it."""
    same = [one.annotation_id for one in annotations if one.label == annotation.label]
    return annotation.label if len(same) < 2 else f"{annotation.label} {same.index(annotation.annotation_id) + 1}"


class AnnotationModel(CountedRows):
    """The annotations of the shown image, in the order of their labels. painted: what the next stroke goes to.

    objects: by the ids of annotations, the object that each is of; none where the image is no slice of a series. said:
    by the same, what is said of its object.
    """

    def __init__(self) -> None:
        super().__init__()
        self.annotations: list[Annotation] = []
        self.objects: dict[str, ObjectAtHand] = {}
        self.said: dict[str, str] = {}
        self.painted = ""
        self._names: dict[str, str] = {}
        self._words: dict[str, str] = {}

    def name(self, annotation: Annotation) -> str:
        """Its label; numbered where several objects carry it, of a series over all its slices, else on the image."""
        key = annotation.annotation_id
        if key not in self._names:
            found = self.objects.get(key)
            self._names[key] = row_name(annotation, self.annotations) if found is None else found.name
        return self._names[key]

    def words(self, annotation: Annotation) -> str:
        """Its shape, and of its object on how many slices it lies and what is said of it."""
        key = annotation.annotation_id
        if key not in self._words:
            found = self.objects.get(key)
            slices, said = "" if found is None else found.slices, self.said.get(key, "")
            self._words[key] = " · ".join(part for part in (slices, annotation.shape.words(), said) if part)
        return self._words[key]

    def set_annotations(self, annotations: list[Annotation]) -> None:
        """Show other annotations; a change inside them keeps the rows."""
        self._names, self._words = {}, {}
        if [a.annotation_id for a in annotations] == [a.annotation_id for a in self.annotations]:
            self.annotations = annotations
            if annotations:
                self.dataChanged.emit(self.index(0), self.index(len(annotations) - 1))
            return
        self.annotations = annotations
        self.lay_rows(len(annotations))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        annotation = self.annotations[index.row()]
        if role in (DISPLAY, TIP):
            badge = ORIGIN_BADGES.get(annotation.origin, "")
            painted = "the next stroke goes here" if annotation.annotation_id == self.painted else ""
            parts = (self.name(annotation), self.words(annotation), badge, painted)
            return role_text(role, ", ".join(part for part in parts if part))
        return annotation if role == Qt.ItemDataRole.UserRole else None


class AnnotationDelegate(QStyledItemDelegate):
    """Swatch, label, shape, badge, eye."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        annotation: Annotation = index.data(Qt.ItemDataRole.UserRole)
        model = index.model()
        assert isinstance(model, AnnotationModel)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state, line=False)
        middle = rect.center().y()
        hidden = annotation.annotation_id in self._session.hidden_ids
        color, hatched = label_look(self._session, annotation.label)
        draw_swatch(icons, painter, QRect(rect.left() + 10, middle - 5, 12, 12), color, hatched=hatched)
        right = rect.right() - EYE_PX
        draw_icon(icons, painter, rect.right() - 26, middle, "eye-off" if hidden else "eye", low(state))
        if annotation.annotation_id == model.painted:
            right -= 16
            draw_icon(icons, painter, right, middle, "brush", "acctx")
            right -= 8
        badge = ORIGIN_BADGES.get(annotation.origin)
        if badge:
            right -= draw_badge(icons, painter, right, middle, badge, outlined=True) + 8
        name = QRect(rect.left() + 30, rect.top(), right - rect.left() - 30, rect.height())
        width = draw_text(
            icons,
            painter,
            name,
            model.name(annotation),
            px=13,
            weight=600,
            token=low(state) if hidden else "hi",
        )
        detail = name.adjusted(width + 8, 0, 0, 0)
        words = model.words(annotation) + (" · hidden" if hidden else "")
        draw_text(icons, painter, detail, words, token=low(state))


def label_look(session: "Desk", name: str) -> tuple[str, bool]:
    """A region label's colour and whether it is drawn hatched."""
    for label in session.labels:
        if label.scope == "region" and label.name == name:
            return label.color, label.position >= len(LABEL_COLORS)
    return "#8A939C", False


def _removes(event: QKeyEvent) -> bool:
    """Delete alone: with Shift it is the window's, and removes the whole object."""
    return event.key() == Qt.Key.Key_Delete and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier


class AnnotationList(EvenList):
    """The list itself: Delete removes, a click on the eye hides, a right click changes the label."""

    eye_clicked = Signal(str)
    delete_pressed = Signal()
    menu_asked = Signal(QPoint)  # global

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _removes(event):
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.position().x() > self.viewport().width() - EYE_PX:
            self.eye_clicked.emit(index.data(Qt.ItemDataRole.UserRole).annotation_id)
            return
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            below = self.visualRect(index).bottomLeft() + QPoint(30, 0)
            self.menu_asked.emit(self.viewport().mapToGlobal(below) if by_key else event.globalPos())


class OnImagePanel(QWidget):
    """The list at the right of Annotate."""

    title = "On this image"
    area = "right"
    workspaces = ("annotate",)
    keeps_whole = True  # the buttons of the case are reached without scrolling, however low the dock is
    count_changed = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._model = AnnotationModel()
        self._new_object = session.new_object
        self._marking = False  # rows are selected to follow the view
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.list = AnnotationList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(AnnotationDelegate(session))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Annotations on this image")
        self.list.eye_clicked.connect(self._turn_eye)
        self.list.delete_pressed.connect(self.delete_current)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.selectionModel().selectionChanged.connect(self._on_chosen)
        self.list.menu_asked.connect(self.menu_asked)
        self.empty = EmptyState(session.icons, "label", NOTHING_SHOWN)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        self.said = SaidOfObject(session)
        self._body = self._build_body()
        layout.addWidget(self._body, 1)
        layout.addWidget(self._build_next())
        self.case_buttons = CaseButtons(session)
        self.case_buttons.hide()
        layout.addWidget(self.case_buttons)
        self.said.resized.connect(self._fit)
        session.theme_changed.connect(self._fit)
        follow_shown(self, session, self.reload, session.work_changed, session.project_opened)
        session.shape_selected.connect(lambda _: self._mark())
        self._new_object.changed.connect(self._show_next)
        self.reload()

    def _build_body(self) -> QWidget:
        """The list, and what is asked of what is selected: it scrolls in a low dock, and what stands below it stays."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.said)
        body = QScrollArea()
        body.setWidgetResizable(True)
        body.setFrameShape(QFrame.Shape.NoFrame)
        body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body.setWidget(inner)
        return body

    def _build_next(self) -> QWidget:
        """What the next stroke goes to, with the key that begins another object."""
        self.next = QWidget()
        column = QVBoxLayout(self.next)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(6)
        self.next_words = ElidedLabel("caption")
        row.addWidget(self.next_words, 1)
        row.addWidget(KeyChip("N", self._session.icons))
        column.addLayout(row)
        return self.next

    def stand_alone(self, *, alone: bool) -> None:
        """Whether the history, which has the buttons of the case, is out of sight: then they stand here."""
        self.case_buttons.setVisible(alone)

    @property
    def wanted_px(self) -> int:
        """The height that shows every row without scrolling."""
        row_px = self._session.theme.room(ROW_PX)
        return max(1, len(self._model.annotations)) * row_px + self._asked_px + self.next.sizeHint().height() + 4

    @property
    def least_px(self) -> int:
        """The height that it can do with."""
        return 4 * self._session.theme.room(ROW_PX) + self._asked_px

    @property
    def _asked_px(self) -> int:
        """What the fields of the selected object take."""
        return 0 if self.said.isHidden() else self.said.sizeHint().height()

    def _fit(self, *_: object) -> None:
        """The list keeps two rows beside the fields, and where the dock is low."""
        rows_px = LEAST_ROWS * self._session.theme.room(ROW_PX)
        self.list.setMinimumHeight(rows_px)  # its own would be a little more
        self._body.setMinimumHeight(rows_px)

    @property
    def row_commands(self) -> list[MenuRow]:
        """The context menu of the rows that are selected."""
        return shape_menu(self._session)

    def _show_next(self) -> None:
        words = self._new_object.words
        set_text(self.next_words, words)
        self.next.setVisible(bool(words))
        target = self._new_object.target() if words else None
        painted = "" if target is None else target.annotation_id
        if painted != self._model.painted:
            self._model.painted = painted
            self.list.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the annotations of the shown image again."""
        at_hand, shown = self._session.at_hand, self._session.shown
        annotations: list[Annotation] = []
        if shown is not None and shown.image_id is not None:
            places = {label.name: label.position for label in at_hand.labels if label.scope == "region"}
            # Objects of one label stay in the order of drawing, by which they are numbered.
            annotations = sorted(at_hand.work.annotations(shown.image_id), key=lambda a: places.get(a.label, 99))
        self._marking = True
        try:
            found = self._session.objects.of_shapes(annotations)
            self._model.said = {annotation_id: one.said for annotation_id, one in found.items() if one.said}
            self._model.objects = found if self._new_object.in_series else {}
            self._model.set_annotations(annotations)
        finally:
            self._marking = False
        self._mark()
        self._show_next()
        self.count_changed.emit(str(len(annotations)) if annotations else "")
        self.empty.set_sentence("Nothing is drawn on this image." if shown is not None else NOTHING_SHOWN)
        self.stack.setCurrentWidget(self.list if annotations else self.empty)

    def _mark(self) -> None:
        """Select the rows of what is selected in the view."""
        cell = self._session.active_cell
        settings = cell.view.overlay_settings if cell is not None else OverlaySettings()
        chosen = {settings.selected_id, *settings.also_selected}
        selection, current = QItemSelection(), QModelIndex()
        for place, annotation in enumerate(self._model.annotations):
            index = self._model.index(place)
            if annotation.annotation_id in chosen:
                selection.select(index, index)
            if annotation.annotation_id == settings.selected_id:
                current = index
        self._marking = True
        try:
            rows = self.list.selectionModel()
            rows.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            rows.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        finally:
            self._marking = False
        self.said.reload(self._model.annotations)

    def _chosen(self) -> list[Annotation]:
        """The selected rows, the current one last."""
        current = self.list.currentIndex()
        rows = sorted(self.list.selectionModel().selectedRows(), key=lambda index: (index == current, index.row()))
        return [index.data(Qt.ItemDataRole.UserRole) for index in rows]

    def _on_chosen(self, *_: object) -> None:
        cell = self._session.active_cell
        if not self._marking and cell is not None:
            cell.view.select_several([annotation.annotation_id for annotation in self._chosen()])

    def _turn_eye(self, annotation_id: str) -> None:
        self._session.hidden_ids = self._session.hidden_ids ^ {annotation_id}
        self._session.refresh_overlays()
        self.list.viewport().update()

    def delete_current(self) -> None:
        """Remove what is selected, in one step; undo brings it back."""
        self._session.edits.wait()
        chosen = self._chosen()
        edit = in_one_step([remove_annotation(one) for one in chosen], f"remove {len(chosen)} objects")
        if edit is not None:
            self._session.do(edit)

    def event(self, event: QEvent) -> bool:
        # Delete belongs to the row while the list has the focus, not to the window's command.
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self.list.hasFocus() and _removes(event):
            event.accept()
            return True
        return super().event(event)
