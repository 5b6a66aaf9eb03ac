"""On this image: every annotation, shape by shape, with its origin; select, hide, delete."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QListView, QStackedWidget, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from viewer.core.annotations import Annotation, Origin
from viewer.core.labels import LABEL_COLORS
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box
from viewer.project.edit_builders import remove_annotation
from viewer.ui.chips import NOTHING_SHOWN, EmptyState
from viewer.ui.findings import polygon_words
from viewer.ui.marks import draw_badge, draw_icon, draw_row, draw_swatch, draw_text, low
from viewer.ui.plain_text import DISPLAY, TIP, role_text

if TYPE_CHECKING:
    from viewer.ui.session import Session

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 28
EYE_PX = 34
ORIGIN_BADGES = {Origin.ACCEPTED: "from AI", Origin.CORRECTED: "from AI", Origin.IMPORTED: "imported"}


def shape_words(annotation: Annotation) -> str:
    """What kind of shape it is and how large, in pixels of the image."""
    shape = annotation.shape
    if isinstance(shape, Box):
        return f"box · {shape.width_px:.0f} × {shape.height_px:.0f} px"
    if isinstance(shape, MaskRuns):
        return f"mask · {shape.area_px:,} px".replace(",", "\u202f")
    return polygon_words(shape)


class AnnotationModel(QAbstractListModel):
    """The annotations of the shown image, in the order of their labels."""

    def __init__(self) -> None:
        super().__init__()
        self.annotations: list[Annotation] = []

    def set_annotations(self, annotations: list[Annotation]) -> None:
        """Show other annotations; a change inside them keeps the rows."""
        if [a.annotation_id for a in annotations] == [a.annotation_id for a in self.annotations]:
            self.annotations = annotations
            if annotations:
                self.dataChanged.emit(self.index(0), self.index(len(annotations) - 1))
            return
        self.beginResetModel()
        self.annotations = annotations
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.annotations)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        annotation = self.annotations[index.row()]
        if role in (DISPLAY, TIP):
            badge = ORIGIN_BADGES.get(annotation.origin)
            return role_text(role, f"{annotation.label}, {shape_words(annotation)}" + (f", {badge}" if badge else ""))
        return annotation if role == Qt.ItemDataRole.UserRole else None


class AnnotationDelegate(QStyledItemDelegate):
    """Swatch, label, shape, badge, eye."""

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        annotation: Annotation = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state, line=False)
        middle = rect.center().y()
        hidden = annotation.annotation_id in self._session.hidden_ids
        color, hatched = label_look(self._session, annotation.label)
        draw_swatch(icons, painter, QRect(rect.left() + 10, middle - 5, 12, 12), color, hatched=hatched)
        right = rect.right() - EYE_PX
        draw_icon(icons, painter, rect.right() - 26, middle, "eye-off" if hidden else "eye", low(state))
        badge = ORIGIN_BADGES.get(annotation.origin)
        if badge:
            right -= draw_badge(icons, painter, right, middle, badge, outlined=True) + 8
        name = QRect(rect.left() + 30, rect.top(), right - rect.left() - 30, rect.height())
        width = draw_text(
            icons, painter, name, annotation.label, px=13, weight=600, token=low(state) if hidden else "hi"
        )
        detail = name.adjusted(width + 8, 0, 0, 0)
        words = shape_words(annotation) + (" · hidden" if hidden else "")
        draw_text(icons, painter, detail, words, token=low(state))


def label_look(session: "Session", name: str) -> tuple[str, bool]:
    """A region label's colour and whether it is drawn hatched."""
    project = session.project
    for label in [] if project is None else project.labels:
        if label.scope == "region" and label.name == name:
            return label.color, label.position >= len(LABEL_COLORS)
    return "#8A939C", False


class AnnotationList(QListView):
    """The list itself: Delete removes, a click on the eye hides."""

    eye_clicked = Signal(str)
    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.position().x() > self.viewport().width() - EYE_PX:
            self.eye_clicked.emit(index.data(Qt.ItemDataRole.UserRole).annotation_id)
            return
        super().mousePressEvent(event)


class OnImagePanel(QWidget):
    """The list at the right of Annotate."""

    title = "On this image"
    area = "right"
    workspaces = ("annotate",)
    count_changed = Signal(str)

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session
        self._model = AnnotationModel()
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
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self.empty = EmptyState(session.icons, "label", NOTHING_SHOWN)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack)
        self.setMinimumHeight(4 * ROW_PX)
        session.image_shown.connect(lambda _: self.reload())
        session.image_gone.connect(self.reload)
        session.work_changed.connect(lambda _: self.reload())
        session.project_opened.connect(lambda _: self.reload())
        session.shape_selected.connect(self._mark)
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the annotations of the shown image again."""
        project, shown = self._session.project, self._session.shown
        annotations: list[Annotation] = []
        if project is not None and shown is not None and shown.image_id is not None:
            places = {label.name: label.position for label in project.labels if label.scope == "region"}
            annotations = sorted(
                project.work.annotations(shown.image_id), key=lambda a: (places.get(a.label, 99), a.annotation_id)
            )
        self._model.set_annotations(annotations)
        self.count_changed.emit(str(len(annotations)) if annotations else "")
        self.empty.set_sentence("Nothing is drawn on this image." if shown is not None else NOTHING_SHOWN)
        self.stack.setCurrentWidget(self.list if annotations else self.empty)

    def _mark(self, annotation_id: str) -> None:
        for place, annotation in enumerate(self._model.annotations):
            if annotation.annotation_id == annotation_id:
                self.list.setCurrentIndex(self._model.index(place))
                return
        self.list.clearSelection()
        self.list.setCurrentIndex(QModelIndex())

    def _on_chosen(self, index: Index) -> None:
        self._session.select_shape(index.data(Qt.ItemDataRole.UserRole).annotation_id)

    def _turn_eye(self, annotation_id: str) -> None:
        self._session.hidden_ids = self._session.hidden_ids ^ {annotation_id}
        self._session.refresh_overlays()
        self.list.viewport().update()

    def delete_current(self) -> None:
        """Remove the selected annotation; undo brings it back."""
        self._session.edits.wait()
        index = self.list.currentIndex()
        annotation = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        if isinstance(annotation, Annotation):
            self._session.do(remove_annotation(annotation))

    def event(self, event: QEvent) -> bool:
        # Delete belongs to the row while the list has the focus, not to the window's command.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return super().event(event)
        if self.list.hasFocus() and event.key() == Qt.Key.Key_Delete:
            event.accept()
            return True
        return super().event(event)
