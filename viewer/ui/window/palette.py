"""The palette: commands, series and labels by typing a few letters."""

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.text.counting import counted
from viewer.reading.series import set_apart
from viewer.ui.commands.book import CommandBook
from viewer.ui.commands.help_page import SPACE_NAMES
from viewer.ui.commands.relabel_ids import CHANGE_TO
from viewer.ui.flows.relabelling import SELECTED_FACT, choose_label, relabel_selected
from viewer.ui.look.chips import chip_width, key_text, paint_chip, text_label
from viewer.ui.look.plain_text import DISPLAY, draw_words, elide, role_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.situation import Situation

ROWS_SHOWN, ROW_PX = 14, 28
NOTHING_FOUND = "Nothing is called that. Commands, open series and labels are searched."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """One line. where: the menu, or what kind of thing it is."""

    text: str
    where: str
    icon: str
    key: str
    run: "Callable[[], object]"
    why_not: str = ""  # why it may not run, and what to do
    words: str = ""
    elsewhere: bool = False  # it belongs to another work space, and running it goes there

    @property
    def enabled(self) -> bool:
        """Whether it may run."""
        return not self.why_not


def score(text: str, typed: str) -> float:
    """How well a line fits what was typed: 0 is not at all. Words that begin with it count most, then parts, then
    its letters in order, close together."""
    if not typed:
        return 1.0
    low, typed = text.lower(), typed.lower()
    if low.startswith(typed):
        return 100.0 - len(low) / 100
    words = low.split()
    parts = typed.split()
    if all(any(word.startswith(part) for word in words) for part in parts):
        return 80.0 - len(low) / 100
    if typed in low:
        return 60.0 - len(low) / 100
    letters = typed.replace(" ", "")
    first = place = -1
    for letter in letters:
        place = low.find(letter, place + 1)
        if place < 0:
            return 0.0
        first = place if first < 0 else first
    # Strewn over a long line, letters mean nothing: "coronal" is in "Scores along the series panel".
    return 20.0 - len(low) / 100 if place - first < 2 * len(letters) else 0.0


def entry_score(entry: Entry, typed: str) -> float:
    """`score` of what it is called; of what people call it too where every part begins one of those words."""
    other = entry.words.lower().split()
    parts = typed.lower().split()
    called = bool(parts and other) and all(
        any(word.startswith(part) for word in (*other, *entry.text.lower().split())) for part in parts
    )
    return max(score(entry.text, typed), 70.0 if called else 0.0)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def fill(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self.entries)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # type: ignore[override]
        entry = self.entries[index.row()]
        return role_text(role, entry.text) if role == DISPLAY else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, session: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(200, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        theme, rect = self._session.theme, QRect(option.rect)
        entry: Entry = index.model().entries[index.row()]  # type: ignore[attr-defined]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, theme.color("accbg"))
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), theme.color("acc"))
        if not entry.enabled:
            painter.setOpacity(0.45)
        middle = rect.center().y() + 1
        if entry.icon:
            painter.drawPixmap(rect.left() + 12, middle - 8, self._session.icons.pixmap(entry.icon, "mid", 16, 2.0))
        right = rect.right() - 12.0
        if entry.key:
            right -= chip_width(entry.key, theme)
            paint_chip(painter, right, middle, entry.key, theme, theme.color("mid" if chosen else "low"))
            right -= 10
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("acctx" if chosen else "hi"))
        x = rect.left() + 38
        text = elide(painter.fontMetrics(), entry.text, Qt.TextElideMode.ElideRight, int(right - x))
        draw_words(painter, QRectF(x, rect.top(), right - x, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)
        x += painter.fontMetrics().horizontalAdvance(text) + 10
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("mid" if chosen else "low"))
        beside = entry.why_not or entry.where
        where = elide(painter.fontMetrics(), beside, Qt.TextElideMode.ElideRight, max(0, int(right - x)))
        draw_words(painter, QRectF(x, rect.top(), right - x, rect.height()), Qt.AlignmentFlag.AlignVCenter, where)
        painter.restore()


