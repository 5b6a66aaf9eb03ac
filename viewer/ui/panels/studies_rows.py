"""Rows of the list of studies: patient, study, and series with its thumbnail; how they are painted and chosen."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from viewer.reading.grouping.slice_notes import series_note
from viewer.reading.series import set_apart
from viewer.ui.flows.closing import shares_images
from viewer.ui.look.cut_apart import cut_apart
from viewer.ui.look.plain_text import draw_words, elide, show_tip, words_width
from viewer.ui.panels.panel import TAKES_DELETE
from viewer.ui.views.cell import series_mime
from viewer.ui.views.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.reading.scan import Patient, Study
    from viewer.reading.series import Series
    from viewer.ui.flows.desk import Desk

ROLE = Qt.ItemDataRole.UserRole
SERIES_PX, ROW_PX, PICTURE_PX, RING_PX = 74, 28, 62, 2


class StudiesTree(QTreeWidget):
    """Rows are painted whole, so Qt's own branches and indents are off."""

    chosen = Signal(object)  # Series
    close_asked = Signal()  # Delete on a study's or a patient's row
    menu_asked = Signal(QPoint)  # in global coordinates, about the current row
    resized = Signal()

    def __init__(self, session: "Desk", thumbnails: Thumbnails) -> None:
        super().__init__()
        self._session = session
        self._menu_is_open = False
        self._on_screen: tuple[Series | None, dict[int, bool]] = (None, {})
        self.doubts: dict[str, tuple[str, ...]] = {}  # by series: what its images said when they were read
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setMouseTracking(True)
        self.setUniformRowHeights(False)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Delegate(session, self, thumbnails))
        self.setAccessibleName("Studies")
        self.setProperty(TAKES_DELETE, True)
        self.itemDoubleClicked.connect(self._on_double_clicked)
        self.itemClicked.connect(self._on_clicked)

    @property
    def is_at_hand(self) -> bool:
        """Whether a key goes to the list, or its menu is open."""
        return self.hasFocus() or self._menu_is_open

    def is_on_screen(self, thing: "Series") -> bool:
        """Whether the active view shows this series, also as a case's own series of the same images."""
        cell = self._session.active_cell
        series = None if cell is None else cell.series
        if series is None:
            return False
        if self._on_screen[0] is not series:
            self._on_screen = series, {}
        known = self._on_screen[1]  # of one series on the screen: every row that is painted asks
        if id(thing) not in known:
            known[id(thing)] = shares_images(thing, series)
        return known[id(thing)]

    def clear(self) -> None:
        super().clear()
        self._on_screen = None, {}

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._menu_is_open = False
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._menu_is_open = event.reason() is Qt.FocusReason.PopupFocusReason
        super().focusOutEvent(event)

    def note(self, series_id: str, doubts: tuple[str, ...]) -> bool:
        """What an image of a series says of itself stands in the series' row. Returns whether that is new."""
        known = self.doubts.get(series_id, ())
        if set(doubts) <= set(known):
            return False
        self.doubts[series_id] = tuple(dict.fromkeys((*known, *doubts)))
        return True

    def mimeData(self, items: "list[QTreeWidgetItem]") -> QMimeData:  # type: ignore[override]
        series = items[0].data(0, ROLE) if items else None
        return QMimeData() if series is None else series_mime(str(getattr(series, "series_id", "")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._open(item)
        elif event.key() == Qt.Key.Key_Delete:
            if item is not None and item.childCount():  # of a series alone there is nothing to close
                self.close_asked.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.currentItem() if event.reason() is event.Reason.Keyboard else self.itemAt(event.pos())
        if item is None:
            return
        self.setCurrentItem(item)
        below = self.visualItemRect(item).bottomLeft() + QPoint(26, 0)
        self.menu_asked.emit(
            self.viewport().mapToGlobal(below) if event.reason() is event.Reason.Keyboard else event.globalPos()
        )

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())

    def _on_double_clicked(self, item: QTreeWidgetItem) -> None:
        if not item.childCount():
            self._open(item)

    def _open(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())
        else:
            self.chosen.emit(item.data(0, ROLE))


class _Delegate(QStyledItemDelegate):
    """Patient and study rows of 28 px, series rows with a thumbnail and three lines.

    Lit is what is on the screen, and that alone; the row that keys and menus are about has a ring while they are.
    """

    def __init__(self, session: "Desk", tree: StudiesTree, thumbnails: Thumbnails) -> None:
        super().__init__(tree)
        self._session, self._tree, self._thumbnails = session, tree, thumbnails
        self._titled: tuple[Study | None, int, bool, list[str]] = (None, 0, False, [])

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(200, self._session.theme.room(SERIES_PX if _level(index) == 2 else ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        theme = self._session.theme
        rect = QRect(option.rect)
        state = option.state
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        item = self._tree.itemFromIndex(index)
        thing = index.data(ROLE)
        shown = _level(index) == 2 and self._tree.is_on_screen(thing)
        if shown:
            painter.fillRect(rect, theme.color("accbg"))
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), theme.color("acc"))
        elif over:
            painter.fillRect(rect, theme.color("raise"))
        level = _level(index)
        if level == 2:
            study: Study = index.parent().data(ROLE)
            self._paint_series(
                painter,
                rect,
                thing,
                set_apart(thing, study.series, names_hidden=self._session.names_hidden),
                self._titles(study),
                lit=shown,
            )
        else:
            self._paint_head(painter, rect, thing, item, level, lit=shown)
        if index == self._tree.currentIndex() and self._tree.is_at_hand:
            painter.setPen(QPen(theme.color("acc"), RING_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(RING_PX / 2, RING_PX / 2, -RING_PX / 2, -RING_PX / 2))
        painter.restore()

    def whole(self, index: QModelIndex) -> str:
        """All that a row says, of which its width may show a part."""
        level, thing, hidden = _level(index), index.data(ROLE), self._session.names_hidden
        if level < 2:
            return " · ".join(part for part in head_texts(thing, level, names_hidden=hidden) if part)
        told = series_note(thing, self._tree.doubts.get(thing.series_id, ()))
        study: Study = index.parent().data(ROLE)
        texts = series_texts(thing, set_apart(thing, study.series, names_hidden=hidden), names_hidden=hidden)
        return "\n".join(part for part in (*texts, told) if part)

    def helpEvent(  # type: ignore[override]
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: QModelIndex
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        show_tip(event.globalPos(), self.whole(index), view)
        return True

    def _paint_head(
        self, painter: QPainter, rect: QRect, thing: Any, item: QTreeWidgetItem, level: int, *, lit: bool
    ) -> None:
        theme, icons = self._session.theme, self._session.icons
        x, middle = rect.left() + 10 + 18 * level, rect.center().y() + 1
        painter.save()
        painter.translate(x + 6, middle)
        painter.rotate(90 if item.isExpanded() else 0)
        painter.drawPixmap(-6, -6, icons.pixmap("chevron", "low", 12, 2.0))
        painter.restore()
        x += 18
        if level == 0:
            painter.drawPixmap(x, middle - 8, icons.pixmap("patient", "mid", 16, 2.0))
            x += 24
        bold, second, right = head_texts(thing, level, names_hidden=self._session.names_hidden)
        end = rect.right() - 10
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("mid" if lit else "low"))
        draw_words(painter, QRectF(x, rect.top(), end - x, rect.height()), _RIGHT, right)
        end -= painter.fontMetrics().horizontalAdvance(right) + 10
        # A date or a name is read whole; before it is cut, what stands before it is, then it is left out.
        fewer = (one for one in (bold, *FEWER_WORDS.get(bold, ())) if _wide(theme.font(12, 600), one) <= end - x)
        bold = next(fewer, bold)
        wide = words_width(QFontMetrics(theme.font(12)), second) + 8 if second else 0
        least = words_width(QFontMetrics(theme.font(12, 600)), bold[:4]) + 12
        if wide > end - x - least:
            second, wide = "", 0
        x += _draw(painter, theme.font(12, 600), theme.color("hi"), x, rect, end - wide, bold, _MIDDLE) + 8
        _draw(painter, theme.font(12), theme.color("mid" if lit else "low"), x, rect, end, second)

    def _titles(self, study: "Study") -> "Sequence[str]":
        """Of all rows of a study, by which one that is cut is told from the others."""
        hidden, count = self._session.names_hidden, len(study.series)
        known, known_count, was_hidden, titles = self._titled
        if known is not study or (known_count, was_hidden) != (count, hidden):  # held, so that none takes its place
            titles = [series_texts(one, names_hidden=hidden)[0] for one in study.series]
            self._titled = study, count, hidden, titles
        return titles

    def _paint_series(
        self, painter: QPainter, rect: QRect, series: "Series", apart: str, titles: "Sequence[str]", *, lit: bool
    ) -> None:
        theme = self._session.theme
        left = rect.left() + 26
        box = QRect(left, rect.top() + 6, PICTURE_PX, PICTURE_PX)
        painter.fillRect(box, Qt.GlobalColor.black)
        picture: QPixmap | None = self._thumbnails.get(series)
        if picture is not None:
            size = picture.deviceIndependentSize().toSize()
            painter.drawPixmap(
                box.x() + (box.width() - size.width()) // 2, box.y() + (box.height() - size.height()) // 2, picture
            )
        x, end = box.right() + 9, rect.right() - 8
        title, facts, count = series_texts(series, apart, names_hidden=self._session.names_hidden)
        step = theme.room(19)
        line = QRect(x, rect.top() + 8, end - x, step)
        metrics = QFontMetrics(theme.font(13, 500))
        name = cut_apart(metrics, title, titles, max(0, end - x))
        _draw(painter, theme.font(13, 500), theme.color("hi"), x, line, end, name)
        line.translate(0, step)
        _draw(painter, theme.font(12), theme.color("mid" if lit else "low"), x, line, end, facts)
        line.translate(0, step - 1)
        told = series_note(series, self._tree.doubts.get(series.series_id, ()))
        if series.warnings or told:
            painter.drawPixmap(x, line.center().y() - 7, self._session.icons.pixmap("warning", "warn", 14, 2.0))
            words = " · ".join(part for part in (count, told) if part)
            _draw(painter, theme.font(12), theme.color("warn"), x + 19, line, end, words)
        else:
            _draw(painter, theme.font(12), theme.color("mid" if lit else "low"), x, line, end, count)


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle  # ids and names of files differ in their ends; whole they stand in the tool tip


def _draw(
    painter: QPainter, font: QFont, color: QColor, x: float, rect: QRect, end: float, text: str,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:  # fmt: skip
    painter.setFont(font)
    painter.setPen(color)
    shown = elide(painter.fontMetrics(), text, cut, max(0, int(end - x)))
    draw_words(painter, QRectF(x, rect.top(), max(0.0, end - x), rect.height()), _LEFT, shown)
    return painter.fontMetrics().horizontalAdvance(shown)


NO_ID, NO_NAME = "No patient id in the files", "Name hidden"
FEWER_WORDS = {NO_ID: ("No patient id", "No id"), NO_NAME: ("Hidden",)}  # our own words are shortened, not cut


def _wide(font: QFont, words: str) -> int:
    return words_width(QFontMetrics(font), words)


def _level(index: QModelIndex) -> int:
    level = 0
    while index.parent().isValid():
        index, level = index.parent(), level + 1
    return level


def head_texts(thing: "Patient | Study", level: int, *, names_hidden: bool) -> tuple[str, str, str]:
    """(bold, second, right) of a patient's or a study's row."""
    if level == 0:
        patient: Patient = thing  # type: ignore[assignment]
        count = len(patient.studies)
        name = patient.patient_id or patient.patient_name or NO_ID
        second = patient.patient_name if patient.patient_id else ""
        if names_hidden:
            name, second = NO_NAME, ""
        return name, second.replace("^", " ").strip(), f"{count} stud{'ies' if count != 1 else 'y'}"
    study: Study = thing  # type: ignore[assignment]
    modalities = " ".join(dict.fromkeys(series.modality for series in study.series if series.modality))
    return (
        study.described(names_hidden=names_hidden) or modalities or "Study",
        date_text(study.study_date),
        f"{len(study.series)} series",
    )


def date_text(text: str) -> str:
    """20260312 as 2026-03-12; anything else as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text


def series_texts(series: "Series", apart: str = "", *, names_hidden: bool) -> tuple[str, str, str]:
    """(title, facts, count) of a series' row. apart: what tells it from those of the same title."""
    title = series.described(names_hidden=names_hidden) or (
        f"Series {series.number}" if series.number else series.modality or "Image"
    )
    # What sets a part apart comes first: the row is cut at its end.
    apart = "" if apart == title else apart
    facts = [text for text in (series.part_shown(names_hidden=names_hidden), apart, series.modality) if text]
    facts.append(f"{series.cols} × {series.rows}")
    if series.slice_spacing_mm is not None:
        facts.append(f"{series.slice_spacing_mm:.2f} mm")
    count = len(series.frames)
    words = f"{count} image{'s' if count != 1 else ''}" + (" · volume" if series.is_volume else "")
    return title, " · ".join(facts), words
