"""Watches the run folders of the open project and tells the panels what changed.

The folders are read on a worker thread, one reading at a time; whoever is alive starts the next run in the queue, so
the watch does that too. The run folder is the contract: a run started on the command line shows up here.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.core.errors import AppError
from viewer.ui.flows.run_words import REPORT_ASKED, REPORT_STOPPED, curve_end_words, report_end_words
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ml.learning_curve.asked import CurveWish
    from viewer.jobs.runs import Known, RunState
    from viewer.ui.state.session import Session

POLL_MS = 1000


class JobWatch(QObject):
    """The runs of the open project, newest first, as they stand on the disk."""

    runs_changed = Signal(object)  # tuple[RunState, ...]
    run_ended = Signal(object)  # RunState that was running at the last look and no longer is
    run_selected = Signal(object)  # RunState | None

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.runs: tuple[RunState, ...] = ()
        self.selected_id = ""
        self._several: tuple[str, ...] = ()
        self.told_report: tuple[str, RunState | None] = ("", None)  # the last sentence that a report is done, its run
        self._asked: dict[str, RunState | None] = {}  # by run: its report as it was when another was asked for
        self._reading: Path | None = None
        self._known: dict[Path, Known] = {}  # what was read of the open project; one reading at a time has it
        self._look_again = False  # what is being read was changed here meanwhile
        self._watched: Path | None = None
        self._first_look = True  # what runs already when a project is opened was not started from here
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        session.project_opened.connect(self._on_project_opened)
        if session.project is not None:
            self._on_project_opened(session.project)

    def _on_project_opened(self, _project: object) -> None:
        if self.folder == self._watched:  # the same project with more images
            self.look()
            return
        self._watched = self.folder
        self.runs, self.selected_id, self._several, self._first_look = (), "", (), True
        self._asked.clear()
        self.runs_changed.emit(())
        self.look()

    @property
    def folder(self) -> Path | None:
        """The open project's folder."""
        return None if self._session.project is None else self._session.project.folder

    def look(self) -> None:
        """Read the run folders once, off the window's thread; once more where they are just being read."""
        folder = self.folder
        if folder is None:
            return
        if self._reading == folder:
            self._look_again = True
            return
        self._reading, self._look_again = folder, False
        if folder not in self._known:
            self._known = {folder: {}}
        known = self._known[folder]
        self._session.run_in_background(lambda: read(folder, known), self._on_read, self._on_failed)

    def _on_read(self, answer: tuple[Path, tuple[Any, ...]]) -> None:
        folder, runs = answer
        self._reading = None
        if self._look_again and folder == self.folder:  # what it says may be older than what is shown
            self.look()
            return
        self._timer.start(POLL_MS)
        if folder != self.folder or (runs == self.runs and not self._first_look):
            return
        before = {run.run_id: run.state for run in self.runs}
        reports = {run.run_id: run.report.state for run in self.runs if run.report is not None}
        curves = {run.run_id: run.curve.state for run in self.runs if run.curve is not None}
        first, self._first_look = self._first_look, False
        self.runs = runs
        for run in runs:
            if not first and run.state == "running" and before.get(run.run_id) != "running":
                self._session.trace("job_started", run=run.run_id, model=run.model, device=run.device)
        self._tell_facts()
        self.runs_changed.emit(runs)
        for run in runs:
            if before.get(run.run_id) in ("running", "queued") and run.state in ("finished", "failed", "cancelled"):
                self.run_ended.emit(run)
            self._tell_report(run, was=reports.get(run.run_id, ""))
            self._tell_curve(run, was=curves.get(run.run_id, ""))

    def _tell_report(self, run: "RunState", was: str) -> None:
        """Say that a report is done, or why there is none, wherever the person is by now. was: its state before."""
        report = run.report
        if report is None or report.state not in ("finished", "failed"):
            return
        asked_here = run.run_id in self._asked and self._asked[run.run_id] != report
        if not asked_here and was not in REPORT_ASKED:
            return
        self._asked.pop(run.run_id, None)
        sentence = report_end_words(run)
        if report.state == "failed":
            announce_until(self._session, "warn", sentence, self._session.project_opened)
            return
        self.told_report = (sentence, run)
        self._session.announced.emit("done", sentence)

    def _tell_curve(self, run: "RunState", was: str) -> None:
        """Say that a learning curve is done, or why there is none. was: its state before."""
        if run.curve is None or was not in REPORT_ASKED or run.curve.state not in ("finished", "failed"):
            return
        sentence = curve_end_words(run)
        if run.curve.state == "failed":
            announce_until(self._session, "warn", sentence, self._session.project_opened)
        else:
            self._session.announced.emit("info", sentence)

    def _on_failed(self, error: Exception) -> None:
        self._reading = None
        self._timer.start(5 * POLL_MS)
        if isinstance(error, AppError):
            announce_until(self._session, "warn", str(error), self.runs_changed, self._session.project_opened)

    @property
    def running(self) -> "RunState | None":
        """The run that works now."""
        return next((run for run in self.runs if run.state == "running"), None)

    @property
    def selected(self) -> "RunState | None":
        """The run whose curves are shown: the one chosen, else the one running, else the newest."""
        chosen = next((run for run in self.runs if run.run_id == self.selected_id), None)
        return chosen or self.running or (self.runs[0] if self.runs else None)

    @property
    def chosen(self) -> "tuple[RunState, ...]":
        """The runs that a command is about: the several that are chosen in a table, else the selected one."""
        several = tuple(run for run in self.runs if run.run_id in self._several)
        return several or (() if self.selected is None else (self.selected,))

    @property
    def folds(self) -> "tuple[RunState, ...]":
        """All runs of the training that the selected one is a fold of; () where it stands for itself."""
        run = self.selected
        if run is None or run.fold is None:
            return ()
        from viewer.jobs.folds import folds_of

        return folds_of(run, self.runs)

    def select_several(self, run_ids: "Sequence[str]") -> None:
        """Commands are about these; the first of them is the one that is shown."""
        self._several = tuple(run_ids)
        self.select(run_ids[0] if run_ids else "")

    def put(self, runs: "Sequence[RunState]") -> None:
        """Show these as they were just changed here, before the folders are read again."""
        by_id = {run.run_id: run for run in runs}
        self.runs = tuple(by_id.get(run.run_id, run) for run in self.runs)
        self._tell_facts()
        self.runs_changed.emit(self.runs)
        self.look()

    def drop(self, run_ids: "Sequence[str]") -> None:
        """These are gone."""
        self.runs = tuple(run for run in self.runs if run.run_id not in run_ids)
        self._several = ()
        self._tell_facts()
        self.runs_changed.emit(self.runs)
        self.look()

    def select(self, run_id: str) -> None:
        """Show this run's curves."""
        if run_id not in self._several:
            self._several = ()
        self.selected_id = run_id
        self._tell_facts()
        self.run_selected.emit(self.selected)

    def _tell_facts(self) -> None:
        run = self.selected
        state = "" if run is None else run.state
        report = "" if run is None or run.report is None else run.report.state
        self._session.set_fact("run_active", holds=state in ("queued", "running", "paused", "elsewhere"))
        self._session.set_fact("run_resumable", holds=state in ("cancelled", "failed", "elsewhere"))
        self._session.set_fact("runs_several", holds=len(self.runs) > 1)
        self._session.set_fact("run_chosen", holds=run is not None)
        self._session.set_fact("runs_chosen_several", holds=len(self.chosen) > 1)
        self._session.set_fact("run_finished", holds=state == "finished")
        states = {one.state for one in self.folds}
        self._session.set_fact("folds_chosen", holds=bool(states))
        self._session.set_fact("folds_active", holds=bool(states & {"queued", "running", "paused", "elsewhere"}))
        self._session.set_fact("folds_resumable", holds=bool(states & {"cancelled", "failed", "elsewhere"}))
        self._session.set_fact("folds_finished", holds=states == {"finished"})
        self._session.set_fact("report_active", holds=report in REPORT_ASKED)
        curve = "" if run is None or run.curve is None else run.curve.state
        self._session.set_fact("curve_active", holds=curve in REPORT_ASKED)
        self._session.set_fact("report_there", holds=report == "finished")
        may_ask = state == "finished" and (not report or report in REPORT_STOPPED)
        self._session.set_fact("report_wanted", holds=may_ask)

    def cancel(self, run: "RunState") -> None:
        """Ask a run to stop at its next step."""
        from viewer.jobs.queue import cancel

        self._act(lambda: cancel(run.folder))

    def resume(self, run: "RunState") -> None:
        """Queue again what was cancelled, failed or killed, from its last finished epoch; or a run from elsewhere."""
        from viewer.jobs.queue import resume

        self._act(lambda: resume(run.folder))

    def evaluate(self, run: "RunState", *, seen_anyway: bool = False, snapshot_id: str = "") -> None:
        """Queue the report of a finished run on its test part, also where it waits elsewhere. snapshot_id: another
        snapshot than its own."""
        from viewer.jobs.queue import start_next
        from viewer.jobs.reports import ask_for_report

        def ask() -> None:
            ask_for_report(run.folder, seen_anyway=seen_anyway, snapshot_id=snapshot_id)
            start_next(run.folder.parent.parent)

        self._asked[run.run_id] = run.report
        self._act(ask)

    def cancel_report(self, run: "RunState") -> None:
        """Ask a run's report to stop; nothing of it is kept."""
        from viewer.jobs.queue import cancel

        report = run.report
        if report is not None:
            self._act(lambda: cancel(report.folder))

    def make_curve(
        self, run: "RunState", wish: "CurveWish", *, asked: "Callable[[], None]",
        failed: "Callable[[Exception], None]", owner: QObject,
    ) -> None:  # fmt: skip
        """Queue a run's learning curve; asked: called once it is."""
        from viewer.jobs.learning_curves import ask_for_curve
        from viewer.jobs.queue import start_next

        def ask() -> None:
            ask_for_curve(run.folder, wish)
            start_next(run.folder.parent.parent)

        def done(_: object) -> None:
            self.look()
            asked()

        self._session.run_in_background(ask, done, failed, owner=owner)

    def cancel_curve(self, run: "RunState") -> None:
        """Ask a run's learning curve to stop; what was trained is kept."""
        from viewer.jobs.queue import cancel

        curve = run.curve
        if curve is not None:
            self._act(lambda: cancel(curve.folder))

    def _act(self, action: Any) -> None:
        self._session.run_in_background(action, lambda _: self.look(), self._session.announce_failure)


def read(folder: Path, known: "Known | None" = None) -> "tuple[Path, tuple[RunState, ...]]":
    """Start the next run of the queue if none works, then read every run folder, newest first."""
    from viewer.project.project import RUNS

    if next((folder / RUNS).glob("*"), None) is None:
        return folder, ()  # nothing waits or ran, so what starts and reads runs is not loaded
    from viewer.jobs.queue import start_next
    from viewer.jobs.runs import list_runs

    runs = list_runs(folder, known)
    if _waits_for_a_start(runs):  # which reads every folder anew
        start_next(folder)
        runs = list_runs(folder, known)
    return folder, tuple(sorted(runs, key=lambda run: run.run_id, reverse=True))


def _waits_for_a_start(runs: "Sequence[RunState]") -> bool:
    """Whether a run or a job beside one waits and none works."""
    states = {one.state for run in runs for one in (run, *run.beside)}
    return "queued" in states and not states & {"running", "paused"}
