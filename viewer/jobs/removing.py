"""Deleting a run: first what hangs on it, then all of it at once.

The folder is renamed into `runs/.removed`, where nothing lists or starts it, and emptied there: whatever ends the
program in between, no half of a run is left among the runs. What stays: the model that is kept of it (unless it is to
go too), what that model has answered in the project, and every opening of the test part, which is counted with the
snapshots.
"""

import logging
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ml.events import LOCK_FILE
from ml.learning_curve.folder import CURVE_FOLDER
from ml.report_job import REPORT_FOLDER, side_reports
from ml.starts import start_name
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadRequest, NotFound, NotWritable
from viewer.core.text.counting import counted
from viewer.core.text.titles import run_title
from viewer.jobs.orders import drop_order
from viewer.jobs.runs import RunState, RunStatus, reports_of, runs_folder
from viewer.project.disk.held_lock import Held, HeldLock
from viewer.project.lists.model_answers import ModelAnswers
from viewer.project.project import MODELS
from viewer.reading.sources.private_files import beside

log = logging.getLogger(__name__)

REMOVED = ".removed"
AT_WORK = (RunStatus.RUNNING, RunStatus.PAUSED)
WAITS = (RunStatus.QUEUED, RunStatus.ELSEWHERE)
_HASH = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """What hangs on a run.

    size_bytes: of its folder. report, curve: it has one. model: the folder of the model that is kept of it, None
    without one; model_bytes: its size. began: other runs that began with its weights, as the window calls them.
    answers: what its model has answered in the project. refused: why it cannot be deleted now, "" where it can;
    model_refused: why its kept model cannot.
    """

    title: str
    size_bytes: int = 0
    report: bool = False
    curve: bool = False
    model: Path | None = None
    model_bytes: int = 0
    began: tuple[str, ...] = ()
    answers: ModelAnswers = field(default_factory=ModelAnswers)
    refused: str = ""
    model_refused: str = ""

    @property
    def goes(self) -> list[str]:
        """What is gone for good, each as a sentence."""
        lines = [f"Its folder goes for good ({size_words(self.size_bytes)}): settings, curves, log and checkpoints."]
        if self.report:
            lines.append("Its report goes too: figures, curves and the table of its cases.")
        if self.curve:
            lines.append("Its learning curve goes too, with all that was trained for it.")
        if self.began:
            verb = "begins" if len(self.began) == 1 else "begin"
            lines.append(
                f"{_names(self.began)} began with its weights and {'keeps' if verb == 'begins' else 'keep'} what was "
                "learnt, but cannot be begun again from it."
            )
        return lines

    def stays_with(self, *, with_model: bool = False) -> list[str]:
        """What stays, each as a sentence. with_model: the kept model goes too, which is said instead."""
        lines = []
        if self.model is not None and with_model:
            lines.append(f"The model that is kept of it goes for good ({size_words(self.model_bytes)}).")
        elif self.model is not None:
            lines.append(
                f"Its model is kept ({size_words(self.model_bytes)}): it can be asked, and trained on from, as before."
            )
        if self.answers.answers:
            decided = (
                f", {counted(self.answers.decided, 'proposal')} of them decided on" if self.answers.decided else ""
            )
            lines.append(f"{counted(self.answers.answers, 'answer')} of its model in the project{decided}: they stay.")
        lines.append("How often its test part was opened stays counted.")
        return lines


def what_hangs(run: RunState, runs: Sequence[RunState], answers: ModelAnswers | None = None) -> Hanging:
    """What is said before a run is deleted. runs: all of the project. answers: of its model. Reads the disk."""
    others = [one for one in runs if one.run_id != run.run_id]
    began = [one for one in others if began_from(one, run.run_id)]
    model = _model_folder(run)
    name = "" if model is None else model.name
    shared = [one for one in others if name and one.model_hash[:16] == name]
    from_model = [one for one in others if name and began_from(one, name)]
    return Hanging(
        title=called(run),
        size_bytes=_size(run.folder),
        report=bool(reports_of(run)),
        curve=run.curve is not None,
        model=model,
        model_bytes=0 if model is None else _size(model),
        began=tuple(called(one) for one in began),
        answers=answers or ModelAnswers(),
        refused=_why_not(run, began),
        model_refused=_needed("The kept model", from_model)
        or (f"{_names([called(one) for one in shared])} has the very same model." if shared else ""),
    )


def called(run: RunState) -> str:
    """As every list has it."""
    return run_title(run.title or run.task, run.run_id)


