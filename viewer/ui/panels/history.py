"""History: the journal of this project, newest first, with what is undone above the line."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QShowEvent
from PySide6.QtWidgets import (
    QListView,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.registry import load
from viewer.core.shapes.kinds import KINDS
from viewer.ui.look.chips import ElidedLabel, EmptyState, separator
from viewer.ui.look.even_rows import CountedRows, EvenList
from viewer.ui.look.on_screen import show_inside
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, set_text
from viewer.ui.look.row_painting import draw_icon, draw_row, draw_text
from viewer.ui.panels.case_buttons import CaseButtons
from viewer.ui.state.latest import Latest
from viewer.ui.state.step_names import entry_about

if TYPE_CHECKING:
    from viewer.project.records import JournalEntry
    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 24
LOWEST_ROWS = 2  # in the lowest dock
LEAST_ROWS = 4  # that stay in sight however many objects are on the image
SHOWN_ENTRIES = 200
AGE_REFRESH_MS = 10_000
LEAST_NAME_PX = 36  # a film's name in less is dots
MIDDLE = Qt.TextElideMode.ElideMiddle
# First words of an edit's text and the icon that goes with them.
EDIT_ICONS = (
    ("paint", "brush"), ("erase", "eraser"), ("accept", "accept"), ("correct", "correct"), ("reject", "reject"),
    ("delete", "close"), ("remove", "close"), ("complete", "accept"), ("reopen", "undo"), ("say", "label"),
    ("add label", "label"), ("rename", "label"), ("measure", "ruler"), ("length", "ruler"), ("angle", "angle"),
)  # fmt: skip


def edit_icon(text: str) -> str:
    """The icon of an entry."""
    lower = text.casefold()
    found = next((icon for word, icon in EDIT_ICONS if lower.startswith(word)), "")
    if found:
        return found
    kind = lower.rpartition(" ")[2]
    return load(KINDS, kind).icon if kind in KINDS else "box"


def age_words(time: str, now: datetime) -> str:
    """ "now", "44 s", "12 min", then the clock time or the date. time: ISO 8601."""
    try:
        then = datetime.fromisoformat(time)
    except ValueError:
        return ""
    then = then if then.tzinfo is not None else then.replace(tzinfo=UTC)
    seconds = (now - then).total_seconds()
    if seconds < 2:
        return "now"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    local = then.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%d %b}"


def moment_words(time: str) -> str:
    """ "30 Nov 2026 04:41" as the clock here has it; the words themselves where they are no time. time: ISO 8601."""
    try:
        return f"{datetime.fromisoformat(time).astimezone():%d %b %Y %H:%M}"
    except ValueError:
        return time


class HistoryModel(CountedRows):
    """Undone entries first (the next to redo at the bottom of them), then the done ones, newest first."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.entries: list[JournalEntry] = []
        self._said: list[str] = []  # what each is about, as it was told last

    def set_entries(self, entries: "list[JournalEntry]") -> None:
        """Show other entries."""
        self.entries = entries
        self._said = [self.about(entry) for entry in entries]
        self.lay_rows(len(entries))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role in (DISPLAY, TIP):
            about = self.about(entry)
            words = f"{capital(entry.text)}, {about}" if about else capital(entry.text)
            return role_text(role, words + (" (undone)" if entry.state == "undone" else ""))
        return entry if role == Qt.ItemDataRole.UserRole else None

    def about(self, entry: "JournalEntry") -> str:
        """Its film or case, where that is not on the screen."""
        return entry_about(self._session, entry)

    def tell_places(self) -> None:
        """Other images are on the screen, or names are hidden: the rows name other films."""
        before, self._said = self._said, [self.about(entry) for entry in self.entries]
        for row, (was, now) in enumerate(zip(before, self._said, strict=True)):
            if was != now:
                self.dataChanged.emit(self.index(row), self.index(row))


