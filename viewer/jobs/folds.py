"""The folds of one training: runs that share a name, one for each fold of their snapshot. No torch, no Qt.

They are one job to whoever asked for all of them: they are stopped, gone on with and judged together.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ml.inference.folds_as_one import keep_as_one
from ml.report_job import AS_ONE, FOLDS, ReportWish, project_of_job
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadRequest, NotFound
from viewer.jobs.queue import cancel, resume
from viewer.jobs.reports import ask_for_side_report
from viewer.jobs.runs import OVER, RunState, RunStatus, read_run
from viewer.project.project import MODELS

RESUMED = (RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.ELSEWHERE)


def folds_of(run: RunState, runs: Sequence[RunState]) -> tuple[RunState, ...]:
    """The folds of the training that a run is one of, in their order, a fold done twice by its newer run; () where the
    run stands for itself."""
    if run.fold is None:
        return ()
    snapshot = run.recipe.get("snapshot_id")
    newest: dict[int, RunState] = {}
    for other in sorted(runs, key=lambda one: one.run_id):
        if other.fold is not None and other.name == run.name and other.recipe.get("snapshot_id") == snapshot:
            newest[other.fold] = other
    return tuple(newest[fold] for fold in sorted(newest)) if len(newest) > 1 else ()


def folds_words(run: RunState, folds: Sequence[RunState]) -> str:
    """Which of them a run is, and how far all are: "fold 2, 1 of 5 folds finished"."""
    done = sum(one.state is RunStatus.FINISHED for one in folds)
    return f"fold {run.fold}, {done} of {len(folds)} folds finished"


def cancel_folds(folds: Sequence[RunState]) -> None:
    """Stop all that are not over, those that wait first, so that none starts in between. Raises BadRequest where all
    are over; NotWritable."""
    open_ones = [run.folder for run in map(_now, folds) if run.state not in OVER]
    if not open_ones:
        raise BadRequest("All folds are over; there is nothing to cancel.")
    for folder in sorted(open_ones, key=lambda one: read_run(one).state in (RunStatus.RUNNING, RunStatus.PAUSED)):
        if read_run(folder).state not in OVER:
            cancel(folder)


def resume_folds(folds: Sequence[RunState]) -> list[Path]:
    """Queue all that were cancelled, failed or killed again, in their order: the one that was at work goes on from its
    last checkpoint, the others begin. The caller starts the first. Raises BadRequest where there is none; NotWritable.
    """
    stopped = [run.folder for run in map(_now, folds) if run.state in RESUMED]
    if not stopped:
        raise BadRequest("No fold was cancelled or has failed; there is nothing to resume.")
    for folder in stopped:
        resume(folder)
    return stopped


def ask_folds(folds: Sequence[RunState], *, as_one: bool = False) -> Path:
    """Queue the report of all folds, each judged on what it held out, or as one model on the test part that they share;
    returns the job's folder. Raises as `reports.ask_for_side_report`."""
    wish = ReportWish(runs=tuple(run.run_id for run in folds), as_one=as_one)
    return ask_for_side_report(folds[0].folder, AS_ONE if as_one else FOLDS, wish)


def keep_folds(folds: Sequence[RunState]) -> Path:
    """Keep the folds as one model of the project, which is asked like any other; returns its folder, the same again
    where it is kept already. Raises BadRequest where a fold has not finished or their kind has no mean; BadModel where
    one cannot be read; NotWritable."""
    waiting = [run.run_id for run in map(_now, folds) if run.state is not RunStatus.FINISHED]
    if waiting:
        raise BadRequest(f"{', '.join(waiting)} has not finished; wait for it or resume it first.")
    return keep_as_one([run.folder for run in folds], project_of_job(folds[0].folder) / MODELS)


def save_scores(table: Path, where: Path) -> None:
    """A copy of the scores out of fold. Raises NotFound where they have gone, NotWritable."""
    if not table.is_file():
        raise NotFound(f"{table} is not there any more; judge the folds again.")
    try:
        shutil.copyfile(table, where)
    except (OSError, shutil.SameFileError) as error:
        raise cannot_be_written(where, error) from error


def _now(run: RunState) -> RunState:
    return read_run(run.folder)
