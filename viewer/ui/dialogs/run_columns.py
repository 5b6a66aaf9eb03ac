"""Which columns the table of runs has."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import button_text, set_name, set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

IN_A_ROW = 2


class RunColumnsDialog(BoundedDialog):
    """A mark for each column; `then` gets the names of those that are wanted. The run itself is always shown."""

    def __init__(
        self, session: "Desk", shown: Sequence[str], then: Callable[[list[str]], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        from viewer.jobs.run_columns import COLUMNS

        self._then = then
        self.setWindowTitle("Columns of the table of runs")
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        host = QWidget()
        grid = QGridLayout(host)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        self.marks: dict[str, QCheckBox] = {}
        self._usual = [one.name for one in COLUMNS if one.shown]
        for words, settings in (("Of the run", False), ("Settings of its recipe", True)):
            grid.addWidget(text_label(words, "strong"), grid.rowCount(), 0, 1, IN_A_ROW)
            first = grid.rowCount()
            listed = [one for one in COLUMNS if one.setting is settings and one.name != "name"]
            for place, one in enumerate(listed):
                mark = self.marks[one.name] = QCheckBox(button_text(one.title))
                set_name(mark, one.title)
                set_tip(mark, one.meaning)
                mark.setChecked(one.name in shown)
                grid.addWidget(mark, first + place // IN_A_ROW, place % IN_A_ROW)
        column.addWidget(Body(host), 1)
        buttons = QHBoxLayout()
        self.usual = KeyButton(session.icons, "As at first")
        self.usual.setAutoDefault(False)
        self.usual.clicked.connect(self._on_usual)
        buttons.addWidget(self.usual)
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.keep = KeyButton(session.icons, "Show these", key="Return", icon="accept", kind="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._on_keep)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)

    def _on_usual(self) -> None:
        for name, mark in self.marks.items():
            mark.setChecked(name in self._usual)

    def _on_keep(self) -> None:
        names = ["name", *(name for name, mark in self.marks.items() if mark.isChecked())]
        self.accept()
        self._then(names)
