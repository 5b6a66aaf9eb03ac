"""The row that says what a data set takes of several readings of a case; hidden where there is one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.core.errors import UnknownName
from viewer.project.combining import AGREED, READER, RULES, rule_words, settled_words
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.on_screen import show_inside
from viewer.ui.look.plain_text import add_choice, set_name, set_text, tell_choice

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

TITLE = "Of several readings take"


class ReadingsRule(QWidget):
    """A choice of the rules of `combining.RULES`, and of each reader."""

    rule_changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._readings = session.readings
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label(TITLE, "second"))
        self.box = ChoiceBox()
        set_name(self.box, TITLE)
        self.box.currentIndexChanged.connect(self._on_chosen)
        row.addWidget(self.box)
        row.addStretch(1)
        column.addLayout(row)
        self.words = Paragraph("caption")
        column.addWidget(self.words)
        self._fill(AGREED)
        self._readings.changed.connect(self._on_readers_changed)

    @property
    def rule(self) -> str:
        """The chosen rule, as a task has it."""
        return str(self.box.currentData() or AGREED)

    def choose(self, rule: str) -> None:
        """Choose the rule of a task; one that is not offered any more is offered for it."""
        self._fill(rule)

    def _on_readers_changed(self) -> None:
        self._fill(self.rule)

    def _fill(self, chosen: str) -> None:
        rules = [*RULES, *(f"{READER}{name}" for name in self._readings.readers)]
        rules = list(dict.fromkeys([*rules, chosen]))
        with QSignalBlocker(self.box):
            self.box.clear()
            for rule in rules:
                add_choice(self.box, readings_words(rule), rule)
            self.box.setCurrentIndex(rules.index(chosen))
        self._say()
        show_inside(self, on=self._readings.several or chosen != AGREED)

    def _on_chosen(self) -> None:
        self._say()
        self.rule_changed.emit()

    def _say(self) -> None:
        tell_choice(self.box)
        words = settled_words(self.rule)
        set_text(self.words, words)
        show_inside(self.words, on=bool(words))


def readings_words(rule: str) -> str:
    """A rule in words; one that this program does not know as it stands."""
    try:
        return rule_words(rule)
    except UnknownName:
        return rule
