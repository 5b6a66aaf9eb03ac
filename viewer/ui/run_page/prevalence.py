"""What an answer is worth among the reader's own patients: predictive values at a prevalence that is typed."""

from math import isnan
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit

from viewer.core.deciding import predictive_values
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choices, set_field, set_name, set_text, set_tip, tell_choice
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.judged import Matrix

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

FIELD_PX = 90
ASSUMED = (
    "Sensitivity and specificity are those of the judged cases, so the same mix of cases, with it and without it, is "
    "assumed. No interval is worked out here: an evaluation from the command line gives them for a prevalence."
)
KEPT = "prevalence_percent"


class PrevalenceCard(Card):
    """Seen once there is a report whose answers are labels."""

    title = "Among your own patients"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._matrix: Matrix | None = None
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label("Of 100 patients", "second"))
        self.percent = QLineEdit()
        self.percent.setFixedWidth(FIELD_PX)
        set_name(self.percent, "Patients of 100 who have it")
        set_tip(self.percent, "The prevalence where the model is to be used, in percent: 5, or 0.5")
        row.addWidget(self.percent)
        row.addWidget(text_label("have", "second"))
        self.label = ChoiceBox()
        self.label.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        set_name(self.label, "What they have")
        row.addWidget(self.label)
        row.addStretch(1)
        self.body.addLayout(row)
        self.problem = Paragraph("err")
        self.problem.hide()
        self.body.addWidget(self.problem)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        self.lines = []
        for place in range(3):
            words, value = Paragraph("second"), Paragraph("strong")  # a page may be narrow
            grid.addWidget(words, place, 0)
            grid.addWidget(value, place, 1)
            self.lines.append((words, value))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.assumed = Paragraph("caption")
        set_text(self.assumed, ASSUMED)
        self.body.addWidget(self.assumed)
        self.percent.textChanged.connect(lambda _: self._show())
        self.percent.editingFinished.connect(self._keep)
        self.label.currentIndexChanged.connect(lambda _: self._on_label())

    def tell(self, told: Told) -> None:
        """The matrix of the report; what was typed stays."""
        matrix = None if told.facts is None else told.facts.matrix
        if matrix is not None and matrix.numbers:  # boxes and pixels have no prevalence among patients
            matrix = None
        self.setVisible(matrix is not None)
        if matrix is None or matrix is self._matrix:  # compared, ten thousand cases took 30 ms
            return
        before, self._matrix = self.label.currentText(), matrix
        self.label.blockSignals(True)
        self.label.clear()
        add_choices(self.label, matrix.rows)
        # Of two that exclude each other the second is the one that is asked for, as in the report.
        second = len(matrix.rows) == 2 and matrix.rows == matrix.columns
        kept = matrix.rows.index(before) if before in matrix.rows else int(second)
        self.label.setCurrentIndex(kept)
        self.label.blockSignals(False)
        tell_choice(self.label)
        if not self.percent.text():
            set_field(self.percent, self._session.settings.word(KEPT, "") or _percent(self._here()))
        self._show()

    def _on_label(self) -> None:
        tell_choice(self.label)
        self._show()

    def _keep(self) -> None:
        if self._prevalence() is not None:
            self._session.settings.set_word(KEPT, self.percent.text().strip())

    def _here(self) -> float:
        """The share of the judged cases that have it."""
        if self._matrix is None:
            return float("nan")
        _, there, _, absent = ways(self._matrix, max(0, self.label.currentIndex()))
        return there / (there + absent) if there + absent else float("nan")

    def _prevalence(self) -> float | None:
        try:
            share = float(self.percent.text().strip().rstrip("%").replace(",", ".")) / 100
        except ValueError:
            return None
        return share if 0 < share < 1 else None

    def _show(self) -> None:
        matrix, prevalence = self._matrix, self._prevalence()
        if matrix is None:
            return
        bad = prevalence is None
        said = f"A prevalence lies between 0 and 100 %, not at {self.percent.text().strip()!r}: write for example 5."
        set_text(self.problem, said if bad else "")
        self.problem.setVisible(bad)
        label = self.label.currentText()
        found, there, spared, absent = ways(matrix, max(0, self.label.currentIndex()))
        nan = float("nan")
        sensitivity, specificity = found / there if there else nan, spared / absent if absent else nan
        right, clear = (nan, nan) if prevalence is None else predictive_values(sensitivity, specificity, prevalence)
        here = self._here()
        right_here, clear_here = predictive_values(sensitivity, specificity, here)
        told = (
            (f"Answered {label}, and it is (PPV)", _beside(right, right_here)),
            ("Answered otherwise, and it is not (NPV)", _beside(clear, clear_here)),
            ("Sensitivity, specificity",
             f"{_percent(sensitivity)} % ({found} of {there}), {_percent(specificity)} % ({spared} of {absent}); "
             f"{_percent(here)} % of these cases have it"),
        )  # fmt: skip
        for (words, value), (said, figure) in zip(self.lines, told, strict=True):
            set_text(words, said)
            set_text(value, figure.replace("– %", "not defined"))


def ways(matrix: Matrix, row: int) -> tuple[int, int, int, int]:
    """(found, there, rightly left out, absent) of one label, as its matrix counts them."""
    if matrix.rows == matrix.columns:
        every = range(len(matrix.rows))
        there = sum(matrix.count(row, column) for column in every)
        said = sum(matrix.count(other, row) for other in every)
        total = sum(matrix.count(one, other) for one in every for other in every)
        found = matrix.count(row, row)
        return found, there, total - there - (said - found), total - there
    found, missed, false, neither = (matrix.count(row, column) for column in range(4))
    return found, found + missed, neither, neither + false


def _beside(share: float, here: float) -> str:
    """Of one's own patients, and of the judged cases: once where that is the same."""
    own, judged = _percent(share), _percent(here)
    return f"{own} %, as in these cases" if own == judged and own != "–" else f"{own} % · {judged} % in these cases"


def _percent(share: float) -> str:
    return "–" if isnan(share) else f"{100 * share:.3g}"
