"""The fields of an import's or export's options, each from its row, and the columns that a table has."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from viewer.exchange.options import YES
from viewer.ui.look.chips import text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_hint, set_name, set_tip

if TYPE_CHECKING:
    from viewer.exchange.options import Option

_OPTION = re.compile(r"--([a-z][a-z-]*)(?: ([^\s,;)]+)|)")  # with the word that follows it
_VALUE = re.compile(r"[-+]?\d.*|#.*|.*=.*|[A-Z]+")  # what is no word of a sentence
_ONE_VALUE = re.compile(r"--([a-z][a-z-]*) (\S.*)")
UNSAID = "not said"
Field = QCheckBox | QComboBox | QLineEdit
SEPARATOR = ";"


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
    """A field for each option of a format, from its row. changed: a person changed one."""

    changed = Signal()

    def __init__(self, options: "tuple[Option, ...]") -> None:
        super().__init__()
        self._fields: dict[str, Field] = {}
        self._options = {option.name: option for option in options}
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
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
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1, 1, 3 if wide else 1)
            place += 2 if wide else 1

    def _field(self, option: "Option") -> Field:
        field: Field
        hint = option.hint
        if option.flag:
            field = QCheckBox()
            field.toggled.connect(lambda _: self.changed.emit())
        elif option.choices:
            field = ChoiceBox()
            add_choice(field, UNSAID, "")
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
