"""The welcome page: what to do, what to open, and the lit rail that recent studies hang from."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.commands.book import CommandBook
from viewer.ui.look.chips import IconLabel, separator, text_label
from viewer.ui.state.settings import Recent
from viewer.ui.window.welcome_cards import Card, CommandCard, DropCard, HangingCard, RecentCard

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

_TO_CARDS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter,
)  # fmt: skip
PAGE_PX = 1320
CARD_PX = 272  # four cards of text at 100 % beside each other; with less room there are two in a row
LOW_PX = 800  # of the page, at 100 % of text: with less the gaps and the films are lower
GAPS_PX, LOW_GAPS_PX = (40, 36, 32, 32), (22, 20, 18, 18)  # above the head, the tasks, what opens, what is recent
FILM_PX, LOW_FILM_PX = 214, 112
NOTICE = "Research software. Heatmaps show influence on a score, not the location of disease."
CARDS = 5
TUBE_PX = 3  # of the rail's light, and from its top edge


class Rail(QWidget):
    """The lit rail of the light box. The only light in this program, and nowhere else."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.setFixedHeight(12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width, tube = self.width(), QRectF(0, TUBE_PX, self.width(), TUBE_PX)
        if self._session.theme.name == "dark":  # it lights what hangs from it
            glow = QLinearGradient(0, TUBE_PX, 0, self.height())
            glow.setColorAt(0, QColor(235, 245, 255, 110))
            glow.setColorAt(1, QColor(235, 245, 255, 0))
            painter.fillRect(QRectF(0, TUBE_PX, width, self.height() - TUBE_PX), glow)
            painter.setBrush(Qt.GlobalColor.white)
        else:  # by day it is off, and one with the clips; a white line in a grey frame looks like an empty field
            painter.setBrush(self._session.theme.color("line2"))
        painter.drawRoundedRect(tube, 1.5, 1.5)
        painter.end()


