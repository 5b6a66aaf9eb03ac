"""Judged cases as small pictures with what is there, what was said and the score below them; each opens in Review."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyleOptionViewItem, QVBoxLayout, QWidget

from viewer.ui.flows.cases.pictures import CasePictures, FirstImages
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, set_name, set_text
from viewer.ui.look.row_painting import KeyButton, draw_text, line_px
from viewer.ui.panels.list_panel import Index, RowDelegate

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.run_page.judged import Judged

PICTURE_PX, BESIDE_PX, LINES, TEXT_PX = 112, 8, 3, 11
BOLD, GAP_PX = 600, 8  # between a score and whether the answer is right
AT_FIRST = 12  # shown before more are asked for


class TileModel(QAbstractListModel):
    """The answers in their order. part: of the data set that they are of, in a word."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.judged: tuple[Judged, ...] = ()
        self.part = ""

    def show_judged(self, judged: "tuple[Judged, ...]", part: str) -> None:
        """Show these."""
        self.beginResetModel()
        self.judged, self.part = judged, part
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.judged)

    def data(self, index: Index, role: int = Qt.ItemDataRole.UserRole) -> Any:
        if not index.isValid():
            return None
        one = self.judged[index.row()]
        if role in (DISPLAY, TIP):
            verdict = "" if one.wrong is None else ", wrong" if one.wrong else ", right"
            words = f"{one.words}, {one.score}{verdict}, {self.part}"
            name = "" if self._session.names_hidden else f"{one.file}\n"
            return role_text(role, words, f"{name}{words}\nOpen it in Review   [↵]")
        return one if role == Qt.ItemDataRole.UserRole else None

    def repaint(self, *_: object) -> None:
        """A picture has come, or who a case is."""
        if self.judged:
            self.dataChanged.emit(self.index(0), self.index(len(self.judged) - 1))


