"""Tests of a model beside the one on its own test part: on other projects, and of the folds of a training together.

They are jobs of the queue like a run's report; this asks for them, stops them, and says when one is done.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.ui.flows.run_words import run_title
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.worker import while_there

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.state.session import Session

ON_ITS_WAY = ("queued", "running", "paused")


class SideTests(QObject):
    """Follows the runs of the open project."""

    def __init__(self, session: "Session", watch: "JobWatch") -> None:
        super().__init__(session)
        self._session, self._watch = session, watch
        self._works: set[Path] = set()  # what was on its way at the last look
        watch.runs_changed.connect(self._on_runs)
        self._on_runs(watch.runs)

    def ask_external(
        self,
        runs: "Sequence[RunState]",
        home: "Path",
        snapshot_id: str,
        *,
        seen_anyway: bool = False,
        done: "Callable[[], None]",
        failed: "Callable[[Exception], None]",
        owner: QObject,
    ) -> None:
        """Queue the test of one run, or of folds as one model, on another project's snapshot. done, failed: told of it
        as long as their owner is there."""

        def ask() -> "Path":
            from viewer.jobs.external import ask_external

            return ask_external(runs, home, snapshot_id, seen_anyway=seen_anyway)

        self._queue(ask, runs[0], while_there(owner, done), while_there(owner, failed))

    def ask_again(self, report: "RunState", *, seen_anyway: bool = False) -> None:
        """Queue anew what was cancelled or refused, as it was asked for."""
        run_folder = report.folder.parent
        run = next((one for one in self._watch.runs if one.folder == run_folder), None)

        def ask() -> "Path":
            from viewer.jobs.reports import ask_side_again

            return ask_side_again(report.folder, seen_anyway=seen_anyway)

        if run is not None:
            self._queue(ask, run)

    def ask_folds(self, folds: "Sequence[RunState]", *, as_one: bool = False) -> None:
        """Queue the report of all folds: each on what it held out, or as one model on the test part they share."""

        def ask() -> "Path":
            from viewer.jobs.folds import ask_folds

            return ask_folds(folds, as_one=as_one)

        self._queue(ask, folds[0])

    def cancel_folds(self, folds: "Sequence[RunState]") -> None:
        """Stop all folds that are not over."""

        def stop() -> None:
            from viewer.jobs.folds import cancel_folds

            cancel_folds(folds)

        self._act(stop)

    def resume_folds(self, folds: "Sequence[RunState]") -> None:
        """Go on with all folds that were stopped, from the one that was at work."""
        project = folds[0].folder.parent.parent

        def go_on() -> None:
            from viewer.jobs.folds import resume_folds
            from viewer.jobs.queue import start_next

            resume_folds(folds)
            start_next(project)

        self._act(go_on)

    def cancel(self, report: "RunState") -> None:
        """Ask one to stop; nothing of it is kept."""

        def stop() -> None:
            from viewer.jobs.queue import cancel

            cancel(report.folder)

        self._act(stop)

    def _act(self, act: "Callable[[], None]") -> None:
        self._session.run_in_background(act, lambda _: self._watch.look(), self._session.announce_failure)

    def _queue(
        self,
        ask: "Callable[[], Path]",
        run: "RunState",
        done: "Callable[[], None] | None" = None,
        failed: "Callable[[Exception], None] | None" = None,
    ) -> None:
        project = run.folder.parent.parent

        def work() -> "Path":
            from viewer.jobs.queue import start_next

            folder = ask()
            start_next(project)
            return folder

        def queued(folder: "Path") -> None:
            self._works.add(folder)
            self._watch.look()
            if done is not None:
                done()

        self._session.run_in_background(work, queued, failed or self._session.announce_failure)

    def _on_runs(self, runs: "Sequence[RunState]") -> None:
        for run in runs:
            for report in run.side_reports:
                if report.state in ON_ITS_WAY:
                    self._works.add(report.folder)
                elif report.folder in self._works:
                    self._works.discard(report.folder)
                    self._tell(run, report)

    def _tell(self, run: "RunState", report: "RunState") -> None:
        what = f"The {side_words(report)} of {run_title(run)}"
        if report.state == "failed":
            announce_until(self._session, "warn", f"{what} was not made: {report.error}", self._session.project_opened)
        elif report.state == "finished":
            self._session.announced.emit("done", f"{what} is done{f': {report.said}' if report.said else ''}.")


def side_words(report: "RunState") -> str:
    """What such a job is, within a sentence."""
    from ml.report_job import AS_ONE, EXTERNAL

    if report.run_id.startswith(EXTERNAL):
        return "external test"
    return "test of the folds as one model" if report.run_id == AS_ONE else "report of all folds"