class WelcomePage(QScrollArea):
    """Usable with the keyboard alone: Tab goes through the cards, arrows along a row, Enter opens."""

    def __init__(self, session: "Desk", book: CommandBook) -> None:
        super().__init__()
        self._session, self._book = session, book
        self._rows: list[tuple[QGridLayout, list[CommandCard]]] = []
        self._films: list[HangingCard] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setProperty("surface", "win")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(40, 0, 40, 0)
        holder = QWidget()
        holder.setMaximumWidth(PAGE_PX)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        outer.addWidget(holder)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._column, self._gaps = column, [QSpacerItem(0, high_px) for high_px in GAPS_PX]
        top, below_head, below_tasks, below_open = self._gaps
        column.addSpacerItem(top)
        head = QWidget()
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        head.setLayout(self._head())
        column.addWidget(head)
        column.addSpacerItem(below_head)
        column.addWidget(text_label("What do you want to do?", "section"))
        column.addSpacing(12)
        column.addLayout(self._cards(("view.read", "view.annotate", "view.train", "view.review"), tall=True))
        column.addSpacerItem(below_tasks)
        column.addWidget(text_label("Open", "section"))
        column.addSpacing(12)
        column.addLayout(
            self._cards(("file.open_folder", "file.open_files", "file.open_sample", "file.open_project"), tall=False)
        )
        column.addSpacerItem(below_open)
        self._build_recent(column)
        column.addStretch(1)
        column.addSpacing(24)
        column.addWidget(separator())
        column.addLayout(self._foot())
        self.setWidget(page)
        session.names_hidden_changed.connect(lambda _: self.show_recent())
        session.theme_changed.connect(lambda _: self._lay_cards())

    def _build_recent(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.addWidget(text_label("Recent", "section"))
        row.addStretch(1)
        self._hint = text_label("Arrow keys choose, Enter opens", "rowlow")
        row.addWidget(self._hint)
        column.addLayout(row)
        column.addSpacing(12)
        self.rail = Rail(self._session)
        column.addWidget(self.rail)
        self._recent = QGridLayout()
        self._recent.setSpacing(16)
        column.addLayout(self._recent)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        self._picture = IconLabel(self._session.icons, "app", "hi", 48)
        row.addWidget(self._picture)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text_label("Negatoscope", "welcome"))
        words.addWidget(text_label("Read, annotate, train and review, on your own computer.", "second", wrap=True))
        row.addLayout(words, 1)
        facts = QVBoxLayout()
        facts.setSpacing(4)
        facts.addStretch(1)
        for icon, text in (("device", computer_line()), ("lock", "Nothing leaves this computer")):
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addStretch(1)
            line.addWidget(IconLabel(self._session.icons, icon))
            line.addWidget(text_label(text, "rowmid"))
            facts.addLayout(line)
        facts.addStretch(1)
        row.addLayout(facts)
        return row

    def _cards(self, command_ids: tuple[str, ...], *, tall: bool) -> QGridLayout:
        row = QGridLayout()
        row.setSpacing(16)
        cards = [CommandCard(self._session, self._book, one, tall=tall) for one in command_ids]
        for card in cards:
            card.step.connect(lambda step, card=card, cards=cards: _focus_step(cards, card, step))
        self._rows.append((row, cards))
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_cards()

    def _lay_cards(self) -> None:
        """Four cards in a row, or two where larger text or a smaller window leaves too little for their words."""
        width = min(PAGE_PX, self.viewport().width() - 80)
        broad = width >= 4 * self._session.theme.px(CARD_PX) + 48
        for row, cards in self._rows:
            _lay(row, cards, 4 if broad else 2)
        _lay(self._recent, self._films, CARDS + 1 if broad else (CARDS + 1) // 2)
        # In a low window all moves together, so that what hangs from the rail is seen with its name.
        low = self.viewport().height() < self._session.theme.px(LOW_PX)
        for gap, high_px in zip(self._gaps, LOW_GAPS_PX if low else GAPS_PX, strict=True):
            gap.changeSize(0, high_px)
        self._column.invalidate()
        for film in self._films:
            film.hang(LOW_FILM_PX if low else FILM_PX)

    def _foot(self) -> QHBoxLayout:
        from viewer.ui.window.welcome_cards import LinkButton

        row = QHBoxLayout()
        row.setContentsMargins(0, 18, 0, 18)
        row.setSpacing(8)
        row.addWidget(IconLabel(self._session.icons, "info", "hi"))
        row.addWidget(text_label("Not a diagnosis.", "strong"))
        row.addWidget(text_label(NOTICE, "second", wrap=True), 1)
        row.addWidget(LinkButton(self._session, self._book, "help.keys", "All keys"))
        row.addSpacing(8)
        row.addWidget(LinkButton(self._session, self._book, "help.about", "About"))
        return row

    def show_recent(self) -> None:
        """Hang what was opened lately from the rail."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        entries = self._session.settings.recent[:CARDS]
        films = [RecentCard(self._session, entry) for entry in entries]
        for film in films:
            film.opened.connect(self._on_opened)
        cards: list[HangingCard] = [*films, DropCard(self._session, self._book)]
        for card in cards:
            card.step.connect(lambda step, card=card: _focus_step(cards, card, step))
        self._films = cards
        self._lay_cards()
        self._hint.setVisible(bool(entries))
        self.rail.setVisible(bool(entries))  # with nothing hung from it, a lit bar reads as progress that stands still

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The page itself has the focus when it comes: an arrow or Enter goes to the first of its cards."""
        if event.key() in _TO_CARDS:
            (self._films if self._hint.isVisible() else self._rows[0][1])[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _on_opened(self, entry: Recent) -> None:
        path = Path(entry.path)
        if not path.exists():
            self._session.settings.forget_recent(entry.path)
            named = "The study" if self._session.names_hidden and entry.kind == "study" else path
            self._session.opening.tell("warn", f"{named} is no longer there; it was taken off the list.")
            self.show_recent()
            return
        self._session.open_paths([path])


def _lay(grid: QGridLayout, cards: "Sequence[Card]", columns: int) -> None:
    for place, card in enumerate(cards):
        row, column = divmod(place, columns)
        there = grid.itemAtPosition(row, column)
        if there is None or there.widget() is not card:
            grid.addWidget(card, row, column)
    for place in range(max(columns, grid.columnCount())):
        grid.setColumnStretch(place, 1 if place < columns else 0)


def _focus_step(cards: "Sequence[Card]", card: Card, step: int) -> None:
    cards[(cards.index(card) + step) % len(cards)].setFocus(Qt.FocusReason.TabFocusReason)


def computer_line() -> str:
    """What this computer has to offer, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"CPU, {cores} core{'s' if cores != 1 else ''} · {_memory_bytes() / 1024**3:.1f} GiB"


def _memory_bytes() -> int:
    """What this computer has; asked of the system itself where it can be, for psutil delays the first paint."""
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    import psutil

    return int(psutil.virtual_memory().total)