class Palette(QFrame):
    """Lies over the window under the command box; arrows and Enter choose, Escape or a click elsewhere leaves."""

    def __init__(self, session: "Desk", book: CommandBook, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("surface", "palette")
        self._session, self._book = session, book
        self.field = QLineEdit()
        self.field.setPlaceholderText("Commands, studies, labels")
        self.list = QListView()
        self.list.setUniformItemSizes(True)
        self._model = _Model()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(session, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.nothing = text_label(NOTHING_FOUND, "second")
        self.nothing.setContentsMargins(8, 0, 8, 0)
        column.addWidget(self.nothing)
        self._every = self._entries()
        self.field.textChanged.connect(self._on_text_changed)
        self.list.clicked.connect(lambda index: self._run(index.row()))
        self.field.installEventFilter(self)
        self._on_text_changed("")
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        # A field that is asked for before its window is active never hears that it lost the keys: watched from here.
        app.focusChanged.connect(self._on_focus_changed)
        app.installEventFilter(self)
        session.workspace_changed.connect(self.close_over)
        book.ran.connect(self._on_ran)

    def open_at(self, box: QWidget) -> None:
        """Show under the command box, its right edges in line."""
        width = min(self._session.theme.room(520), box.window().width() - 40)
        corner = box.mapTo(box.window(), QPoint(box.width() - width, -2))
        self.setGeometry(corner.x(), corner.y(), width, self._high(ROWS_SHOWN))
        self.show()
        self.raise_()
        self.window().activateWindow()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def lines(self) -> list[str]:
        """The lines that are shown, best first."""
        return [entry.text for entry in self._model.entries]

    def _entries(self) -> list[Entry]:
        session = self._session
        situation = session.situation()
        commands = [
            Entry(
                text=row.text_when(situation) if row.text_when is not None else row.whole_text,
                where=row.menu.replace("&", "").replace("/", " › "), icon=row.icon,
                key=key_text(row.shortcuts[0]) if row.shortcuts else "",
                run=partial(self._book.run, row.id), why_not=row.why_not(situation), words=row.found_by,
            )
            for row in self._book.rows.values()
            if row.works_in(session.workspace) and row.id != "edit.palette"
        ]  # fmt: skip
        commands += self._elsewhere({entry.text for entry in commands}, situation)
        every, hidden = session.series_list(), session.names_hidden
        series = [
            Entry(
                text=" · ".join(
                    filter(
                        None,
                        (
                            one.described(names_hidden=hidden) or one.modality or "Image",
                            "name hidden" if hidden else one.patient_id,
                        ),
                    )
                ),
                where=" · ".join(
                    part
                    for part in (
                        one.part_shown(names_hidden=hidden), set_apart(one, every, names_hidden=hidden), one.modality,
                        counted(len(one.frames), "image"),
                    )
                    if part
                ),
                icon="series", key="",
                words=f"{one.part_shown(names_hidden=hidden)} {set_apart(one, every, names_hidden=hidden)}",
                run=partial(session.open_series, one),
            )
            for one in every
        ]  # fmt: skip
        labels = [
            Entry(
                text=label.name,
                where="Label",
                icon="label",
                key=label.key,
                run=partial(choose_label, session, label.name),
            )
            for label in session.labels
            if label.scope == "region" and session.workspace == "annotate"
        ]
        further = [
            Entry(
                text=f"{CHANGE_TO}{label.name}", where="Label", icon="label", key="",
                run=partial(relabel_selected, session, label.name), words="relabel class wrong",
            )
            for label in session.labels
            if label.scope == "region" and not label.key and situation.has(SELECTED_FACT) and situation.may_edit
        ]  # fmt: skip
        return [*commands, *series, *labels, *further]

    def _elsewhere(self, here: set[str], situation: "Situation") -> list[Entry]:
        """Commands of the other work spaces, each with the name of the first that it belongs to."""
        entries = []
        for row in self._book.rows.values():
            if row.works_in(situation.workspace) or (text := row.whole_text) in here:
                continue
            here.add(text)
            space = row.workspaces[0]
            there = replace(situation, workspace=space)
            menu = row.menu.replace("&", "").replace("/", " › ")
            entries.append(
                Entry(
                    text=text, where=" · ".join(part for part in (menu, f"in {SPACE_NAMES[space]}") if part),
                    icon=row.icon, key=key_text(row.shortcuts[0]) if row.shortcuts else "",
                    run=partial(self._go_and_run, space, row.id), why_not=row.why_not(there),
                    words=row.found_by, elsewhere=True,
                )
            )  # fmt: skip
        return entries

    def _go_and_run(self, space: str, command_id: str) -> None:
        book, session = self._book, self._session
        book.run(f"view.{space}")
        why_not = book.row(command_id).why_not(session.situation())
        if why_not:
            name = book.row(command_id).whole_text
            session.said.emit(f"{name} cannot be done yet: this is {SPACE_NAMES[space]}, where it belongs. {why_not}")
        else:
            book.run(command_id)

    def _on_text_changed(self, typed: str) -> None:
        scored = [(entry_score(entry, typed.strip()), number, entry) for number, entry in enumerate(self._every)]
        # What can be done here comes before what can be done elsewhere, and that before what cannot be done.
        kept = sorted(
            (-value - (10 if entry.enabled else 0) + (5 if entry.elsewhere else 0), n, entry)
            for value, n, entry in scored
            if value > 0 and (typed.strip() or not entry.elsewhere)
        )
        self._model.fill([entry for _, _, entry in kept])
        self.list.setCurrentIndex(self._model.index(0))
        self.list.setVisible(bool(kept))
        self.nothing.setVisible(not kept)
        self.resize(self.width(), self._high(min(ROWS_SHOWN, max(1, len(kept)))))

    def _high(self, rows: int) -> int:
        """Its height for a number of rows, inside of the window."""
        theme = self._session.theme
        window = self.parentWidget()
        wanted = theme.room(30) + 22 + theme.room(ROW_PX) * rows
        return wanted if window is None else min(wanted, window.height() - 80)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.isVisible():
            return False
        if watched is self.field:
            return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._pressed(event)
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate and watched is self.window():
            self.close()
        elif kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            if watched is not self and not self.isAncestorOf(watched):
                self.close()
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and not self.field.hasFocus():
            return self._catch(watched, event)
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        """A key in the field; whether the list took it."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}.get(key, 0)
        if step:
            row = min(self._model.rowCount() - 1, max(0, self.list.currentIndex().row() + step))
            self.list.setCurrentIndex(self._model.index(row))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex().row())
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True

    def _catch(self, watched: QObject, event: QEvent) -> bool:
        """Keys of this window are meant for the field from the moment it is seen, whether it has the focus yet or not;
        they never reach the image below."""
        window = self.window()
        ours = watched is window.windowHandle() or (isinstance(watched, QWidget) and QWidget.window(watched) is window)
        if not ours or QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return False
        # Not sent as an event: the key table would take it for a command, as no field has the focus yet.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not self._pressed(event):
            self.field.keyPressEvent(event)
        return True

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        gone = old is self.field if new is None else new is not self.field
        if gone and self.isVisible():
            self.close()

    def close_over(self, *_: object) -> None:
        """Another page or work space: this belonged to what was there before."""
        self.close()

    def _on_ran(self, command_id: str) -> None:
        if command_id != "edit.palette":  # that one opened it
            self.close()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def _run(self, row: int) -> None:
        entry = self._model.entries[row] if 0 <= row < self._model.rowCount() else None
        if entry is not None and entry.enabled:
            self.leave()
            entry.run()
        elif entry is not None:
            self._session.said.emit(entry.why_not)

    def leave(self) -> None:
        """Close, and give the keys back to the image."""
        cell = self._session.active_cell
        if cell is not None and cell.view.isVisible():
            cell.view.setFocus()
        self.close()
