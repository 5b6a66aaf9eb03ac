"""Give films their patient ids by a rule on their names: what it would give is shown while it is typed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_name, set_text, tree_row
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.edit_gate import Then

if TYPE_CHECKING:
    from viewer.project.giving_patients import PatientPlan
    from viewer.ui.flows.desk import Desk

DELAY_MS = 200
MOST_ROWS = 500
FIRST_RULE = "{patient}_{view}"
WHAT = (
    "Films of one patient must not stand in training and test at once. A rule on the file names says whose they are; "
    "without one, each film counts as a patient of its own. Snapshots that were made stay as they are."
)
WIDE_PX, HIGH_PX = 560, 460  # with larger text it comes larger: a rule is judged by several films


class PatientsDialog(BoundedDialog):
    """A rule, what it gives for every film, and how many patients that makes."""

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked = 0
        self.plan: PatientPlan | None = None
        self.setWindowTitle("Patient ids from file names")
        self.setMinimumSize(WIDE_PX, HIGH_PX)
        self.resize(session.theme.room(WIDE_PX), session.theme.room(HIGH_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        what = Paragraph("second")
        set_text(what, WHAT)
        column.addWidget(what)
        self._build_rule(column)
        self._build_preview(column)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._look)
        self.rule.textChanged.connect(self._wait)
        self.kind.currentIndexChanged.connect(self._wait)
        self.replace_given.toggled.connect(self._wait)
        self.rule.setFocus()
        self.rule.selectAll()
        self._wait()

    def _build_rule(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        self.kind = ChoiceBox()
        add_choice(self.kind, "Pattern", "pattern")
        add_choice(self.kind, "Regular expression", "expression")
        set_name(self.kind, "Kind of rule")
        self.rule = QLineEdit()
        set_field(self.rule, FIRST_RULE)
        set_name(self.rule, "Rule on the name")
        row.addWidget(self.kind)
        row.addWidget(self.rule, 1)
        column.addLayout(row)
        self.hint = text_label("", "caption", wrap=True)
        column.addWidget(self.hint)
        self.replace_given = QCheckBox("Also replace patient ids that images have")
        column.addWidget(self.replace_given)

    def _build_preview(self, column: QVBoxLayout) -> None:
        self.list = QTreeWidget()
        self.list.setHeaderLabels(("Name", "Patient"))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("What the rule gives")
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        column.addWidget(self.list, 1)
        self.words = Paragraph("second")
        column.addWidget(self.words)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, self._session.icons))
        self.give = KeyButton(self._session.icons, "Give", key="Return", icon="accept", kind="primary")
        self.give.setDefault(True)
        self.give.clicked.connect(self._on_give)
        buttons.addWidget(self.give)
        column.addLayout(buttons)

    def _wait(self, *_: object) -> None:
        """Nothing can be given by a rule that is being typed."""
        expression = self.kind.currentData() == "expression"
        set_text(
            self.hint,
            "Its first group is the patient id, such as ^([^_]+)_. With a / in it, the folder's name comes first."
            if expression
            else "The name without its ending: {patient}_{view} takes what stands before the first _; {patient}/{view} "
            "the folder's name.",
        )
        self._asked += 1
        self.plan = None
        self.give.setEnabled(False)
        self._timer.start()

    def _look(self) -> None:
        project, asked = self._session.project, self._asked
        if project is None:
            return
        rule, replace_given = self.rule.text().strip(), self.replace_given.isChecked()
        expression = rule if self.kind.currentData() == "expression" else ""

        def work() -> "PatientPlan":
            from viewer.project.giving_patients import plan_patients

            pattern = "" if expression else rule
            return plan_patients(project, pattern=pattern, expression=expression, replace_given=replace_given)

        def done(plan: "PatientPlan") -> None:
            if asked == self._asked:
                self._show(plan)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self.list.clear()
                self._say(str(error) if isinstance(error, AppError) else "This rule cannot be tried.", "err")

        self._session.run_in_background(work, done, failed, owner=self)

    def _show(self, plan: "PatientPlan") -> None:
        self.plan = plan
        self.list.clear()
        for film in plan.films[:MOST_ROWS]:
            patient = f"{film.kept} (stays)" if film.kept else film.patient or "none"
            tree_row(self.list, (film.name, patient))
        more = len(plan.films) - MOST_ROWS
        if more > 0:
            tree_row(self.list, (f"and {counted(more, 'image')} more", ""))
        self._say(plan.sentence, "second")
        self.give.setEnabled(plan.edit is not None)

    def _say(self, sentence: str, role: str) -> None:
        self.words.setProperty("role", role)
        self.words.style().polish(self.words)
        set_text(self.words, sentence)

    def _on_give(self) -> None:
        plan, session = self.plan, self._session
        if plan is None or plan.edit is None:
            return
        session.edits.wait()
        words = f"{plan.sentence} Ctrl+Z takes it back."

        def kept() -> None:
            self.accept()
            announce_until(session, "info", words, session.work_changed, session.project_opened)

        session.edits.do(plan.edit, lambda edit: edit, then=Then(kept=kept))
