"""What is said of a finished run's report: to be asked for, on its way, refused, or to be opened."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from viewer.ui.flows.run_words import REPORT_ASKED, REPORT_STOPPED, report_words
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

SEEN_ERROR = "SeenInTraining"  # the class of the refusal of cases that the model has seen
EVALUATE, AGAIN, ANYWAY, OPEN = (
    "Evaluate on the test part",
    "Evaluate again",
    "Evaluate anyway",
    "Open the whole report",
)


def hold_focus(host: QWidget, buttons: "Sequence[QWidget]") -> None:
    """The focus of a button that may go now: left to itself it goes to what is next, and the panel scrolls there."""
    if any(button.hasFocus() for button in buttons):
        host.setFocus()


class ReportStrip(QWidget):
    """One sentence, a bar while it works, and what can be done now. Shown for finished runs."""

    evaluate_asked = Signal(bool)  # whether seen cases are judged too
    cancel_asked = Signal()
    open_asked = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        icons = session.icons
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        self.refusal = QFrame()
        self.refusal.setProperty("surface", "err")
        within = QVBoxLayout(self.refusal)
        within.setContentsMargins(10, 6, 10, 6)
        self.refusal_words = Paragraph("err")
        within.addWidget(self.refusal_words)
        self.words = Paragraph("second")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How much of the report is done")
        self.evaluate = KeyButton(icons, EVALUATE, icon="play")
        self.anyway = KeyButton(icons, ANYWAY, icon="warning")
        self.anyway.setToolTip("Every line of the report will say that the model has seen these cases")
        self.cancel = KeyButton(icons, "Cancel", icon="stop")
        self.open = KeyButton(icons, OPEN, icon="report")
        for widget in (self.refusal, self.words, self.bar):
            inner.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.open, self.evaluate, self.anyway, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inner.addLayout(buttons)
        self.evaluate.clicked.connect(lambda: self.evaluate_asked.emit(False))
        self.anyway.clicked.connect(lambda: self.evaluate_asked.emit(True))
        self.cancel.clicked.connect(self.cancel_asked)
        self.open.clicked.connect(self.open_asked)

    def show_run(self, run: "RunState") -> None:
        """Say how it is with this run's report."""
        self.setVisible(run.state == "finished")
        self.show_report(run.report, seal=f"The test part: {run.opened}." if run.opened else "")

    def show_report(self, report: "RunState | None", *, seal: str = "") -> None:
        """Say how it is with a report. seal: what is said of its test part."""
        state = "" if report is None else str(report.state)
        failed = report is not None and state == "failed"
        hold_focus(self, (self.evaluate, self.anyway, self.cancel, self.open))
        self.refusal.setVisible(failed)
        set_text(self.refusal_words, report.error if report is not None and failed else "")
        words = " ".join(filter(None, (report_words(report), seal)))
        self.words.setVisible(bool(words))
        set_text(self.words, words)
        self.bar.setVisible(state in REPORT_ASKED)
        steps = 0 if report is None else report.steps
        # Without a number Qt's bar moves to and fro, which says only that something is done.
        self.bar.setRange(0, steps if state == "running" else 1)
        self.bar.setValue(report.step if report is not None and state == "running" else 0)
        self.evaluate.setVisible(report is None or state in REPORT_STOPPED)
        self.evaluate.set_words(EVALUATE if report is None else AGAIN)
        self.anyway.setVisible(report is not None and failed and report.error_kind == SEEN_ERROR)
        self.cancel.setVisible(state in REPORT_ASKED)
        self.open.setVisible(state == "finished")