def capital(text: str) -> str:
    """With a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


class HistoryDelegate(QStyledItemDelegate):
    """Icon, words, age; a dashed line under the last undone one."""

    def __init__(self, session: "Desk", model: HistoryModel) -> None:
        super().__init__()
        self._session = session
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: JournalEntry = index.data(Qt.ItemDataRole.UserRole)
        icons, rect = self._session.icons, option.rect
        draw_row(icons, painter, rect, option.state, line=False)
        undone = entry.state == "undone"
        middle = rect.center().y()
        draw_icon(icons, painter, rect.left() + 10, middle, edit_icon(entry.text), "low" if undone else "mid")
        word = "undone" if undone else age_words(entry.time, datetime.now(UTC))
        right = QRect(rect.right() - 80, rect.top(), 70, rect.height())
        width = draw_text(icons, painter, right, word, token="mid" if undone else "low", right=True, whole=True)
        room = QRect(rect.left() + 34, rect.top(), rect.width() - 34 - width - 20, rect.height())
        taken = draw_text(icons, painter, room, capital(entry.text), token="low" if undone else "hi")
        # The gesture's own words come first: a film's name gives way in its middle, and stands whole in the tool tip.
        beside = room.adjusted(taken + 10, 0, 0, 0)
        if beside.width() >= icons.theme.room(LEAST_NAME_PX):
            draw_text(icons, painter, beside, self._model.about(entry), token="low", right=True, cut=MIDDLE)
        place = index.row()
        last_undone = undone and (
            place + 1 == len(self._model.entries) or self._model.entries[place + 1].state != "undone"
        )
        if last_undone:
            painter.setPen(QPen(icons.theme.color("acc"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(rect.left() + 10, rect.bottom(), rect.right() - 10, rect.bottom())


class HistoryPanel(QWidget):
    """The journal at the right of Annotate, with undo, redo and the main action below."""

    title = "History"
    area = "right"
    workspaces = ("annotate",)
    title_commands = ("edit.undo", "edit.redo")
    keeps_whole = True  # the buttons of the case are reached without scrolling, however low the dock is

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._latest = Latest(session, self._show, self)
        self._model = HistoryModel(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.list = EvenList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(HistoryDelegate(session, self._model))
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("History")
        self.list.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.empty = EmptyState(session.icons, "history", "Every gesture is kept here as it is made.")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack, 1)
        self._fit()
        session.theme_changed.connect(self._fit)
        self.ai_shown = ElidedLabel("caption")
        self.ai_shown.setContentsMargins(10, 2, 10, 2)
        layout.addWidget(self.ai_shown)
        layout.addWidget(separator())
        self._foot = CaseButtons(session)
        layout.addWidget(self._foot)
        self._age_timer = QTimer(self)
        self._age_timer.setInterval(AGE_REFRESH_MS)
        self._age_timer.timeout.connect(self.list.viewport().update)
        self._age_timer.start()
        session.work_changed.connect(lambda _: self.reload())
        session.project_opened.connect(lambda _: self.reload())
        session.image_shown.connect(lambda _: self._model.tell_places())
        session.image_gone.connect(self._model.tell_places)
        session.names_hidden_changed.connect(lambda _: self._model.tell_places())
        for signal in (session.image_shown, session.image_gone, session.work_arrived, session.project_opened):
            signal.connect(self._tell_ai)
        self._tell_ai()
        self.reload()

    def _fit(self, *_: object) -> None:
        """The last gestures are seen beside the buttons."""
        self.stack.setMinimumHeight(LOWEST_ROWS * self._session.theme.room(ROW_PX))

    def _tell_ai(self, *_: object) -> None:
        """When AI was shown of the case in this reading; not there where it never was, or nobody asks."""
        shown, cases = self._session.shown, self._session.at_hand.cases
        case_id = None if shown is None else shown.case_id
        time = cases.get(case_id).revealed if case_id is not None and cases.has(case_id) else ""
        set_text(self.ai_shown, f"AI was shown of this case: {moment_words(time)}" if time else "")
        show_inside(self.ai_shown, on=bool(time))

    @property
    def wanted_px(self) -> int:
        """The height that shows every entry without scrolling."""
        row_px = self._session.theme.room(ROW_PX)
        return max(1, len(self._model.entries)) * row_px + self._foot.sizeHint().height()

    @property
    def least_px(self) -> int:
        """The height that it can do with: the last gestures and the buttons."""
        return LEAST_ROWS * self._session.theme.room(ROW_PX) + self._foot.sizeHint().height()

    def reload(self) -> None:
        """Read the journal's end again."""
        if self._session.project is None:
            self._show([])
        else:
            self._latest.ask(lambda project: project.history.entries(SHOWN_ENTRIES))

    def _show(self, entries: "list[JournalEntry]") -> None:
        before, ordered = self._model.entries, history_order(entries)
        self._model.set_entries(ordered)
        self.stack.setCurrentWidget(self.list if entries else self.empty)
        if [(one.edit_id, one.state) for one in before] != [(one.edit_id, one.state) for one in ordered]:
            self._to_newest()
        self._session.tell_situation()  # its need of height is another one (docks/shared_height.py)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._to_newest()

    def _to_newest(self) -> None:
        """What was done last is in view, below the last two that were undone: Qt leaves a list where it was."""
        undone = sum(entry.state == "undone" for entry in self._model.entries)
        if self._model.entries:
            place = self._model.index(max(0, min(undone, len(self._model.entries) - 1) - 2))
            self.list.scrollTo(place, QListView.ScrollHint.PositionAtTop)


def history_order(entries: "list[JournalEntry]") -> "list[JournalEntry]":
    """What is undone on top, then what is done, each newest first; what was dropped is not shown."""
    newest_first = sorted(entries, key=lambda entry: -entry.edit_id)
    undone = [entry for entry in newest_first if entry.state == "undone"]
    return undone + [entry for entry in newest_first if entry.state == "done"]
