"""Rows of words in columns, for the cards: captions at the left, what they are of beside them."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_text

MOST_LETTERS = 30  # of a cell in the middle, about: what is longer is wrapped


class _Cell(Paragraph):
    """As wide as its words and no wider than a figure with its interval: the last column explains, and needs room."""

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        metrics = self.fontMetrics()
        most = MOST_LETTERS * metrics.averageCharWidth()
        own = metrics.horizontalAdvance(self.text()) + 2
        return QSize(max(super().sizeHint().width(), min(own, most)), super().sizeHint().height())


class Rows(QWidget):
    """columns: of each row; the last one has the room that is left, those between wrap what is long."""

    def __init__(self, columns: int = 2) -> None:
        super().__init__()
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(columns - 1, 1)
        self._made: list[list[QLabel]] = []
        self._said: list[tuple[str, ...]] = []

    @property
    def said(self) -> list[tuple[str, ...]]:
        """What stands there."""
        return self._said

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Show these; labels that are there already say something else."""
        if list(rows) == self._said:
            return
        self._said = list(rows)
        while len(self._made) < len(rows):
            self._made.append(self._make(len(self._made)))
        for place, labels in enumerate(self._made):
            cells = rows[place] if place < len(rows) else ()
            for column, label in enumerate(labels):
                set_text(label, cells[column] if column < len(cells) else "")
                label.setVisible(place < len(rows))

    def _make(self, row: int) -> list[QLabel]:
        labels: list[QLabel] = [text_label("", "rowlow")]
        labels += [_Cell("row") for _ in range(self._columns - 2)]
        labels.append(Paragraph("row"))
        for column, label in enumerate(labels):
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(label, row, column)
        return labels


def first_up(words: str) -> str:
    """With a capital letter, as a row begins."""
    return words[:1].upper() + words[1:]
