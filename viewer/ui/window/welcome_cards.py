"""The cards of the welcome page."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from viewer.reading.sources.remembered import THUMBNAILS
from viewer.ui.commands.book import CommandBook
from viewer.ui.look.chips import chip_width, key_text, paint_chip
from viewer.ui.look.plain_text import draw_words, elide, set_name, set_tip
from viewer.ui.state.settings import Recent

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

PRIMARY = "file.open_folder"
HEAD_PX = 54  # of a task's card: its icon and key, which do not grow with the text
CLIP_PX, LINES_PX = 16, 78  # of what hangs from the rail: above its picture, and the lines below at 100 % of text
DETAIL = {
    "file.open_folder": "Every series in it",
    "file.open_files": "Single images",
    "file.open_sample": "A chest phantom: CT, films",
    "file.open_project": "Keeps all your work",
}


class Card(QAbstractButton):
    """A painted button; left and right go along the row."""

    step = Signal(int)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._high = 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _fit(self, high_px: int, fixed_px: int = 0) -> None:
        """A height that goes with the text; fixed_px of it do not."""
        self._high = high_px, fixed_px
        self.setFixedHeight(fixed_px + self._session.theme.room(high_px - fixed_px))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._high[0]:
            self._fit(*self._high)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self.step.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paint_ground(self, painter: QPainter, *, primary: bool = False, dashed: bool = False) -> None:
        """Card, border, focus ring."""
        theme = self._session.theme
        over = self.underMouse()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "acc" if primary else "raise" if over else "card"
        pen = QPen(theme.color("acc" if over or self.hasFocus() or primary else "line2" if dashed else "line"))
        if self.hasFocus():
            pen.setWidth(2)
            pen.setColor(theme.color("hi" if primary else "acc"))
        if dashed and not self.hasFocus():
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if dashed else theme.color(ground))
        inset = pen.width() / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)


class CommandCard(Card):
    """A command with its icon, key and a sentence."""

    def __init__(self, session: "Desk", book: CommandBook, command_id: str, *, tall: bool) -> None:
        super().__init__(session)
        self._row, self._tall = book.row(command_id), tall
        if tall:
            self._fit(132, HEAD_PX)
        else:
            self._fit(64)
        self.setMinimumWidth(200)
        set_name(self, self._row.plain_text)
        self.setObjectName(f"card:{command_id}")
        self.clicked.connect(lambda: book.run(command_id))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, row = QPainter(self), self._session.theme, self._row
        primary = row.id == PRIMARY
        self.paint_ground(painter, primary=primary)
        ratio = self.devicePixelRatioF()
        text, second = ("onacc", "onacc") if primary else ("hi", "mid")
        key = key_text(row.shortcuts[0]) if row.shortcuts else ""
        width = chip_width(key, theme) if key else 0.0
        px = theme.room
        if self._tall:
            painter.drawPixmap(16, 16, self._session.icons.pixmap(row.icon, "acc", 28, ratio))
            paint_chip(painter, self.width() - 14 - width, 30, key, theme, theme.color("mid"))
            painter.setFont(theme.font(16, 600))
            painter.setPen(theme.color("hi"))
            draw_words(
                painter, QRectF(16, HEAD_PX, self.width() - 32, px(24)), Qt.AlignmentFlag.AlignVCenter, row.plain_text
            )
            painter.setFont(theme.font(13))
            painter.setPen(theme.color("mid"))
            flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            draw_words(painter, QRectF(16, HEAD_PX + px(26), self.width() - 32, px(54)), flags, row.help)
        else:
            middle = self.height() // 2
            painter.drawPixmap(
                14, middle - 10, self._session.icons.pixmap(row.icon, "onacc" if primary else "acc", 20, ratio)
            )
            room = self.width() - 48 - width - 22
            painter.setFont(theme.font(14, 500))
            if painter.fontMetrics().horizontalAdvance(row.plain_text) > room:
                room += width + 10  # the name before its key, which stands in the menu too
            elif key:
                color = theme.color("onacc" if primary else "mid")
                paint_chip(painter, self.width() - 12 - width, middle, key, theme, color)
            painter.setFont(theme.font(14, 500))
            painter.setPen(theme.color(text))
            draw_words(painter, QRectF(48, px(13), room, px(20)), Qt.AlignmentFlag.AlignVCenter, row.plain_text)
            painter.setFont(theme.font(12))
            painter.setPen(theme.color(second))
            words = elide(painter.fontMetrics(), DETAIL.get(row.id, row.help), Qt.TextElideMode.ElideRight, int(room))
            draw_words(painter, QRectF(48, px(33), room, px(18)), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


class HangingCard(Card):
    """What hangs from the rail: as high as its picture, its clip, and the lines below."""

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self.picture_px = 214
        self.hang(self.picture_px)

    def hang(self, picture_px: int) -> None:
        """Give it a picture of another height."""
        self.picture_px = picture_px
        self._fit(CLIP_PX + picture_px + LINES_PX, CLIP_PX + picture_px)
        self.update()


class RecentCard(HangingCard):
    """One film on the rail."""

    opened = Signal(object)  # Recent

    def __init__(self, session: "Desk", entry: Recent) -> None:
        super().__init__(session)
        self._entry = entry
        self._missing = not Path(entry.path).exists()
        thumbnail = session.settings.folder / THUMBNAILS / entry.thumbnail
        self._picture = QPixmap(str(thumbnail)) if entry.thumbnail and thumbnail.is_file() else QPixmap()
        self.setObjectName("card:recent")
        set_name(self, "Name hidden" if session.names_hidden and entry.kind == "study" else entry.title)
        set_tip(self, entry.path if not session.names_hidden else "")
        self.clicked.connect(lambda: self.opened.emit(entry))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, entry = QPainter(self), self._session.theme, self._entry
        self.paint_ground(painter)
        width = self.width()
        picture = QRect(1, CLIP_PX, width - 2, self.picture_px)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(picture, Qt.GlobalColor.black)
        clip = theme.color("line2")
        painter.setBrush(clip)
        painter.drawRoundedRect(QRectF(width / 2 - 17, -4, 34, 15), 2, 2)
        if self._picture.isNull():
            icon = "dataset" if entry.kind == "project" else "series"
            painter.drawPixmap(
                width // 2 - 20,
                picture.center().y() - 20,
                self._session.icons.pixmap(icon, "low", 40, self.devicePixelRatioF()),
            )
        else:
            size = self._picture.size().scaled(picture.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            source = QRectF(self._picture.rect())
            share = min(picture.width() / size.width(), 1.0), min(picture.height() / size.height(), 1.0)
            part = QRectF(0, 0, source.width() * share[0], source.height() * share[1])
            part.moveCenter(source.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(QRectF(picture), self._picture, part)
        hidden = self._session.names_hidden and entry.kind == "study"
        self._line(painter, 8, "Name hidden" if hidden else entry.title, 13, 500, "hi")
        detail = entry.detail.removeprefix(" · ")
        if hidden:  # what is described, such as a study, may say who it is of
            detail = " · ".join(part for part in detail.split(" · ") if part[:1].isdigit())
        last = when(entry.opened)
        if entry.kind == "project" and not self._session.names_hidden:  # two of one name lie in two folders
            detail, last = " · ".join(filter(None, (detail, last))), entry.path
        self._line(painter, 28, detail, 12, 400, "mid")
        self._line(painter, 50, last, 12, 400, "low", cut=Qt.TextElideMode.ElideMiddle)
        if self._missing:
            self._pill(painter, "Folder not found")
        painter.end()

    def _line(
        self, painter: QPainter, y: float, text: str, size: float, weight: int, token: str,
        *, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:  # fmt: skip
        painter.setFont(self._session.theme.font(size, weight))
        painter.setPen(self._session.theme.color(token))
        y = CLIP_PX + self.picture_px + self._session.theme.room(round(y))
        shown = elide(painter.fontMetrics(), text, cut, self.width() - 20)
        draw_words(
            painter,
            QRectF(11, y, self.width() - 20, self._session.theme.room(20)),
            Qt.AlignmentFlag.AlignVCenter,
            shown,
        )

    def _pill(self, painter: QPainter, text: str) -> None:
        theme = self._session.theme
        painter.setFont(theme.font(11, 500))
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        box = QRectF(self.width() - width - 9, CLIP_PX + self.picture_px + theme.room(51), width, theme.room(18))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("errbg"))
        painter.drawRoundedRect(box, 9, 9)
        painter.setPen(theme.color("err"))
        draw_words(painter, box, Qt.AlignmentFlag.AlignCenter, text)


class DropCard(HangingCard):
    """The empty place on the rail."""

    def __init__(self, session: "Desk", book: CommandBook) -> None:
        super().__init__(session)
        self.setAccessibleName("Drop a folder or files here, or press Enter to choose a folder")
        self.clicked.connect(lambda: book.run("file.open_folder"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._session.theme
        self.paint_ground(painter, dashed=True)
        pixmap = self._session.icons.pixmap("plus", "mid", 28, self.devicePixelRatioF())
        above = max(12, self.height() // 2 - 42)
        painter.drawPixmap(self.width() // 2 - 14, above, pixmap)
        y = above + 38.0
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        for text, size, token in (
            ("Drop a folder or files here", 13, "mid"), ("DICOM, NIfTI, pictures, ZIP", 12, "low"),
        ):  # fmt: skip
            painter.setFont(theme.font(size))
            painter.setPen(theme.color(token))
            room = QRectF(6, y, self.width() - 12, self.height() - y)
            draw_words(painter, room, flags, text)
            y = painter.boundingRect(room, flags, text).bottom()
        painter.end()


class LinkButton(Card):
    """A command as a link in the page's foot."""

    def __init__(self, session: "Desk", book: CommandBook, command_id: str, text: str) -> None:
        super().__init__(session)
        self._row, self._text = book.row(command_id), text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_name(self, text)
        self.clicked.connect(lambda: book.run(command_id))

    def sizeHint(self) -> QSize:
        theme = self._session.theme
        key = key_text(self._row.shortcuts[0]) if self._row.shortcuts else ""
        from PySide6.QtGui import QFontMetricsF

        width = 16 + 8 + QFontMetricsF(theme.font(13, 500)).horizontalAdvance(self._text) + 8
        return QSize(round(width + (chip_width(key, theme) + 6 if key else 0)), theme.room(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._session.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(
            2, self.height() // 2 - 8, self._session.icons.pixmap(self._row.icon, "acc", 16, self.devicePixelRatioF())
        )
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.color("acc"))
        width = painter.fontMetrics().horizontalAdvance(self._text)
        draw_words(painter, QRectF(24, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)
        if self._row.shortcuts:
            paint_chip(
                painter, 24 + width + 8, self.height() / 2, key_text(self._row.shortcuts[0]), theme, theme.color("mid")
            )
        if self.hasFocus():
            painter.setPen(QPen(theme.color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


def when(iso: str) -> str:
    """A time as people say it: "Today 10:31", "Yesterday", "9 March"."""
    try:
        moment = dt.datetime.fromisoformat(iso)
    except ValueError:
        return ""
    days = (dt.datetime.now().date() - moment.date()).days
    if days == 0:
        return f"Today {moment:%H:%M}"
    if days == 1:
        return "Yesterday"
    return f"{moment.day} {moment:%B}" + (f" {moment.year}" if days > 330 else "")
