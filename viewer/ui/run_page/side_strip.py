"""How it is with reports beside that on the own test part: each under its name, with what can be done now."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_name, set_text
from viewer.ui.panels.run_report import ReportStrip

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.run_page.aside import SideFacts


class SideStrips(QWidget):
    """A heading and a strip for each."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._made: dict[Path, tuple[Paragraph, ReportStrip]] = {}
        self._jobs: dict[Path, tuple[RunState, RunState]] = {}

    def strip(self, folder: "Path") -> ReportStrip:
        """That of a report's folder."""
        return self._made[folder][1]

    @property
    def folders(self) -> "tuple[Path, ...]":
        """Those of the reports that are shown."""
        return tuple(self._made)

    def heading(self, folder: "Path") -> str:
        """What stands above that of a report's folder."""
        return self._made[folder][0].text()

    def show_jobs(
        self, jobs: "Sequence[tuple[RunState, RunState, SideFacts | None]]", *, names: "Mapping[str, str] | None" = None
    ) -> None:
        """Show these; what was shown of others goes. jobs: the run that each lies with, itself, what is read of it.
        names: headings by the name of each job's folder, for those that no site is named of."""
        self._jobs = {job.folder: (run, job) for run, job, _ in jobs}
        for folder in [folder for folder in self._made if folder not in self._jobs]:
            for widget in self._made.pop(folder):
                widget.hide()
                widget.deleteLater()
        for _, job, facts in jobs:
            heading, strip = self._made.get(job.folder) or self._make(job.folder)
            where = ("" if facts is None else facts.where) or (names or {}).get(job.run_id, "")
            set_text(heading, where)
            heading.setVisible(bool(where))
            set_name(strip, where)
            strip.show_report(job)
            if facts is not None and facts.why_not:
                set_text(strip.refusal_words, facts.why_not)
                strip.refusal.show()
        self.setVisible(bool(jobs))

    def _make(self, folder: "Path") -> tuple[Paragraph, ReportStrip]:
        made = Paragraph("strong"), ReportStrip(self._session)
        strip = made[1]
        strip.evaluate_asked.connect(partial(self._on_again, folder))
        strip.cancel_asked.connect(partial(self._on_cancel, folder))
        strip.open_asked.connect(partial(self._on_open, folder))
        for widget in made:
            self._column.addWidget(widget)
        self._made[folder] = made
        return made

    def _on_again(self, folder: "Path", seen_anyway: bool) -> None:  # noqa: FBT001  # as the signal tells it
        self._session.side_tests.ask_again(self._jobs[folder][1], seen_anyway=seen_anyway)

    def _on_cancel(self, folder: "Path") -> None:
        self._session.side_tests.cancel(self._jobs[folder][1])

    def _on_open(self, folder: "Path") -> None:
        from viewer.ui.dialogs.run_report import RunReportDialog

        run, job = self._jobs[folder]
        RunReportDialog(self._session, run, self.window(), name=job.folder.name).open()
