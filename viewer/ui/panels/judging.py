"""What works beside runs, or waits to: reports, tests, learning curves, each with what it does and a way to stop it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from viewer.ui.flows.run_words import REPORT_ASKED, report_words, run_title
from viewer.ui.flows.side_tests import side_words
from viewer.ui.look.chips import ElidedLabel, Paragraph
from viewer.ui.look.plain_text import set_name, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton, SectionTitle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


class JudgingRow(QWidget):
    """One job: what it is and of which run, how far it is, and Cancel."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 10, 6)
        column.setSpacing(4)
        first = QHBoxLayout()
        first.setSpacing(8)
        self.title, self.words = ElidedLabel("strong"), Paragraph("second")
        self.cancel = KeyButton(session.icons, "Cancel", icon="stop", height_px=26)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        first.addWidget(self.title, 1)
        first.addWidget(self.cancel)
        column.addLayout(first)
        column.addWidget(self.words)
        column.addWidget(self.bar)

    def show_job(self, run: "RunState", job: "RunState") -> None:
        """How it is with it."""
        title = f"{judging_words(job)} of {run_title(run)}"
        set_text(self.title, title)
        set_tip(self.title, title)
        set_name(self.bar, f"How much is done of the {title[:1].lower()}{title[1:]}")
        set_name(self.cancel, f"Cancel the {title[:1].lower()}{title[1:]}")
        set_text(self.words, report_words(job))
        works = job.state == "running"
        self.bar.setVisible(works)
        self.bar.setRange(0, job.steps if works else 1)
        self.bar.setValue(job.step if works else 0)


class Judging(QWidget):
    """Seen while there is one."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(SectionTitle("Beside the runs"))
        self.rows: dict[Path, JudgingRow] = {}

    def show_runs(self, runs: "Sequence[RunState]") -> None:
        """Show what judges one of these, in the order of the runs."""
        jobs = {job.folder: (run, job) for run in runs for job in run.beside if job.state in REPORT_ASKED}
        for folder in [folder for folder in self.rows if folder not in jobs]:
            row = self.rows.pop(folder)
            row.hide()
            row.deleteLater()
        for folder, (run, job) in jobs.items():
            if folder not in self.rows:
                self.rows[folder] = row = JudgingRow(self._session)
                row.cancel.clicked.connect(partial(self._on_cancel, folder))
                self._column.addWidget(row)
            self.rows[folder].show_job(run, job)
        self._jobs = {folder: job for folder, (_, job) in jobs.items()}
        self.setVisible(bool(jobs))

    def _on_cancel(self, folder: "Path") -> None:
        self._session.side_tests.cancel(self._jobs[folder])


def judging_words(job: "RunState") -> str:
    """What such a job is, as a title begins."""
    from ml.learning_curve.folder import CURVE_FOLDER
    from ml.report_job import REPORT_FOLDER

    own = {REPORT_FOLDER: "report", CURVE_FOLDER: "learning curve"}
    words = own.get(job.run_id) or side_words(job)
    return words[:1].upper() + words[1:]
