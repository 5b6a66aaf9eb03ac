"""What a learning curve is to be: which parts of the training patients, how often each is trained, and the seed."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from ml.learning_curve.asked import (
    FEWEST_SIZES,
    FEWEST_TRAININGS,
    MOST_REPEATS,
    MOST_SEED,
    REPEATS,
    SHARES,
    CurveWish,
    shares_typed,
)
from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.question import question
from viewer.ui.flows.run_words import made_of, run_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_field, set_name, set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

MEANING = (
    "{} is trained on each part of its training patients and judged on the validation part. Each larger part holds the "
    "smaller ones. What is trained stays when it is stopped."
)
PARTS_TIP = "Parts of the training patients in percent, commas between: 10,20,40,70,100"
REPEATS_TIP = "Trainings of each part, with other patients and another seed: how far they lie apart is shown beside"


class LearningCurveDialog(BoundedDialog):
    """Return queues it; what cannot be asked for stands in the dialog, which stays."""

    def __init__(self, session: "Desk", run: "RunState", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._run = session, run
        set_title(self, "Learning curve")
        column, _ = question(self, "Would more labels help?", MEANING.format(f"{run_title(run)} ({made_of(run)})"))
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.parts, self.repeats, self.seed = QLineEdit(), QSpinBox(), QSpinBox()
        set_field(self.parts, ",".join(map(str, SHARES)))
        self.repeats.setRange(1, MOST_REPEATS)
        self.repeats.setValue(REPEATS)
        self.seed.setRange(0, MOST_SEED)
        self.seed.setValue(1)
        rows: tuple[tuple[str, str, QWidget], ...] = (
            ("Parts in %", PARTS_TIP, self.parts),
            ("Repeats", REPEATS_TIP, self.repeats),
            ("Seed", "The same seed draws the same patients", self.seed),
        )
        for words, tip, field in rows:
            set_name(field, words)
            set_tip(field, tip)
            label = text_label(words, "second")
            set_tip(label, tip)
            form.addRow(label, field)
        column.addLayout(form)
        self.cost, self.problem = Paragraph("caption"), Paragraph("err")
        column.addWidget(self.cost)
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.start = KeyButton(session.icons, "Start", key="Return", icon="play", kind="primary")
        self.start.setDefault(True)
        self.start.clicked.connect(self._on_start)
        buttons.addWidget(self.start)
        column.addLayout(buttons)
        self.parts.textChanged.connect(self._tell)
        self.repeats.valueChanged.connect(self._tell)
        self._tell()
        self.parts.setFocus()
        self.parts.selectAll()

    def wish(self) -> CurveWish:
        """What the fields say. Raises BadRequest."""
        return CurveWish(
            shares=shares_typed(self.parts.text()), repeats=self.repeats.value(), seed=self.seed.value()
        )  # fmt: skip

    def _tell(self, *_: object) -> None:
        """What it costs, or why it cannot be."""
        try:
            wish = self.wish()
        except AppError as error:
            set_text(self.problem, str(error))
            self.problem.show()
            self.cost.hide()
            self.start.setEnabled(False)
            return
        self.problem.hide()
        self.start.setEnabled(True)
        whole = sum(wish.shares) * wish.repeats / 100
        took = self._run.epochs
        each = f" of at most {counted(took, 'epoch')} each" if took else ""
        told = f"{counted(len(wish.trainings), 'training')}{each}: about as much as {whole:.3g} times the run itself."
        if len(wish.shares) < FEWEST_SIZES or len(wish.trainings) < FEWEST_TRAININGS:
            told += (
                f" What more labels would bring is only told of {FEWEST_SIZES} parts and {FEWEST_TRAININGS} trainings."
            )
        set_text(self.cost, told)
        self.cost.show()

    def _on_start(self) -> None:
        self.start.setEnabled(False)
        self._session.jobs.make_curve(self._run, self.wish(), asked=self.accept, failed=self._on_failed, owner=self)

    def _on_failed(self, error: Exception) -> None:
        self.start.setEnabled(True)
        set_text(self.problem, sentence_of(error))
        self.problem.show()