def began_from(run: RunState, name: str) -> bool:
    """Whether a run began with the weights of the run or kept model of this name; a beginning of it counts."""
    init = run.recipe.get("init")
    start = start_name(init) if isinstance(init, str) else ""
    return len(start) >= 4 and name.startswith(start)


def remove_run(run: RunState, runs: Sequence[RunState], *, with_model: bool = False) -> None:
    """Delete a run with all that lies in its folder, and with_model the model that is kept of it.

    Raises BadRequest where it works or something that waits needs it; NotFound where it has gone; NotWritable.
    """
    hanging = what_hangs(run, runs)
    if hanging.refused or (with_model and hanging.model_refused):
        raise BadRequest(hanging.refused or hanging.model_refused)
    if not run.folder.is_dir():
        raise NotFound(f"{run.folder} is not there any more.")
    project = run.folder.parent.parent
    with _locked(run):
        _refuse_link(run.folder)
        drop_order(run.folder)
        for folder in (run.folder / REPORT_FOLDER, run.folder / CURVE_FOLDER, *side_reports(run.folder)):
            drop_order(folder)
    # Without its order nobody starts it any more; Windows renames no folder in which a file is open.
    _put_away(run.folder, runs_folder(project))
    if with_model and hanging.model is not None:
        _refuse_link(hanging.model)
        _put_away(hanging.model, project / MODELS)
    for parent in (runs_folder(project), project / MODELS):
        _empty(parent / REMOVED)


def _why_not(run: RunState, began: Sequence[RunState]) -> str:
    if run.state in AT_WORK:
        return f"{called(run)} is at work; cancel it first, then delete it."
    if any(report.state in AT_WORK for report in reports_of(run)):
        return f"The report of {called(run)} is being made; cancel that first, or wait for it."
    if run.curve is not None and run.curve.state in AT_WORK:
        return f"The learning curve of {called(run)} is being made; cancel that first, or wait for it."
    return _needed(called(run), began)


def _needed(what: str, began: Sequence[RunState]) -> str:
    """Why something cannot go that others have still to read; "" where none has."""
    waiting = [called(one) for one in began if one.state in (*WAITS, *AT_WORK)]
    if not waiting:
        return ""
    return f"{what} is where {_names(waiting)} begins, which is not over yet; wait for it, or cancel it first."


@contextmanager
def _locked(run: RunState) -> Iterator[None]:
    """Nobody starts the run or its report meanwhile. Raises BadRequest where somebody works on one of them."""
    with ExitStack() as stack:
        beside = run.folder / REPORT_FOLDER, run.folder / CURVE_FOLDER, *side_reports(run.folder)
        for folder in (run.folder, *beside):
            if not folder.is_dir() or folder.is_symlink():
                continue
            try:
                stack.callback(HeldLock.take(folder / LOCK_FILE).release)
            except Held as held:
                raise BadRequest(f"{called(run)} is being worked on by {held.holder.words}; cancel it first.") from held
        yield


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise BadRequest(f"{folder} is a link to another place; remove the link by hand, nothing behind it is deleted.")


def _put_away(folder: Path, parent: Path) -> None:
    """Out of every list in one step. Raises NotWritable."""
    removed = parent / REMOVED
    try:
        removed.mkdir(exist_ok=True)
        if removed.is_symlink():
            raise NotWritable(f"{removed} is a link to another place; remove it, then delete the run again.")
        folder.rename(beside(removed / folder.name, ""))
    except OSError as error:
        raise cannot_be_written(folder, error) from error


def _empty(removed: Path) -> None:
    """Give the room back. What cannot go now goes with the next one that is deleted: nothing lists it."""
    if not removed.is_dir() or removed.is_symlink():
        return
    for folder in list(removed.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        removed.rmdir()
    except OSError:
        log.info("of what was deleted something is left", exc_info=True)


def _model_folder(run: RunState) -> Path | None:
    """The model that is kept of a run. Its hash comes from a file, so it names a folder only where it is a hash."""
    if not _HASH.fullmatch(run.model_hash):
        return None
    folder = run.folder.parent.parent / MODELS / run.model_hash[:16]
    return folder if folder.is_dir() else None


def _size(folder: Path) -> int:
    """Of all regular files in it; links are not followed."""
    total = 0
    for path in folder.rglob("*"):
        try:
            facts = path.lstat()
        except OSError:
            continue
        total += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return total


def size_words(size_bytes: int) -> str:
    """ "3.2 MB"; of less than a tenth "under 0.1 MB"."""
    if size_bytes >= 1e9:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else "under 0.1 MB"


def _names(several: Sequence[str]) -> str:
    shown = list(several[:3])
    more = len(several) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if len(shown) != 2 or more else " and ".join(shown)
