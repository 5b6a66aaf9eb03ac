"""The fields of an import's or export's options, each from its row, and the columns that a table has."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.exchange.options import YES
from viewer.ui.look.chips import ElidedLabel, Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_hint, set_name, set_text, set_tip

if TYPE_CHECKING:
    from viewer.exchange.options import Option

_OPTION = re.compile(r"--([a-z][a-z-]*)(?: ([^\s,;)]+)|)")  # with the word that follows it
_VALUE = re.compile(r"[-+]?\d.*|#.*|.*=.*|[A-Z]+")  # what is no word of a sentence
_ONE_VALUE = re.compile(r"--([a-z][a-z-]*) (\S.*)")
Field = QCheckBox | QComboBox | QLineEdit
SEPARATOR = ";"
ROW_GAP_PX = 6


def columns_of(path: Path) -> list[str]:
    """The names in a table's first line; none when it is no table, or cannot be read."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            header = stream.readline(100_000)
        return next(iter(csv.reader([header], delimiter=max(",;\t", key=header.count))), [])
    except (OSError, csv.Error):
        return []


class OptionFields(QWidget):
    """A field for each option of a format, from its row. Where some of them lead, the others are folded away; what is
    set among those opens the fold, and is said beside it. changed: a person changed one. folded: the fold moved."""

    changed = Signal()
    folded = Signal()

    def __init__(self, options: "tuple[Option, ...]") -> None:
        super().__init__()
        self._fields: dict[str, Field] = {}
        self._options = {option.name: option for option in options}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ROW_GAP_PX)
        leading = tuple(option for option in options if option.leads)
        self._behind = tuple(option for option in options if leading and not option.leads)
        self._labels: tuple[list[QLabel], list[QLabel]] = [], []  # of the first column and of the second
        self._grid = self._laid(leading or options)
        column.addLayout(self._grid)
        for note in (option.note for option in options if option.note):
            about = Paragraph("caption")
            set_text(about, note)
            column.addWidget(about)
        self.more = QPushButton()
        self.more.setProperty("kind", "link")
        self.more.setCheckable(True)
        self.set_words = ElidedLabel("caption")
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.more)
        line.addWidget(self.set_words, 1)
        column.addLayout(line)
        self._fold = QWidget()
        below = self._laid(self._behind)
        below.setContentsMargins(0, 0, 0, 0)
        self._grids = (self._grid, below)
        self._fold.setLayout(below)
        column.addWidget(self._fold)
        column.addStretch(1)
        for part in (self.more, self.set_words):
            part.setVisible(bool(self._behind))
        self._fold.hide()
        self.more.toggled.connect(self._on_more)
        self.changed.connect(self._say_what_is_set)
        self._on_more(open_=False)

    def _on_more(self, open_: bool) -> None:  # noqa: FBT001  # Qt's own signature
        self._fold.setVisible(open_)
        set_text(self.more, "Fewer settings" if open_ else f"More settings ({len(self._behind)})")
        self.folded.emit()

    def _say_what_is_set(self) -> None:
        given = self.given()
        said = [f"{option.title}: {', '.join(given[option.name])}" for option in self._behind if given[option.name]]
        before, words = self.set_words.text(), f"Set: {'; '.join(said)}" if said else ""
        set_text(self.set_words, words)
        set_tip(self.set_words, words)
        if words and not before:
            self.more.setChecked(True)

    def _laid(self, options: "tuple[Option, ...]") -> QGridLayout:
        """The fields of options, two in a row; a wide one has a row of its own."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(ROW_GAP_PX)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        place = 0
        for option in options:
            wide = bool(option.roles)
            place += place % 2 if wide else 0
            row, column = divmod(place, 2)
            field = self._field(option)
            label = text_label(option.title, "rowmid")
            set_tip(label, option.help)
            self._labels[column].append(label)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1, 1, 3 if wide else 1)
            place += 2 if wide else 1
        return grid

    def _field(self, option: "Option") -> Field:
        field: Field
        hint = option.hint
        if option.flag:
            field = QCheckBox()
            field.toggled.connect(lambda _: self.changed.emit())
        elif option.choices:
            field = ChoiceBox()
            add_choice(field, option.unsaid, "")
            for choice in option.choices:
                add_choice(field, choice, choice)
            field.currentIndexChanged.connect(lambda _: self.changed.emit())
        else:
            field = QLineEdit()
            if option.roles:
                hint = "recognised by their names; or image=path, patient=group_id, label=label"
            elif option.several:
                hint = f"one, or several with {SEPARATOR}"
            set_hint(field, hint)
            field.textChanged.connect(lambda _: self.changed.emit())
        set_name(field, option.title)
        set_tip(field, f"{option.help}\n{hint}" if hint else option.help)  # the hint is longer than many a field
        self._fields[option.name] = field
        return field

    def field(self, name: str) -> Field:
        """The field of one option."""
        return self._fields[name]

    def take(self, given: Mapping[str, Sequence[str]]) -> None:
        """Fill in what was said of another format, where this one has the option too."""
        for name, values in given.items():
            match self._fields.get(name):
                case QCheckBox() as box:
                    box.setChecked(bool(values))
                case QComboBox() as choice:
                    choice.setCurrentIndex(max(0, choice.findData("".join(values[:1]))))
                case QLineEdit() as line:
                    set_field(line, SEPARATOR.join(values))

    def words_of(self, text: str) -> str:
        """Options in a sentence as the fields call them: "--uncertain -1" is the field "Means uncertain" with -1."""
        before = ""

        def words(found: re.Match[str]) -> str:
            nonlocal before
            option, value = self._options.get(found[1]), found[2] or ""
            if option is None:
                return found[0]
            said = value in option.choices or _VALUE.fullmatch(value) or text.startswith("--")
            if not value or not said:
                return f'"{option.title}"' + (f" {value}" if value else "")
            if value.isupper() and value in option.metavar:
                return option.title  # any: "FOLDER"
            again, before = before == option.title, option.title
            return value if again else f"{option.title}: {value}"

        return _OPTION.sub(words, text)

    def settling(self, text: str) -> tuple[str, str] | None:
        """The option and the value of what settles something ("--positive none"); None where a person must choose."""
        found = _ONE_VALUE.fullmatch(text)
        option = self._options.get(found[1]) if found else None
        value = found[2] if found else ""
        if option is None or option.roles or SEPARATOR in value or " --" in value or value == option.metavar:
            return None
        return (option.name, value) if not option.choices or value in option.choices else None

    def settle(self, name: str, value: str) -> None:
        """Say one more thing of an option, as a hand does it."""
        kept = self.given()[name] if self._options[name].several else []
        self.take({name: [*(one for one in kept if one != value), value]})

    def align(self, above: QGridLayout) -> None:
        """Let every field begin below those of the grid above, whether it is folded away or not."""
        first, second = (max(map(_wide_px, labels), default=0) for labels in self._labels)
        labels = [item.widget() for row in range(above.rowCount()) if (item := above.itemAtPosition(row, 0))]
        first = max([first, *(_wide_px(label) for label in labels if isinstance(label, QLabel))])
        above.setColumnMinimumWidth(0, first)
        for grid in self._grids:
            grid.setColumnMinimumWidth(0, first)
            grid.setColumnMinimumWidth(2, second)

    def minimumSizeHint(self) -> QSize:
        """As high as all that is not folded away: with less room it scrolls, for fields that give way a little move."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    @property
    def whole_px(self) -> int:
        """How high all is that is not folded away."""
        for part in self.findChildren(QWidget):
            part.ensurePolished()  # the style sheet's padding counts
        return self.sizeHint().height()

    def height_of(self, rows: int) -> int:
        """Of the first rows of fields, or of all where there are fewer, in pixels."""
        for field in self._fields.values():
            field.ensurePolished()  # the style sheet's padding counts
        heights = [field.sizeHint().height() for field in self._fields.values()]
        count = min(rows, self._grid.rowCount())
        return count * max(heights, default=0) + max(0, count - 1) * self._grid.verticalSpacing()

    def given(self) -> dict[str, list[str]]:
        """What was chosen or typed, by option."""
        said: dict[str, list[str]] = {}
        for name, field in self._fields.items():
            match field:
                case QCheckBox():
                    text = YES if field.isChecked() else ""
                case QComboBox():
                    text = str(field.currentData())
                case QLineEdit():
                    text = field.text().strip()
            several = self._options[name].several and not self._options[name].roles
            parts = text.split(SEPARATOR) if several else [text]
            said[name] = [part.strip() for part in parts if part.strip()]
        return said


def _wide_px(label: QLabel) -> int:
    label.ensurePolished()
    return label.sizeHint().width()