class TileDelegate(RowDelegate):
    """A picture, and three lines below it: as wide as the longest of all that are shown, and no wider than the list."""

    def __init__(self, session: "Desk", model: TileModel) -> None:
        super().__init__(session)
        self._model = model
        self.most_px = PICTURE_PX  # of a tile, without what is beside it
        self.records, self.pictures = FirstImages(session), CasePictures(session, PICTURE_PX)
        self.records.came.connect(model.repaint)
        self.pictures.picture_made.connect(model.repaint)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        side, line = self._session.theme.px(PICTURE_PX), self._session.theme.room(16)
        wide = max((px for one in self._model.judged for px in self._lines_px(one)), default=0)
        return QSize(max(side, min(wide, self.most_px)) + 2 * BESIDE_PX, side + LINES * line + 2 * BESIDE_PX)

    def _lines_px(self, one: "Judged") -> Iterator[int]:
        for words, _, weight, beside in _lines(one):
            more = GAP_PX + line_px(self._session.icons, beside, px=TEXT_PX, weight=BOLD) if beside else 0
            yield line_px(self._session.icons, words, px=TEXT_PX, weight=weight) + more + 1

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: Judged = index.data(Qt.ItemDataRole.UserRole)
        icons, rect = self._session.icons, option.rect.adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, icons.theme.color("accbg"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, icons.theme.color("raise"))
        side = icons.theme.px(PICTURE_PX)
        place = QRect(rect.left() + BESIDE_PX - 2, rect.top() + BESIDE_PX // 2, side, side)
        self._paint_picture(painter, place, one)
        line, wide = icons.theme.room(16), option.rect.width() - 2 * BESIDE_PX
        cut = Qt.TextElideMode.ElideMiddle
        for number, (words, ink, weight, beside) in enumerate(_lines(one)):
            room = QRect(place.left(), place.bottom() + 2 + number * line, wide, line)
            draw_text(icons, painter, room, words, px=TEXT_PX, weight=weight, token=ink, cut=cut)
            if beside:
                draw_text(icons, painter, room, beside, px=TEXT_PX, weight=BOLD, token=_ink(one), right=True)

    def _paint_picture(self, painter: QPainter, place: QRect, one: "Judged") -> None:
        icons = self._session.icons
        record = self.records.get(one.image_id)
        picture = None if record is None else self.pictures.picture(record)
        painter.fillRect(place, Qt.GlobalColor.black)
        if picture is not None:
            painter.drawPixmap(place, picture)
            return
        why = self.why_none(one.image_id)
        draw_text(icons, painter, place.adjusted(6, 0, -6, 0), why, px=11, token="low")

    def why_none(self, image_id: str) -> str:
        """Why a case has no picture; "" while it is being made."""
        if self.records.is_gone(image_id):
            return "not in the project"
        return "file not readable" if self.pictures.is_missing(image_id) else ""


class Tiles(QWidget):
    """As many as a page holds, and a button for more. asked: the image of a case that is to be opened."""

    asked = Signal(str)

    def __init__(self, session: "Desk", name: str) -> None:
        super().__init__()
        self._session = session
        self._all: tuple[Judged, ...] = ()
        self._part, self._shown = "", AT_FIRST
        self._tile = QSize()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.words = text_label("", "second", wrap=True)
        column.addWidget(self.words)
        self.list = QListView()
        self.model = TileModel(session)
        self.delegate = TileDelegate(session, self.model)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_name(self.list, name)
        self.list.activated.connect(self._on_activated)
        self.list.clicked.connect(self._on_activated)
        column.addWidget(self.list)
        self.more = KeyButton(session.icons, "Show more")
        self.more.clicked.connect(self._on_more)
        self.more.hide()
        self.list.hide()
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        session.theme_changed.connect(self._fit)

    def show_judged(self, judged: "Sequence[Judged]", part: str, words: str) -> None:
        """Show these from the first on. words: what they are."""
        set_text(self.words, words)
        self.words.setVisible(bool(words))
        if tuple(judged) == self._all and part == self._part:
            return
        self._all, self._part, self._shown = tuple(judged), part, AT_FIRST
        self._fill()

    def _fill(self) -> None:
        self.model.show_judged(self._all[: self._shown], self._part)
        left = len(self._all) - self._shown
        self.more.setVisible(left > 0)
        self.more.set_words(f"Show {min(left, 2 * AT_FIRST)} more of {left}")
        self._fit()

    def _fit(self, *_: object) -> None:
        """As high as its rows of pictures: the page scrolls, not the list."""
        self.delegate.most_px = max(PICTURE_PX, self.list.viewport().width() - 2 * BESIDE_PX - 2)
        tile = self.delegate.sizeHint(QStyleOptionViewItem(), self.model.index(0))
        beside = max(1, self.list.viewport().width() // max(1, tile.width()))
        rows = -(-len(self.model.judged) // beside)
        self.list.setFixedHeight(rows * tile.height() + 4)
        if tile != self._tile:
            self._tile = tile
            self.list.scheduleDelayedItemsLayout()
        self.list.setVisible(rows > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_more(self) -> None:
        self._shown += 2 * AT_FIRST
        self._fill()

    def _on_activated(self, index: Index) -> None:
        one: Judged | None = index.data(Qt.ItemDataRole.UserRole)
        if one is not None:
            self.asked.emit(one.image_id)


def _ink(one: "Judged") -> str:
    return {True: "err", False: "ok", None: "mid"}[one.wrong]


def _lines(one: "Judged") -> tuple[tuple[str, str, int, str], ...]:
    """What stands below a picture: (words, their ink, their weight, what stands at the right end)."""
    first = (one.told, "hi", BOLD, "")
    if one.by:
        return (first, *((said, "mid", 400, "") for said in one.by))
    verdict = {True: "wrong", False: "right", None: ""}[one.wrong]
    answered = f"answered {one.answer}" if one.answer else ""
    return (first, (answered, _ink(one), 400, ""), (one.score, "mid", 400, verdict))


def part_word(part: str) -> str:
    """As a row of a case has it."""
    return {"val": "validation"}.get(part, part) + " part"
