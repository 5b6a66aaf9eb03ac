"""How a case stands in the list: its picture, whose film it is, which film, and how far it is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from viewer.ui.flows.cases.listing import STATUS_LOOKS, case_detail, case_label_colors, place_title, short_title
from viewer.ui.flows.cases.pictures import PICTURE_PX, CasePictures, FirstImages
from viewer.ui.look.plain_text import FACTS
from viewer.ui.look.row_painting import draw_icon, draw_row, draw_swatch, draw_text, line_px, low
from viewer.ui.panels.cases.asked import answered_count
from viewer.ui.panels.cases.part import draw_part, part_px, short_part, whole_facts
from viewer.ui.panels.cases.said import DIFFERS, row_words, said_of

if TYPE_CHECKING:
    from viewer.project.records import CaseRow, ImageRecord
    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex
ROW_PX, DOT_PX = 56, 12
MOST_BESIDE = 0.6  # of a line, that a part takes from a name which is cut
SHORT_TITLE = 6  # letters: a longer title that the film's name begins with need not be read twice
ICON_PX, WORD_GAP_PX, GAP_PX = 16, 5, 5  # of a status: its icon, to its word, and from what stands before it


class CaseDelegate(QStyledItemDelegate):
    """Paints a case: picture, title, film, status with its icon, its part, the labels it holds.

    Which patient and which film it is matters most: the status word and the labels give way to them, and stand in the
    tool tip or on the image. The icon of the status always stands, and so do the part and that a model has answered:
    beside the film, or beside the patient instead of the status word where the film's name is long, and where neither
    has room for its name, beside what is left of one of them. There, and where that saves a name, the part is short.
    """

    def __init__(self, session: "Desk", pictures: CasePictures) -> None:
        super().__init__()
        self._session = session
        self._pictures = pictures
        self._records = FirstImages(session)
        self.came = self._records.came

    def forget(self) -> None:
        """Other images are in the project than before, or other patients'."""
        self._records.forget()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: CaseRow = index.data(Qt.ItemDataRole.UserRole)
        icons, rect, state = self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state)
        picture = QRect(rect.left() + 10, rect.top() + (rect.height() - PICTURE_PX) // 2, PICTURE_PX, PICTURE_PX)
        painter.fillRect(picture, Qt.GlobalColor.black)
        self._draw_picture(painter, picture, row)
        high = 2 * icons.theme.room(9)
        left, wide = picture.right() + 9, rect.right() - 10 - picture.right() - 9
        above = QRect(left, rect.top() + icons.theme.room(18) - high // 2, wide, high)
        below = QRect(left, rect.top() + icons.theme.room(37) - high // 2, wide, high)
        title = place_title(index.row()) if self._session.names_hidden else short_title(row)
        detail = self._detail(row)
        film_px = line_px(icons, detail.split(FACTS)[0]) + 1
        title_px = line_px(icons, title, px=13, weight=600) + 1
        # The film's name is cut as it is, or begins with what stands above it.
        gives_way = film_px > below.width() or (len(title) > SHORT_TITLE and detail.startswith(title))
        part, said, is_below = self._marks_place(row, (above, title_px), (below, film_px), film_gives_way=gives_way)
        if not is_below:  # the status takes what is left of the line
            self._draw_marks(painter, row, above, part, said)
        film_line = film_px + (self._marks_px(row, part, said) if is_below else 0)
        self._draw_status(painter, row, (above, title_px), (below, film_line), state, film_gives_way=gives_way)
        # Ids and names of files differ in their ends; whole they stand in the tool tip.
        middle = Qt.TextElideMode.ElideMiddle
        draw_text(icons, painter, above, title, px=13, weight=600, cut=middle)
        if is_below:
            self._draw_marks(painter, row, below, part, said)
        self._draw_labels(painter, row, below, film_px)
        detail = whole_facts(icons, detail, below.width())
        draw_text(icons, painter, below, detail, token=low(state), cut=middle)

    def _draw_status(
        self, painter: QPainter, row: "CaseRow", title: tuple[QRect, int], film: tuple[QRect, int],
        state: QStyle.StateFlag, *, film_gives_way: bool,
    ) -> None:  # fmt: skip
        """At the end of a line that has room for it, which it takes from the line; each with what its words take. Where
        neither has, the patient's name gives way rather than a film's that is whole."""
        icons = self._session.icons
        word, icon, token = STATUS_LOOKS[row.status]
        token = "mid" if token == "low" and low(state) == "mid" else token
        word_px = line_px(icons, word) + WORD_GAP_PX
        alone_px = ICON_PX + GAP_PX
        for line, words_px in (title, film):
            if words_px + alone_px + word_px <= line.width():
                draw_text(icons, painter, line, word, token=token, right=True)
                break
        else:
            has_above, has_below = (words_px + alone_px <= line.width() for line, words_px in (title, film))
            line, word_px = film[0] if not has_above and (has_below or film_gives_way) else title[0], 0
        line.setWidth(line.width() - alone_px - word_px)
        draw_icon(icons, painter, line.right() + 1 + GAP_PX, line.center().y(), icon, token)

    def _marks_place(
        self, row: "CaseRow", title: tuple[QRect, int], film: tuple[QRect, int], *, film_gives_way: bool
    ) -> tuple[str, str, bool]:
        """(the part's word, what the model says, whether they stand beside the film), each line with what its words
        take. The label of a score gives way first, then the part is short; all stands in the tool tip."""
        word = self._session.snapshots.word(row.case_id)
        long_said, said = row_words(said_of(self._session, row))
        short, alone_px = short_part(word), ICON_PX + GAP_PX
        for part, told in ((word, long_said), (word, said), (short, said)):
            marks_px = self._marks_px(row, part, told)
            if film[1] + marks_px <= film[0].width():
                return part, told, True
            if title[1] + alone_px + marks_px <= title[0].width():
                return part, told, False
            if (part, told) == (word, said) and film_gives_way and marks_px <= MOST_BESIDE * film[0].width():
                return part, told, True
        return short, said, film_gives_way

    def _marks_px(self, row: "CaseRow", part: str, said: str) -> int:
        """What the part, that a model has answered, and what it says take of a line."""
        icons = self._session.icons
        answered_px = ICON_PX + GAP_PX if answered_count(self._session, row) else 0
        return part_px(icons, part) + answered_px + (line_px(icons, said, weight=600) + GAP_PX if said else 0)

    def _draw_marks(self, painter: QPainter, row: "CaseRow", line: QRect, part: str, said: str) -> None:
        """The part, that a model has answered, and what it says; what they take is taken from the line."""
        icons = self._session.icons
        if part:
            draw_part(icons, painter, line.right() + 1, line.center().y(), part)
            line.setWidth(line.width() - part_px(icons, part))
        if said:
            token = "warn" if said.startswith(DIFFERS) else "hi"
            draw_text(icons, painter, line, said, weight=600, token=token, right=True, whole=True)
            line.setWidth(line.width() - line_px(icons, said, weight=600) - GAP_PX)
        answered = answered_count(self._session, row)
        if answered:
            token = "acc" if answered >= row.images else "low"
            draw_icon(icons, painter, line.right() + 1 - ICON_PX, line.center().y(), "predict", token)
            line.setWidth(line.width() - ICON_PX - GAP_PX)

    def _draw_labels(self, painter: QPainter, row: "CaseRow", line: QRect, film_px: int) -> None:
        """As far as they have room after the film's name; what they take is taken from the line."""
        icons, colors = self._session.icons, case_label_colors(self._session.at_hand, row)
        wide = DOT_PX * len(colors)
        if colors and film_px + wide <= line.width():
            for place, color in enumerate(reversed(colors)):
                dot = QRect(line.right() - 7 - place * DOT_PX, line.center().y() - 4, 8, 8)
                draw_swatch(icons, painter, dot, color)
            line.setWidth(line.width() - wide)

    def _detail(self, row: "CaseRow") -> str:
        record = self._record(row)
        return "" if record is None else case_detail(row, record, names_hidden=self._session.names_hidden)

    def _record(self, row: "CaseRow") -> "ImageRecord | None":
        """The case's first image, as soon as it is there."""
        return self._records.get(row.first_image_id) if row.first_image_id else None

    def _draw_picture(self, painter: QPainter, rect: QRect, row: "CaseRow") -> None:
        record = self._record(row)
        pixmap = None if record is None else self._pictures.picture(record)
        if pixmap is not None:
            painter.drawPixmap(rect, pixmap)
